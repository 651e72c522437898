"""Node and edge tables: what they keep, and how each fault is refused."""

import csv
import io
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechkg.kg.errors import DataError, LoadRefused
from mechkg.kg.model.values import Evidence, Qualifier
from tests.kg.readers.loading import DATA, gzipped, read

EDGES = "subject\tpredicate\tobject\n"
NODES = "id\tname\tcategory\n"


def write(folder: Path, **files: str) -> list[Path]:
    paths = []
    for stem, text in files.items():
        path = folder / f"{stem}.tsv"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def test_hetionet_is_read_as_it_stands() -> None:
    found = read(DATA / "hetio-nodes.tsv", DATA / "hetio-edges.tsv")
    with (DATA / "hetio-edges.tsv").open() as file:
        rows = [tuple(row) for row in csv.reader(file, delimiter="\t")][1:]
    assert found.triples == set(rows)
    assert len(found.statements) == len(rows) == 59
    disease = found.entities["DOID:2377"]
    assert (disease.name, disease.category) == ("multiple sclerosis", "biolink:Disease")
    assert all(s.sign is None for s in found.statements)
    assert {e.source for s in found.statements for e in s.evidence} == {"hetio-edges.tsv"}
    assert [(t.entities, t.statements) for t in found.loaded.files] == [(60, 0), (0, 59)]


def test_the_whole_part_of_hetionet_has_its_stated_counts(shared: Path) -> None:
    folder = shared / "data" / "hetio"
    found = read_counts(folder / "nodes.tsv.gz", folder / "edges.tsv.gz")
    assert found == (47_031, 765_796)


def read_counts(*paths: Path) -> tuple[int, int]:
    from tempfile import TemporaryDirectory

    from mechkg.kg.build.load import load
    from mechkg.kg.model.biolink import biolink_schema
    from mechkg.kg.snapshot.snapshot import open_snapshot

    with TemporaryDirectory() as folder:
        path = load(paths, Path(folder), name="g", schema=biolink_schema()).path
        counts = open_snapshot(path).manifest.counts
        return counts.entities, counts.statements


def test_neither_the_order_of_files_nor_that_of_rows_changes_the_graph(tmp_path: Path) -> None:
    nodes, edges = DATA / "hetio-nodes.tsv", DATA / "hetio-edges.tsv"
    header, *rows = edges.read_text().splitlines()
    (tmp_path / "hetio-edges.tsv").write_text("\n".join([header, *rows[::-1]]))
    first, second = read(nodes, edges), read(tmp_path / "hetio-edges.tsv", nodes)
    assert first.statements == second.statements
    assert first.entities == second.entities


def test_kgx_columns_become_evidence_qualifiers_and_attributes(tmp_path: Path) -> None:
    (edges,) = write(
        tmp_path,
        e="id\tsubject\tpredicate\tobject\tprimary_knowledge_source\tpublications\t"
        "knowledge_level\tagent_type\tobject_direction_qualifier\tobject_aspect_qualifier\t"
        "negated\tp_value\n"
        "e1\tCHEBI:1\tbiolink:affects\tHGNC:2\tinfores:ctd\tPMID:1|PMID:2\tobservation\t"
        "manual_agent\tdecreased\tactivity\tfalse\t0.05\n"
        "e2\tCHEBI:1\tbiolink:affects\tHGNC:3\t\t\t\t\tincreased\tdegradation\tTrue\t\n"
        "e3\tCHEBI:1\tbiolink:treats\tHGNC:3\t\t\t\t\t\t\t\t\n",
    )
    by_id = {s.id: s for s in read(edges).statements}
    first = by_id["e1"]
    assert first.sign == -1
    assert not first.negated
    assert first.predicate == "affects"
    assert first.qualifiers == (
        Qualifier("object_aspect_qualifier", "activity"),
        Qualifier("object_direction_qualifier", "decreased"),
    )
    assert first.evidence == (
        Evidence(
            kind="literature",
            source="infores:ctd",
            publications=("PMID:1", "PMID:2"),
            knowledge_level="observation",
            agent_type="manual_agent",
        ),
    )
    assert first.attributes == {"p_value": "0.05"}
    second = by_id["e2"]
    assert second.negated
    assert second.sign is None, "more degradation is not more of the gene"
    assert second.evidence == (Evidence(kind="database", source="e.tsv"),)
    assert by_id["e3"].sign == -1, "the sign of treats in the schema"


def test_node_columns_fill_the_entity(tmp_path: Path) -> None:
    (nodes,) = write(
        tmp_path,
        n="id\tcategory\tname\tsynonym\txref\tdescription\tprovided_by\tiri\n"
        "CL:1\tbiolink:NamedThing|biolink:Cell\tglia\ta|b\tMESH:1\tA cell.\tinfores:x\thttp://a/1\n",
    )
    entity = read(nodes).entities["CL:1"]
    assert entity.category == "biolink:Cell"
    assert entity.synonyms == ("a", "b")
    assert entity.xrefs == ("MESH:1",)
    assert (entity.description, entity.provided_by, entity.iri) == (
        "A cell.", ("infores:x",), "http://a/1"
    )  # fmt: skip


def test_three_columns_without_a_header_are_statements(tmp_path: Path) -> None:
    (triples,) = write(tmp_path, t="CL:1\tsecretes\tHGNC:2\nCL:1\tsecretes\tHGNC:3\n")
    found = read(triples)
    assert found.triples == {("CL:1", "secretes", "HGNC:2"), ("CL:1", "secretes", "HGNC:3")}
    assert found.loaded.files[0].format == "triples-tsv"


def test_repeated_rows_are_one_statement_and_two_files_two_witnesses(tmp_path: Path) -> None:
    row = "CL:1\tsecretes\tHGNC:2\n"
    found = read(*write(tmp_path, a=EDGES + row * 3, b=EDGES + row))
    (statement,) = found.statements
    assert [e.source for e in statement.evidence] == ["a.tsv", "b.tsv"]


def test_rows_that_say_different_things_stay_apart(tmp_path: Path) -> None:
    header = "subject\tpredicate\tobject\tspecies_context_qualifier\n"
    rat, mouse = ("CL:1\taffects\tHGNC:2\t" + taxon for taxon in ("rat\n", "mouse\n"))
    found = read(*write(tmp_path, a=header + rat + mouse, b=header + rat))
    assert sorted((s.context[0].value, len(s.evidence)) for s in found.statements) == [
        ("mouse", 1), ("rat", 2)
    ]  # fmt: skip


def test_windows_lines_a_mark_at_the_start_and_blank_lines_at_the_end_do_no_harm(
    tmp_path: Path,
) -> None:
    path = tmp_path / "e.tsv"
    path.write_bytes(b"\xef\xbb\xbfsubject\tpredicate\tobject\r\nCL:1\tp\tHGNC:2\r\n\r\n\n")
    assert read(path).triples == {("CL:1", "p", "HGNC:2")}


NOTHING = {"nan", "none", "null", "n/a", "#n/a", "<na>", "\\n"}
"""What programs write for nothing; an identifier of this is refused."""

cells = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=6).filter(
    lambda text: text.casefold() not in NOTHING and not text.startswith(("#", '"'))
)
"""Between tabs, a row that begins with # is a comment, and an identifier in marks loses them."""


@given(st.lists(st.tuples(cells, cells, cells, st.text(
    st.characters(exclude_categories=["C"]), max_size=6).filter(lambda text: text[:1] != '"')),
    min_size=1, max_size=30))  # fmt: skip
@settings(max_examples=25)
def test_commas_and_tabs_say_the_same(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    header = ["subject", "predicate", "object", "note_text"]
    comma = io.StringIO()
    csv.writer(comma, lineterminator="\n").writerows([header, *rows])
    (folder / "x.csv").write_text(comma.getvalue(), encoding="utf-8", newline="")
    tab = "".join("\t".join(row) + "\n" for row in [header, *rows])
    (folder / "x.tsv").write_text(tab, encoding="utf-8", newline="")
    first, second = read(folder / "x.csv"), read(folder / "x.tsv")

    def said(found: object) -> set[tuple[str, str, str, str]]:
        return {
            (s.subject, s.predicate, s.object, s.attributes.get("note_text", ""))
            for s in found.statements  # type: ignore[attr-defined]
        }

    expected = {(s, p.removeprefix("biolink:"), o, note) for s, p, o, note in rows}
    assert said(first) == said(second) == expected


def test_an_archive_is_read_file_by_file(tmp_path: Path) -> None:
    path = tmp_path / "both.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(DATA / "hetio-nodes.tsv", "data/nodes.tsv")
        archive.add(DATA / "hetio-edges.tsv", "data/edges.tsv")
    found = read(path)
    assert (found.counts.entities, found.counts.statements) == (60, 59)
    assert found.statements[0].evidence[0].source == "both.tar.gz"


REFUSALS = {
    "an empty file": ("", None, "the file is empty"),
    "no known header": ("a\tb\nc\td\n", 1, "does not begin as"),
    "a column twice": ("subject\tpredicate\tobject\tobject\n", 1, "'object' twice"),
    "too few fields": (EDGES + "a:1\tp\ta:2\na:1\tp\n", 3, "column 'object' is empty"),
    "too many fields": (EDGES + "a:1\tp\ta:2\tx\n", 2, "4 fields, the header has 3"),
    "an empty subject": (EDGES + "a:1\tp\ta:2\n\tp\ta:2\n", 3, "column 'subject' is empty"),
    "an empty predicate": (EDGES + "a:1\t\ta:2\n", 2, "column 'predicate' is empty"),
    "an empty object": (EDGES + "a:1\tp\t\n", 2, "column 'object' is empty"),
    "an empty id": (NODES + "a:1\tx\tCell\n\ty\tCell\n", 3, "column 'id' is empty"),
    "an id that shows nothing": (EDGES + "a:1\tp\ta:2\na:\x07\tp\ta:2\n", 3, "cannot be an id"),
    "a doubtful negation": ("subject\tpredicate\tobject\tnegated\na:1\tp\ta:2\tmaybe\n", 2,
                            "'negated' must be true or false"),
    "two statements of one id": ("id\tsubject\tpredicate\tobject\nx\ta:1\tp\ta:2\nx\ta:1\tp\ta:3\n",
                                 2, "two different statements are called 'x', the other in .* 3"),
}  # fmt: skip


@pytest.mark.parametrize("fault", REFUSALS)
@pytest.mark.parametrize("packed", [False, True])
def test_each_fault_is_refused_with_file_line_and_reason(
    tmp_path: Path, fault: str, packed: bool
) -> None:
    text, line, reason = REFUSALS[fault]
    path = tmp_path / ("bad.tsv.gz" if packed and text else "bad.tsv")
    path.write_bytes(gzipped(text) if packed and text else text.encode())
    target = tmp_path / "data"
    with pytest.raises(DataError, match=reason) as refused:
        read(path)
    assert refused.value.line == line
    assert line is None or refused.value.file == path.name
    assert not target.exists()


def test_a_fault_late_in_a_large_file_is_refused_at_its_line(tmp_path: Path) -> None:
    rows = [f"NCBIGene:{i}\tinteracts_with\tNCBIGene:{i + 1}" for i in range(600_000)]
    rows[555_555] = "NCBIGene:1\t\tNCBIGene:2"
    (path,) = write(tmp_path, e=EDGES + "\n".join(rows) + "\n")
    with pytest.raises(DataError, match="column 'predicate' is empty") as refused:
        read(path)
    assert refused.value.line == 555_557


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ('subject,predicate,object\na,p,"b\n', 2, "table is broken"),
        ("subject,predicate,object\na,p\n", 2, "column 'object' is empty"),
        ("subject,predicate,object\na,p,b,c\n", 2, "4 fields, the header has 3"),
        ('subject,predicate,object,x\na,p,c,"1\n2"\nd,,e,\n', 4, "column 'predicate' is empty"),
    ],
)
def test_tables_with_commas_are_refused_at_their_line(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=reason) as refused:
        read(path)
    assert refused.value.line == line


def test_a_name_without_a_known_suffix_is_refused_with_the_one_that_fits(tmp_path: Path) -> None:
    path = tmp_path / "graph.docx"
    path.write_text(EDGES)
    with pytest.raises(DataError, match=r"no known suffix.*KGX TSV: .*\.tsv"):
        read(path)


def refusals(*paths: Path, mappings: Sequence[Path] = ()) -> list[tuple[int | None, str]]:
    with pytest.raises(LoadRefused) as refused:
        read(*paths, mappings=mappings)
    return [(refusal.line, refusal.reason) for refusal in refused.value.refusals]


SHORT = "x\ty\n"
"""A line that is refused: what follows it is a batch of its own."""


def test_a_refused_batch_leaves_those_behind_it_in_step(tmp_path: Path) -> None:
    rows = ["a:\u200b1\tp\ta:\u200b2\n", "a:1\tq\ta:2\n", "a:1\tp\ta:\u200b3\n", "a:1\tr\ta:2\n"]
    (path,) = write(tmp_path, e=EDGES + SHORT.join(rows))
    assert [line for line, _ in refusals(path)] == [2, 3, 5, 6, 7]


def test_what_is_refused_is_refused_at_its_own_line_only(tmp_path: Path) -> None:
    head = "subject\tpredicate\tobject\tnegated\n"
    rows = [
        "a:\u200b1\tp\ta:2\tmaybe\n",
        "a:1\tp\ta:2\ttrue\na:1\tp\ta:3\tmany\n",
        "a:1\tp\ta:4\t\n",
    ]
    (path,) = write(tmp_path, e=head + SHORT.join(rows))
    assert [line for line, _ in refusals(path)] == [2, 3, 5, 6]


def test_what_is_refused_under_a_mapping_is_refused_once(tmp_path: Path) -> None:
    mapping = tmp_path / "same.sssom.tsv"
    mapping.write_text("subject_id\tpredicate_id\tobject_id\nb:1\tskos:exactMatch\ta:1\n")
    rows = ["a:1\tp\ta:\u200b2\n", "a:1\tp\ta:2\n", "a:3\tp\ta:2\n"]
    (path,) = write(tmp_path, e=EDGES + SHORT.join(rows))
    assert [line for line, _ in refusals(path, mappings=[mapping])] == [2, 3, 5]
