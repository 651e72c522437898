"""A lake compiled on a cluster is the graph that one machine compiles; so are its paths."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mechkg import Graph, PathQuery, open_graph
from mechkg.api.cli.loading import formats
from mechkg.api.spark.feed import SparkFeed
from mechkg.api.spark.metapaths import write_metapaths
from mechkg.api.spark.pairs import write_pairs
from mechkg.api.spark.session import connected
from mechkg.kg.build.load import Loaded, load
from mechkg.kg.errors import EngineError, LoadRefused, QueryError
from mechkg.kg.model.load_report import LoadReport
from mechkg.kg.model.presets import known_schema
from tests.cli.conftest import mechkg  # noqa: F401 - the command line as a fixture

pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet fully support pandas", "ignore:.*:DeprecationWarning"
)
SHARE = 700
"""Bytes of a share: each file below has several."""
Compile = Callable[..., Loaded]


def tsv(header: str, *rows: Sequence[object]) -> str:
    return header.replace(" ", "\t") + "\n" + "".join("\t".join(map(str, r)) + "\n" for r in rows)


def jsonl(*records: dict[str, object]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


EDGES = tsv(
    "subject predicate object p_value publications negated id",
    *(
        (f"CL:{i % 40:07}", "biolink:affects", f"GO:{i % 7:07}", i % 3, f"PMID:{i % 5}|PMID:9",
         "true" if i % 11 == 0 else "false", f"e{i}" if i % 13 == 0 else "")
        for i in range(90)
    ),
)  # fmt: skip
FILES = {
    "edges.tsv": EDGES + EDGES.partition("\n")[2],
    "bare.tsv": tsv(
        "subject predicate object", *((f"cl:{i:07}", "binds", "MESH:D1") for i in range(60)),
        ("lab:1", "binds", "äöü:ß"),
    ),
    "nodes.tsv": tsv(
        "id name category xref",
        *((f"CL:{i % 30:07}", f"cell {i}", "biolink:Cell", f"X:{i}|Y:1") for i in range(60)),
    ),
    "names.tsv": tsv(
        "id name category", *((f"GO:{i % 6:07}", f"process {i % 6}", "Gene") for i in range(60))
    ),
    "graph.jsonl": jsonl(
        *({"id": f"GO:{i:07}", "name": f"p{i}", "category": ["biolink:Pathway"]} for i in range(9)),
        *(
            {"subject": f"GO:{i % 9:07}", "predicate": "biolink:affects", "object": "UMLS:C1",
             "publications": [f"PMID:{i % 4}"], "object_direction_qualifier": "increased"}
            for i in range(40)
        ),
    ),
    "labels.nt": "".join(
        f'<http://a/{i}> <http://www.w3.org/2000/01/rdf-schema#label> "thing {i}" .\n'
        f"<http://a/{i}> <http://a/joins> <http://a/{i % 3}> .\n"
        for i in range(20)
    ),
}  # fmt: skip
MAPPING = tsv(
    "subject_id predicate_id object_id mapping_justification",
    ("UMLS:C1", "skos:exactMatch", "MONDO:0000001", "semapv:ManualMappingCuration"),
    ("MESH:D1", "skos:exactMatch", "MONDO:0000001", "semapv:ManualMappingCuration"),
    ("CL:0000003", "skos:exactMatch", "CL:0000004", "semapv:ManualMappingCuration"),
)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake")
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    rows = [{"subject": "CL:0000001", "predicate": "binds", "object": "CL:2", "score": 0.5}] * 2
    pq.write_table(pa.Table.from_pylist(rows), folder / "edges.parquet")
    return folder


@pytest.fixture
def compiled(remote: str, tmp_path: Path) -> Compile:
    """Compile files on the cluster, in shares of some lines."""

    def run(files: Sequence[Path], **options: object) -> Loaded:
        with connected(remote=remote) as session:
            feed = SparkFeed(session, formats, tmp_path, SHARE)
            return here(files, tmp_path / "spark", feed=feed, **options)

    return run


def here(files: Sequence[Path], directory: Path, **options: object) -> Loaded:
    return load(files, directory, name="lake", schema=known_schema(), formats=formats(), **options)


def in_order(report: LoadReport) -> LoadReport:
    """Return a report with the reasons of each count in one order: shares are read side by side."""
    files = [
        msgspec.structs.replace(count, reasons=tuple(sorted(count.reasons, key=str)))
        for count in report.files
    ]
    return msgspec.structs.replace(report, files=tuple(sorted(files, key=str)))


@pytest.mark.parametrize("mapped", [False, True], ids=["apart", "mapped"])
def test_the_compiled_lake_is_the_loaded_one(
    compiled: Compile, lake: Path, tmp_path: Path, *, mapped: bool
) -> None:
    mappings = [tmp_path / "same.sssom.tsv"] if mapped else []
    for path in mappings:
        path.write_text(MAPPING)
    files = sorted(lake.iterdir())
    local = here(files, tmp_path / "local", mappings=mappings)
    spread = compiled(files, mappings=mappings)
    assert spread.manifest == local.manifest
    assert spread.equivalences == local.equivalences
    assert spread.files == local.files
    assert in_order(spread.report) == in_order(local.report)


WRONG = {
    "edges.tsv": tsv(
        "subject predicate object negated",
        *((f"A:{i}", "binds", "A:1", "false") for i in range(50)),
        ("A:1", "binds", "", "true"), ("A:1", "binds", "A:2", "perhaps"),
        ("A:\x07", "binds", "A:1", "no"), ("A:1", "p", "A:2", "no", "more"),
        *((f"B:{i}", "binds", "A:1", "false") for i in range(50)),
        ("A:2", "binds", "NA", "true"),
    ),
    "edges.jsonl": jsonl(
        *({"subject": f"A:{i}", "predicate": "p", "object": "A:1"} for i in range(40))
    )
    + '{"subject": \n{"id": 7}\n[1]\n',
}  # fmt: skip


@pytest.mark.parametrize(("name", "broken"), WRONG.items(), ids=WRONG)
def test_what_is_wrong_is_refused_with_its_line(
    compiled: Compile, tmp_path: Path, name: str, broken: str
) -> None:
    (tmp_path / name).write_text(broken)
    reports: list[list[LoadReport]] = []
    refusals = []
    for run in (lambda **o: here([tmp_path / name], tmp_path / "local", **o),
                lambda **o: compiled([tmp_path / name], **o)):  # fmt: skip
        told: list[LoadReport] = []
        with pytest.raises(LoadRefused) as caught:
            run(on_report=told.append)
        refusals.append([(e.file, e.line, e.reason) for e in caught.value.refusals])
        reports.append(told)
    assert refusals[0] == refusals[1]
    assert [list(map(in_order, each)) for each in reports[:1]] == [
        list(map(in_order, each)) for each in reports[1:]
    ]
    assert not list((tmp_path / "spark").glob("*/manifest.json"))
    assert not list(tmp_path.glob("spark-*"))


def test_the_command_compiles(
    mechkg: Callable[..., subprocess.CompletedProcess[str]],  # noqa: F811
    remote: str,
    lake: Path,
    tmp_path: Path,
) -> None:
    files = [str(lake / name) for name in ("edges.tsv", "nodes.tsv")]
    compile_ = ("spark", "compile", *files, "--name", "lake", "--json", "--data")
    ran = mechkg(*compile_, str(tmp_path / "a"), "--remote", remote)
    assert ran.returncode == 0, ran.stderr
    local = mechkg("load", *files, "--name", "lake", "--json", "--data", str(tmp_path / "b"))
    graphs = [json.loads(each.stdout)["graph"] for each in (ran, local)]
    assert graphs[0] == graphs[1]
    neither = mechkg(*compile_, str(tmp_path / "a"))
    assert neither.returncode == 2
    assert "--remote" in neither.stderr


@pytest.fixture(scope="module")
def bundle(data_directory: Path) -> Graph:
    return open_graph(data_directory / "ms-nsc" / "current")


def test_pairs_have_the_paths_of_one_machine(remote: str, bundle: Graph, tmp_path: Path) -> None:
    sources = ("CL:0000047", "CL:0000129", "HGNC:4232")
    targets = ("CL:0000540", "CL:0000128", "CL:0000047")
    query = PathQuery(source=sources[:1], target=targets[:1], max_hops=3, limit=3)
    output = tmp_path / "pairs"
    with connected(remote=remote) as session:
        count = write_pairs(session, bundle, query, sources=sources, targets=targets, output=output)
        with pytest.raises(QueryError, match="is there already"):
            write_pairs(session, bundle, query, sources=sources, targets=targets, output=output)
    rows = pq.read_table(output).to_pylist()
    assert len(rows) == count
    found: dict[tuple[str, str], list[tuple[object, ...]]] = {}
    for row in rows:
        found.setdefault((row["source"], row["target"]), []).append(
            (row["rank"], row["score"], row["entities"], row["statements"], row["total"])
        )
    for source in sources:
        for target in targets:
            local = bundle.find_paths(source=source, target=target, max_hops=3, limit=3)
            if not local.paths:
                ((rank, *_),) = found[source, target]
                assert rank is None
                continue
            assert sorted(found[source, target]) == [
                (rank, path.score, [e.id for e in path.entities],
                 [[s.id for s in hop.statements] for hop in path.hops], local.total)
                for rank, path in enumerate(local.paths, 1)
            ]  # fmt: skip
    assert len(found) == len(sources) * len(targets)


METAPATHS = ("*/*", "^*(Cell)/*", "activates/*/*(Cell)")


@pytest.mark.parametrize("damping", [0.4, 0.0])
def test_metapaths_are_counted_as_by_brute_force(
    remote: str, bundle: Graph, tmp_path: Path, damping: float
) -> None:
    cells = [e.id for e in bundle.whole().entities if e.category == "biolink:Cell"]
    sources, targets = cells[:12], cells[6:20]
    output = tmp_path / "counts"
    with connected(remote=remote) as session:
        count = write_metapaths(
            session, bundle, METAPATHS, sources=sources, targets=targets, output=output,
            damping=damping,
        )  # fmt: skip
    rows = pq.read_table(output).to_pylist()
    assert len(rows) == count
    found = {(r["metapath"], r["source"], r["target"]): (r["paths"], r["dwpc"]) for r in rows}
    expected = {
        (metapath, source, target): sums
        for metapath in METAPATHS
        for steps in [steps_of(bundle, metapath)]
        for source in sources
        for target, sums in brute_force(steps, source, damping).items()
        if target in targets
    }
    assert found.keys() == expected.keys()
    assert all(found[key] == pytest.approx(expected[key]) for key in expected)
    assert expected


def steps_of(graph: Graph, metapath: str) -> list[set[tuple[str, str]]]:
    """Return the hops of each step as pairs of identifiers."""
    whole = graph.whole()
    category = {entity.id: entity.category for entity in whole.entities}
    cells = graph.schema.categories_under("Cell")
    steps = []
    for text in metapath.split("/"):
        named = graph.schema.predicates_under("activates") if "activates" in text else None
        hops = {
            (s.object, s.subject) if text.startswith("^") else (s.subject, s.object)
            for s in whole.statements
            if not s.negated and not s.derived_from and (named is None or s.predicate in named)
        }
        steps.append({h for h in hops if "Cell" not in text or category[h[1]] in cells})
    return steps


def brute_force(
    steps: Sequence[set[tuple[str, str]]], source: str, damping: float
) -> dict[str, tuple[int, float]]:
    """Walk every path of a metapath, one entity after the other."""
    paths = {(source,): 1.0}
    for hops in steps:
        out, into = Counter(a for a, _ in hops), Counter(b for _, b in hops)
        ends: dict[str, list[str]] = {}
        for begin, end in hops:
            ends.setdefault(begin, []).append(end)
        paths = {
            (*path, end): weight * (out[path[-1]] * into[end]) ** -damping
            for path, weight in paths.items()
            for end in ends.get(path[-1], ())
            if end not in path
        }
    sums: dict[str, tuple[int, float]] = {}
    for path, weight in paths.items():
        count, total = sums.get(path[-1], (0, 0.0))
        sums[path[-1]] = count + 1, total + weight
    return sums


def test_what_is_not_installed_is_named() -> None:
    program = (
        "import sys; sys.modules['pyspark'] = None\n"
        "from mechkg.api.cli import main; main(sys.argv[1:])"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, "spark", "compile", __file__, "--name", "x",
         "--remote", "sc://127.0.0.1:1"],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert told.returncode == 2
    assert re.search(r"pip install 'mechkg\[spark\]'", told.stderr)


def test_a_client_knows_no_master() -> None:
    with pytest.raises(EngineError, match="in place of"), connected(master="local[1]"):
        pass
