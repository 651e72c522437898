"""MechKG and its peers on the same graphs and questions, each in its own process.

`python -m bench` measures and writes `RESULTS.md`; nothing in that file is typed in by hand.
"""
