"""The grammar of composition as the rows of its page."""

from mechkg.kg.search.grammar import read_grammar


def step_rows() -> list[str]:
    """Return one row a step, in the order in which they decide."""
    return [
        f"| {s.id} | {', '.join(s.before)} | {', '.join(s.middle)} | {', '.join(s.after)} "
        f"| {s.weight:g} | {s.assumption} | {s.reason} |"
        for s in read_grammar().steps
    ]


def aspect_rows() -> list[str]:
    """Return one row for each pair of aspects that is not refused."""
    return [
        f"| {before} | {after} | {weight:g} | {assumption} |"
        for (before, after), (weight, assumption) in read_grammar().aspects.items()
    ]
