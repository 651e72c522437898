"""The load report: every record has one outcome, and nothing is lost without a word."""

from contextlib import suppress
from pathlib import Path

import pytest

from mechkg.kg.build.load import load
from mechkg.kg.errors import LoadRefused
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.load_report import LoadReport
from tests.kg.readers.loading import read

NODES = "id\tname\tcategory\tdescription\n"
EDGES = "subject\tpredicate\tobject\tnegated\n"


def reported(folder: Path, *paths: Path, strict: bool = False) -> LoadReport:
    """The report of a load, which may be refused."""
    reports: list[LoadReport] = []
    schema = biolink_schema()
    with suppress(LoadRefused):
        load(paths, folder / "data", name="g", schema=schema, strict=strict,
             on_report=reports.append)  # fmt: skip
    (report,) = reports
    return report


def assert_accounted_for(report: LoadReport) -> None:
    for count in (*report.files, *report.graph):
        assert count.seen == count.accounted_for, count


def test_two_descriptions_of_an_entity_are_merged_without_loss(tmp_path: Path) -> None:
    rows = "a:1\tx\tbiolink:Gene\tone\n", "a:1\ty\tbiolink:Drug\ttwo\n"
    (tmp_path / "n.tsv").write_text(NODES + "".join(rows))
    table = read(tmp_path / "n.tsv")
    entity = table.entities["a:1"]
    assert {entity.name, *entity.synonyms} == {"x", "y"}
    assert {entity.category, entity.attributes["category"]} == {"biolink:Gene", "biolink:Drug"}
    assert {entity.description, entity.attributes["description"]} == {"one", "two"}
    (tmp_path / "n.jsonl").write_text(
        '{"id": "a:1", "name": "x", "category": "biolink:Gene", "description": "one"}\n'
        '{"id": "a:1", "name": "y", "category": "biolink:Drug", "description": "two"}\n'
    )
    lines = read(tmp_path / "n.jsonl").entities["a:1"]
    assert lines == entity, "one rule, whatever the format"
    count = table.loaded.report.files[0]
    assert (count.seen, count.kept, count.merged) == (2, 1, 1)
    (reason,) = (reason for reason in count.reasons if "described differently" in reason.reason)
    assert [(e.line, e.text) for e in reason.examples] == [(3, "a:1, see line 2")]


@pytest.mark.parametrize("suffix", ["tsv", "csv"])
def test_each_row_of_a_faulty_table_is_accounted_for(tmp_path: Path, suffix: str) -> None:
    rows = [
        "a:1\tp\ta:2\t", "a:\u200b1\tp\ta:\u200b2\t", "a:1\tp\ta:3\tmaybe", "a:1\tp\ta:4\tmaybe",
        "\tp\ta:2\t", "a:1\tp\ta:5\ttrue",
    ]  # fmt: skip
    text = EDGES + "".join(f"{row}\n" for row in rows)
    path = tmp_path / f"e.{suffix}"
    path.write_text(text if suffix == "tsv" else text.replace("\t", ","))
    report = reported(tmp_path, path)
    (count,) = report.files
    assert (count.kind, count.seen, count.kept, count.refused) == ("statement", 6, 2, 4)
    assert_accounted_for(report)


def test_ends_that_no_record_describes_are_counted(tmp_path: Path) -> None:
    (tmp_path / "n.tsv").write_text(NODES + "a:1\tx\tbiolink:Gene\t\n")
    (tmp_path / "e.tsv").write_text(EDGES + "a:1\tp\ta:9\t\na:1\tp\ta:9\t\n")
    report = reported(tmp_path, tmp_path / "n.tsv", tmp_path / "e.tsv")
    assert report.ends_without_record == 1
    assert_accounted_for(report)
    statements = report.graph[1]
    assert (statements.seen, statements.kept, statements.merged) == (2, 1, 1)
