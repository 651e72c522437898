"""The findings of the reviews, tried again: `python -m bench.attacks`."""
