"""The load report for people: one row per file and kind of record, then the reasons."""

from __future__ import annotations

from typing import Final

from mechkg.api.cli.tables import print_line, print_table
from mechkg.kg.model.load_report import LoadReport, Reason, RecordCount

__all__ = ["loss_sentence", "print_report"]

MAX_SHOWN: Final = 20
"""Reasons that the table shows."""
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
    if report.ends_without_record:
        entities = report.graph[0].kept + report.ends_without_record
        print_line(
            f"{report.ends_without_record:,} of {entities:,} entities are named by statements "
            "only: no record says what they are."
        )


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
