"""The load report for people: one row per file and kind of record, then the reasons."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from mechkg.api.cli.tables import print_line, print_table
from mechkg.kg.model.load_report import (
    CorroborationMethod,
    CuratedMethod,
    LoadReport,
    Reason,
    RecordCount,
    Vocabulary,
)

__all__ = [
    "corroboration_sentence",
    "curated_sentence",
    "loss_sentence",
    "print_report",
    "vocabulary_sentence",
]

MAX_SHOWN: Final = 20
"""Reasons that the table shows."""
FAMILIES: Final = MappingProxyType(
    {
        "hetionet": "Hetionet's",
        "drugmechdb": "DrugMechDB's",
        "signor": "SIGNOR's",
        "ro": "those of the Relation Ontology",
        "skos": "those of SKOS",
        "biolink": "Biolink's",
    }
)
"""How a sentence names the vocabularies that are known without a declaration."""
COLUMNS: Final = (
    "file", "format", "records", "seen", "kept", "merged", "replaced", "passed over", "refused",
)  # fmt: skip


def print_report(report: LoadReport) -> None:
    """Print what became of every record, and why records were lost or changed."""
    print_table(COLUMNS, map(_row, (*report.files, *report.graph)))
    reasons = [(count, reason) for count in report.files for reason in count.reasons]
    if reasons:
        print_table(
            ("outcome", "records", "reason", "where"),
            (
                (reason.outcome.replace("_", " "), _number(count, reason), reason.reason,
                 _where(reason))
                for count, reason in reasons[:MAX_SHOWN]
            ),
        )  # fmt: skip
        if len(reasons) > MAX_SHOWN:
            print_line(f"{len(reasons) - MAX_SHOWN:,} more; --json gives all.")
    for vocabulary in report.vocabularies:
        print_line(vocabulary_sentence(vocabulary))
    if report.ends_without_record:
        entities = report.graph[0].kept + report.ends_without_record
        print_line(
            f"{report.ends_without_record:,} of {entities:,} entities are named by statements "
            "only: no record says what they are."
        )
    if report.curated is not None:
        print_line(curated_sentence(report.curated))


def corroboration_sentence(method: CorroborationMethod | None) -> str:
    """Return how the statements of a graph were corroborated.

    >>> corroboration_sentence(CorroborationMethod(most_neighbours=300, share=0.25, error=0.042))
    'by 25 % of all routes: scores are off by 4.2 %'
    >>> corroboration_sentence(None)
    'none'
    """
    if method is None:
        return "none"
    if method.share == 1:
        return "by all routes"
    return (
        f"by {100 * method.share:.3g} % of all routes: scores are off by {100 * method.error:.2g} %"
    )


def curated_sentence(method: CuratedMethod) -> str:
    """Return how much of the curated mechanisms of a load the graph says.

    >>> curated_sentence(CuratedMethod(mechanisms=2, steps=1_900, found=1_600, statements=1_700))
    '2 curated mechanisms: 1,600 of 1,900 steps are in the graph, 1,700 statements are used.'
    """
    noun = "mechanism" if method.mechanisms == 1 else "mechanisms"
    used = "statement is" if method.statements == 1 else "statements are"
    return (
        f"{method.mechanisms:,} curated {noun}: {method.found:,} of {method.steps:,} steps are in "
        f"the graph, {method.statements:,} {used} used."
    )


def vocabulary_sentence(vocabulary: Vocabulary) -> str:
    """Return how some predicates of a graph were understood.

    >>> vocabulary_sentence(Vocabulary("hetionet", 16, 765_796))
    "16 predicates (765,796 statements) were recognised as Hetionet's."
    >>> vocabulary_sentence(Vocabulary("", 1, 2))
    '1 predicate (2 statements) is known by its name only: --predicates FILE says what it means.'
    """
    one, many = vocabulary.predicates == 1, vocabulary.statements != 1
    begin = (
        f"{vocabulary.predicates:,} predicate{'' if one else 's'} "
        f"({vocabulary.statements:,} statement{'s' if many else ''})"
    )
    if not vocabulary.name:
        is_known, its, means = ("is", "its name", "it means") if one else (
            "are", "their names", "they mean"
        )  # fmt: skip
        return f"{begin} {is_known} known by {its} only: --predicates FILE says what {means}."
    was = "was" if one else "were"
    if vocabulary.name in FAMILIES:
        return f"{begin} {was} recognised as {FAMILIES[vocabulary.name]}."
    return f"{begin} {was} read as {vocabulary.name} declares."


def loss_sentence(report: LoadReport) -> str:
    """Return one sentence on what was lost.

    >>> loss_sentence(LoadReport(files=(), graph=()))
    'Nothing was refused.'
    """
    lost = sum(count.passed_over for count in report.files)
    if not lost:
        return "Nothing was refused."
    verb = "record was" if lost == 1 else "records were"
    return f"{lost:,} {verb} passed over; the table says which."


def _row(count: RecordCount) -> tuple[object, ...]:
    return (
        count.file, count.format, count.kind, count.seen, count.kept, count.merged,
        count.replaced, count.passed_over, count.refused,
    )  # fmt: skip


def _number(count: RecordCount, reason: Reason) -> str:
    return f"{reason.count:,} {count.kind}" if reason.count else count.kind


def _where(reason: Reason) -> str:
    places = [
        f"{e.file}{'' if e.line is None else f':{e.line}'}{f' ({e.text})' if e.text else ''}"
        for e in reason.examples
    ]
    return "; ".join(places)
