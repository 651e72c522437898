"""Whatever a reader read, KGX JSON Lines carries on: written and read again, nothing is lost."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest

from mechkg.kg import readers
from mechkg.kg.build.load import load
from mechkg.kg.model.biolink import biolink_schema
from mechkg.kg.model.presets import known_schema
from mechkg.kg.model.schema import Schema
from mechkg.kg.model.values import (
    Context,
    Entity,
    Evidence,
    PathMembers,
    Qualifier,
    Statement,
    Subgraph,
)
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot
from mechkg.kg.subgraph import whole_graph
from mechkg.kg.writers import FORMATS as WRITERS
from mechkg.kg.writers import PATH_TABLES
from mechkg.ontology.bundle import bundled_files
from mechkg.ontology.compile_bundle import compile_bundle
from mechkg.ontology.rdf import readers as rdf_readers
from mechkg.ontology.rdf.formats import FORMATS as RDF_WRITERS
from tests.kg.readers.loading import DATA
from tests.kg.readers.samples import samples

FORMATS = (*readers.FORMATS, *rdf_readers.FORMATS)

RICH = Subgraph(
    entities=(
        Entity(
            id="CL:1", name="a|b", category="biolink:Cell", synonyms=("one", "two, three"),
            description="Line one.\nLine \u201ctwo\u201d.", xrefs=("MESH:1", "UMLS:2"),
            provided_by=("infores:x", "y.tsv"), iri="https://example.org/cell#1",
        ),
        Entity(
            id="HGNC:2", name="gene", category="biolink:Gene",
            iri="http://identifiers.org/hgnc/2",  # that of its identifier
        ),
    ),
    statements=tuple(
        Statement(
            id=f"S{number}", subject="CL:1", predicate="promotes", object="HGNC:2", sign=sign,
            object_aspect="occurrence",
            negated=negated, modality=modality, note="said; often",
            attributes={"p_value": "1e-9", "note": "x"}, derived_from=("S0", "S9"),
            context=(Context("species", "rat"), Context("stage", "early = first")),
            qualifiers=(Qualifier("route", "a = b"),),
            evidence=(
                Evidence(
                    kind="literature", source="infores:a", publications=("PMID:1", "PMID:2"),
                    titles=("One | two",), location="P4S3", knowledge_level="prediction",
                    agent_type="text_mining_agent",
                ),
                Evidence(kind="database", source="edges.tsv"),
            ),
        )
        for number, (sign, negated, modality) in enumerate(
            [(1, False, "asserted"), (-1, True, "potential"), (0, False, "asserted"),
             (None, False, "asserted")]
        )
    ),
)  # fmt: skip

RDF = """@prefix biolink: <https://w3id.org/biolink/vocab/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix ex: <https://example.org/> .
ex:a a biolink:Cell ; rdfs:label "a" .
ex:a ex:feeds ex:b {| biolink:publications "PMID:1" ; biolink:knowledge_level "prediction" |} .
[] a rdf:Statement ; rdf:subject ex:b ; rdf:predicate ex:feeds ; rdf:object ex:a ; ex:p "0.1" .
[] a biolink:Association ; biolink:subject ex:a ; biolink:predicate biolink:affects ;
   biolink:object ex:b ; biolink:species_context_qualifier "rat" .
"""
TEXTS = {
    "terms.json": '[{"id": "1", "namespace": "mondo", "name": "d", "synonyms": ["e"], "xrefs": '
    '[{"id": "4", "namespace": "DOID"}], "relations": {"is_a": ["2"]}}]',
    "edges.csv": 'subject,predicate,object,note\na:1,affects,"a:2","one, two"\n',
    "edges.tsv": "subject\tpredicate\tobject\tpublications\tp_value\n"
    "a:1\taffects\ta:2\tPMID:1\t1\n",
    "bare.tsv": "a:1\taffects\ta:2\n",
    "nodes.tsv": "id\tname\tcategory\tsynonym\nCL:1\tx\tCell\ty|z\n",
    "graph.ttl": RDF,
    "plain.nt": "<https://a.org/x> <https://a.org/p> <https://a.org/y> .\n",
    "plain.nq": "<https://a.org/x> <https://a.org/p> <https://a.org/y> <https://a.org/g> .\n",
    "graph.trig": "<https://a.org/g> { <https://a.org/x> <https://a.org/p> <https://a.org/y> }\n",
    "graph.jsonld": '{"@id": "https://a.org/x", "https://a.org/p": {"@id": "https://a.org/y"}}',
    "edges.jsonl": '{"subject":"a:1","predicate":"biolink:affects","object":"a:2",'
    '"knowledge_level":"prediction","agent_type":"automated_agent","publications":["PMID:1"],"negated":true,'
    '"object_aspect_qualifier":"activity","object_direction_qualifier":"increased","score":0.5}\n',
}
FILES = (
    "glia.json", "glia.owl", "drugmechdb-glatiramer.yaml", "drugmechdb-dimethyl-fumarate.yaml",
    "hetio-nodes.tsv", "hetio-edges.tsv",
)  # fmt: skip


def held(snapshot: Snapshot) -> tuple[list[Entity], list[Statement]]:
    """Return all that a snapshot holds; derived identifiers are the same after a reload."""
    records = snapshot.records
    statements = [records.statement(row) for row in range(snapshot.index.statements)]
    return (
        [records.entity(row) for row in range(snapshot.index.entities)],
        sorted(statements, key=msgspec.json.encode),
    )


def again(
    graph: Subgraph, like: Snapshot, form: str = "kgx-jsonl", schema: Schema | None = None
) -> Snapshot:
    """Write a graph as KGX, load that, and return the snapshot."""
    (kgx,) = (writer for writer in (*WRITERS, *RDF_WRITERS) if writer.name == form)
    with TemporaryDirectory() as folder:
        file = Path(folder, f"graph.{kgx.suffix}")
        file.write_bytes(kgx.write(graph, like.schema))
        known = schema or like.schema
        loaded = load([file], Path(folder, "d"), name="g", schema=known, formats=FORMATS)
        return open_snapshot(loaded.path)


def loaded(paths: list[Path], folder: Path) -> Snapshot:
    return open_snapshot(
        load(paths, folder, name="g", schema=biolink_schema(), formats=FORMATS).path
    )


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The bundled ontology, loaded from its files; no test changes it."""
    return loaded(bundled_files(), tmp_path_factory.mktemp("bundle"))


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The bundled ontology as it is served."""
    return open_snapshot(compile_bundle(tmp_path_factory.mktemp("compiled")))


def assert_kept(snapshot: Snapshot) -> None:
    entities, statements = held(snapshot)
    assert entities
    back_entities, back_statements = held(again(whole_graph(snapshot), snapshot))
    assert back_entities == entities
    assert back_statements == statements


def test_there_is_a_file_of_every_format() -> None:
    names = (*TEXTS, *FILES, *(name for name, _ in samples().values()))
    kinds = {Path(name).suffix for name in names} | {".tar", ".parquet"}  # made in their tests
    assert all(kinds.intersection(known.suffixes) for known in FORMATS)


@pytest.mark.parametrize("name", TEXTS)
def test_nothing_of_a_small_text_is_lost(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(TEXTS[name])
    assert_kept(loaded([tmp_path / name], tmp_path / "data"))


@pytest.mark.parametrize("sample", samples())
def test_nothing_of_a_sample_is_lost(sample: str, tmp_path: Path) -> None:
    name, content = samples()[sample]
    (tmp_path / name).write_bytes(content)
    assert_kept(loaded([tmp_path / name], tmp_path / "data"))


@pytest.mark.parametrize("name", FILES)
def test_nothing_of_a_real_file_is_lost(name: str, tmp_path: Path) -> None:
    assert_kept(loaded([DATA / name], tmp_path))


def test_nothing_of_the_bundled_ontology_is_lost(bundle: Snapshot, compiled: Snapshot) -> None:
    assert_kept(bundle)
    assert_kept(compiled)


@pytest.mark.parametrize("form", ["kgx-jsonl", "kgx-tsv"])
def test_predicates_keep_their_biolink_mapping(form: str, compiled: Snapshot) -> None:
    back = again(whole_graph(compiled), compiled, form, schema=biolink_schema())
    used = {s.predicate for s in whole_graph(compiled).statements}
    assert "secretes" in used

    def mappings(snapshot: Snapshot) -> dict[str, tuple[str, dict[str, str]]]:
        found = map(snapshot.schema.predicate, sorted(used))
        return {p.id: (p.biolink, p.biolink_qualifiers) for p in found}

    assert mappings(back) == mappings(compiled)
    assert "secretes" in back.schema.predicates_under("biolink:produces")


def test_every_field_of_the_model_survives(bundle: Snapshot) -> None:
    entities, statements = held(again(RICH, bundle))
    assert entities == list(RICH.entities)
    assert statements == sorted(RICH.statements, key=msgspec.json.encode)


FULL = Subgraph(
    entities=(
        msgspec.structs.replace(
            RICH.entities[0], synonym_kinds={"one": "broad"},
            attributes={"in_taxon": "NCBITaxon:9606", "symbol": "x"},
        ),
        RICH.entities[1],
    ),
    statements=tuple(
        msgspec.structs.replace(
            statement, hedge="suggested", action="agonist", weight=0.5,
            subject_aspect="activity", object_aspect="abundance",
            context=(Context("species", "NCBITaxon:10116", "rat"),),
        )
        for statement in RICH.statements
    ),
    paths=(
        PathMembers(1, -1.5, ("CL:1", "HGNC:2"), ("S0", "S2")),
        PathMembers(2, -2.0, ("HGNC:2", "CL:1"), ("S2",)),
    ),
)  # fmt: skip
"""A graph with a value in every field of the model."""

AWKWARD = Subgraph(
    entities=(
        Entity(
            id="CL:1", name="a\x01\tb\r", category="my:Category", synonyms=(" x ", "[y]", "a|b"),
            description="One.\r\nTwo.", xrefs=("A|1", "http://identifiers.org/umls/C1"),
            provided_by=("a | b",), iri="https://example.org/cell#1",
        ),
        Entity(id="HGNC:2", name="gene", iri="http://identifiers.org/hgnc/2"),
    ),
    statements=tuple(
        msgspec.structs.replace(
            statement, note="a\tb\v", derived_from=("S|0",),
            qualifiers=(Qualifier("a=b", "x|y"), Qualifier("route", "oral | \x02")),
        )
        for statement in FULL.statements
    ),
)  # fmt: skip
"""A graph with texts that some formats cannot hold."""

WRITTEN = {form.name: form for form in (*WRITERS, *PATH_TABLES, *RDF_WRITERS)}
LOADED = ("json", "kgx-jsonl", "kgx-tsv", "cytoscape", "graphml", "gexf", "cx2", "turtle",
          "ntriples", "jsonld", "rdfxml", "trig")  # fmt: skip
"""Formats that are made to be loaded again; the others show a graph to people."""


@pytest.mark.parametrize("form", LOADED)
@pytest.mark.parametrize("graph", [FULL, AWKWARD], ids=["full", "awkward"])
def test_a_format_holds_all_but_what_it_says(graph: Subgraph, form: str, bundle: Snapshot) -> None:
    back = again(graph, bundle, form, known_schema())
    entities, statements = held(back)
    assert [e.id for e in entities] == [e.id for e in graph.entities]
    expected = sorted(graph.statements, key=lambda s: s.id)
    lost = {
        field
        for kept, given in (
            *zip(entities, graph.entities, strict=True),
            *zip(sorted(statements, key=lambda s: s.id), expected, strict=True),
        )
        for field in given.__struct_fields__
        if getattr(kept, field) != getattr(given, field)
    }
    if back.schema.predicate("promotes") != bundle.schema.predicate("promotes"):
        lost.add("predicate-definitions")
    assert lost == {loss.field for loss in WRITTEN[form].losses(graph, bundle.schema)}


@pytest.mark.parametrize("form", sorted(WRITTEN.keys() - set(LOADED)))
def test_what_only_shows_a_graph_says_so(form: str) -> None:
    (loss,) = WRITTEN[form].losses(FULL, Schema())
    assert (loss.field, loss.records) == ("all-else", len(FULL.entities) + len(FULL.statements))


@pytest.mark.parametrize("form", WRITTEN)
def test_the_page_on_exports_says_what_a_format_cannot_hold(form: str) -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "export.md").read_text()
    (row,) = (line for line in page.splitlines() if line.startswith(f"| `{form}` | "))
    said = set(re.findall(r"`([\w-]+)`", row)[1:])
    assert said == {limit.field for limit in WRITTEN[form].limits}


@pytest.mark.parametrize("form", ["turtle", "kgx-jsonl"])
def test_predicates_that_a_load_knows_are_no_definitions(form: str, tmp_path: Path) -> None:
    (tmp_path / "e.tsv").write_text("subject\tpredicate\tobject\na:1\tbiolink:treats\ta:2\n")
    schema = known_schema()
    first = load([tmp_path / "e.tsv"], tmp_path, name="g", schema=schema, formats=FORMATS)
    back = again(whole_graph(open_snapshot(first.path)), open_snapshot(first.path), form, schema)
    assert WRITTEN["kgx-jsonl"].losses(whole_graph(back), back.schema) == ()
