"""Names found as one types, grounded without guessing, and no text that is an error."""

import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mechkg.kg.build import name_writer as naming
from mechkg.kg.build.builder import build_snapshot
from mechkg.kg.build.name_folds import fold_entries
from mechkg.kg.build.name_writer import NameWriter
from mechkg.kg.columns.interner import Column
from mechkg.kg.errors import AmbiguousName, StaleCursor, UnknownEntity, UnknownTerm
from mechkg.kg.model.queries import SearchQuery
from mechkg.kg.model.schema import Category, Schema
from mechkg.kg.model.values import Entity, Statement
from mechkg.kg.snapshot.name_keys import NAMES, key_of, keys_of
from mechkg.kg.snapshot.snapshot import Snapshot, open_snapshot
from mechkg.kg.snapshot.spelling import bag_hash, bag_of, fold_of, text_hash

HOSTILE = [
    '"', "'", "''; DROP TABLE name; --", "*", "a*b", "NEAR(a b)", "a OR", "AND", "NOT x", "key:x",
    "{key}: x", "^a", "-", "--", "(", ")", '"unclosed', "\\", "%", "_", "\x00", "a\x00b", "\n",
    "\ud800", "😀", "👩‍🔬", "\u202eabc", "שלום", "عصبون", "神经元", "é", "\u0301", "\u200b",
    "\ufeff", "ﬁ", "İ", "ß", ":", "a:", ":a", "CL:", "a" * 200, "a " * 100, "\U0010ffff",
    "' OR 1=1", "tnf-beta", "IL-1β", "<script>alert(1)</script>", "x\ty", "+", "~", "#", "?",
    "&&", "||",
]  # fmt: skip

SCHEMA = Schema(
    categories=(
        Category(id="biolink:Cell", label="cell"),
        Category(id="biolink:Neuron", label="nerve cell", parents=("biolink:Cell",)),
        Category(id="biolink:Gene", label="gene"),
        Category(id="biolink:NamedThing", label="thing"),
    )
)


def entity(curie: str, name: str, category: str, *synonyms: str) -> Entity:
    return Entity(id=curie, name=name, category=f"biolink:{category}", synonyms=synonyms)


ENTITIES = [
    entity("CL:0000047", "neural stem cell", "Cell", "NSC", "neuronal stem cell"),
    entity("CL:0000540", "neuron", "Neuron", "nerve cell"),
    entity("CL:0000100", "motor neuron", "Neuron", "motoneuron"),
    entity("CL:0000127", "astrocyte", "Cell", "astroglia", "HSC"),
    entity("CL:0000037", "hematopoietic stem cell", "Cell", "HSC"),
    entity("GO:0005739", "mitochondrion", "NamedThing"),
    entity("HGNC:4232", "GDNF", "Gene", "glial cell line-derived neurotrophic factor", "neuron"),
    entity("HGNC:1", "TNF-alpha", "Gene", "tumour necrosis factor"),
    entity("a:MOG", "MOG", "Gene"),
    entity("b:MOG", "Mog", "Gene"),
    entity("c:naive", "naïve T cell", "Cell"),
    *(entity(f"h:{i}", name, "NamedThing") for i, name in enumerate(HOSTILE)
      if name.isprintable() and name.strip()),
]  # fmt: skip


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    links = [
        Statement(id="", subject="CL:0000540", predicate="binds", object=e.id) for e in ENTITIES[:5]
    ]
    return open_snapshot(
        build_snapshot(
            tmp_path_factory.mktemp("names"),
            name="names",
            entities=ENTITIES,
            statements=links,
            schema=SCHEMA,
        )
    )


def found(snapshot: Snapshot, text: str, *category: str) -> list[str]:
    result = snapshot.names.search(SearchQuery(q=text, category=category, limit=1000))
    assert (result.total, result.total_is_exact) == (len(result.matches), True)
    return [match.id for match in result.matches]


def grounded(snapshot: Snapshot, text: str) -> str:
    return snapshot.records.curie(snapshot.names.ground(text, "source"))


def test_exact_names_come_before_synonyms_prefixes_and_words(snapshot: Snapshot) -> None:
    assert found(snapshot, "Neuron") == [
        "CL:0000540",  # its name
        "HGNC:4232",  # its synonym
        "CL:0000047",  # the synonym begins with it
        "CL:0000100",  # the name holds it
    ]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("nsc", "CL:0000047"), ("gdn", "HGNC:4232"), ("stem neur", "CL:0000047"),
        ("cl:0000540", "CL:0000540"), ("tnf alpha", "HGNC:1"), ("naive t", "c:naive"),
        ("motor  NEURON", "CL:0000100"), ("line-derived", "HGNC:4232"),
    ],
)  # fmt: skip
def test_a_name_is_found_as_one_types(snapshot: Snapshot, text: str, first: str) -> None:
    assert found(snapshot, text)[0] == first


def test_a_match_says_which_name_fitted(snapshot: Snapshot) -> None:
    match = snapshot.names.search(SearchQuery(q="nsc")).matches[0]
    assert (match.name, match.matched, match.category) == (
        "neural stem cell", "NSC", "biolink:Cell",
    )  # fmt: skip
    assert match.degree == 1


def test_a_category_admits_those_below_it(snapshot: Snapshot) -> None:
    assert found(snapshot, "neuron", "Cell") == ["CL:0000540", "CL:0000047", "CL:0000100"]
    assert found(snapshot, "neuron", "nerve cell") == ["CL:0000540", "CL:0000100"]
    assert found(snapshot, "CL:0000540", "Gene") == []
    with pytest.raises(UnknownTerm):
        snapshot.names.search(SearchQuery(q="neuron", category=("Star",)))


def test_pages_together_are_the_whole(snapshot: Snapshot) -> None:
    whole = found(snapshot, "cell")
    pages, cursor = [], ""
    for _ in range(len(whole)):
        result = snapshot.names.search(SearchQuery(q="cell", limit=2, cursor=cursor))
        assert not result.complete
        assert result.truncated_by == "limit"
        pages += [match.id for match in result.matches]
        if result.cursor is None:
            break
        cursor = result.cursor
    assert pages == whole
    assert len(whole) > 4
    with pytest.raises(StaleCursor):
        snapshot.names.search(SearchQuery(q="other", cursor=cursor))


def test_hits_past_the_bound_make_the_total_a_lower_bound(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mechkg.kg.snapshot.names.MOST_HITS", 2)
    result = snapshot.names.search(SearchQuery(q="ne"))
    assert not result.total_is_exact
    assert (result.complete, result.truncated_by) == (False, "limit")


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_text_is_an_error(snapshot: Snapshot, text: str) -> None:
    result = snapshot.names.search(SearchQuery(q=text))
    assert result.total >= len(result.matches)
    named = [e.id for e in ENTITIES if key_of(text) and key_of(e.name) == key_of(text)]
    assert set(named) <= set(found(snapshot, text))
    if named:
        assert grounded(snapshot, text) in named
    elif not result.total:
        with pytest.raises(UnknownEntity):
            snapshot.names.ground(text, "source")


@given(st.lists(st.text(st.sampled_from("aB 1-\n\t\x1fé")) | st.text(), max_size=5))
def test_keys_of_many_names_are_those_of_each(texts: list[str]) -> None:
    assert keys_of(texts) == [key_of(text) for text in texts]


@given(st.lists(st.text(st.sampled_from("aB\u03b1 1-.+'s,(ofthe")) | st.text(), max_size=5))
def test_names_are_hashed_as_readers_look_them_up(texts: list[str]) -> None:
    names = [text for text in texts if text.isprintable()]
    entries = set(fold_entries(Column.of(names), 1).tolist())
    keys = [key_of(name) for name in names]
    wanted = {text_hash(fold_of(key)) << 32 | i for i, key in enumerate(keys, 1) if fold_of(key)}
    wanted |= {
        bag_hash(bag_of(key)) << 32 | i
        for i, key in enumerate(keys, 1)
        if 1 < len(bag_of(key)) <= 8
    }
    assert entries == wanted


@given(st.text(min_size=1, max_size=60))
@settings(max_examples=200)
def test_any_text_is_answered(snapshot: Snapshot, text: str) -> None:
    assert snapshot.names.search(SearchQuery(q=text)).total >= 0
    with suppress(UnknownEntity, AmbiguousName):
        assert 0 <= snapshot.names.ground(text, "source") < len(ENTITIES)


@pytest.mark.parametrize(
    ("text", "curie"),
    [
        ("CL:0000540", "CL:0000540"), ("cl:0000540", "CL:0000540"), (" hgnc:4232 ", "HGNC:4232"),
        ("neuron", "CL:0000540"), ("NEURONS", "CL:0000540"), ("Neural  Stem Cells", "CL:0000047"),
        ("NSC", "CL:0000047"), ("NSCs", "CL:0000047"), ("nerve cells", "CL:0000540"),
        ("mitochondria", "GO:0005739"), ("motoneurons", "CL:0000100"), ("TNF-ALPHA", "HGNC:1"),
        ("TNF-\u03b1", "HGNC:1"), ("TNF\u03b1", "HGNC:1"), ("TNF alpha", "HGNC:1"),
        ("TNF\u2013alpha", "HGNC:1"), ("TNFalpha", "HGNC:1"), ("naive T cells", "c:naive"),
        ("tumor necrosis factor", "HGNC:1"), ("cell, neural stem", "CL:0000047"),
        ("stem cells of the neural", "CL:0000047"), ("astocyte", "CL:0000127"),
        ("hematopoetic stem cells", "CL:0000037"), ("haematopoietic stem cell", "CL:0000037"),
        ("nueral stem cell", "CL:0000047"), ("cl_0000047", "CL:0000047"),
        ("http://purl.obolibrary.org/obo/CL_0000047", "CL:0000047"),
        ("HGNC:HGNC:4232", "HGNC:4232"),
    ],
)  # fmt: skip
def test_a_name_grounds_to_its_entity(snapshot: Snapshot, text: str, curie: str) -> None:
    assert grounded(snapshot, text) == curie


@pytest.mark.parametrize(
    ("text", "curies"),
    [("HSC", {"CL:0000127", "CL:0000037"}), ("hsc", {"CL:0000127", "CL:0000037"}),
     ("mog", {"a:MOG", "b:MOG"}), ("MOG", {"a:MOG", "b:MOG"})],  # case never decides
)  # fmt: skip
def test_an_ambiguous_name_returns_its_candidates(
    snapshot: Snapshot, text: str, curies: set[str]
) -> None:
    with pytest.raises(AmbiguousName) as caught:
        snapshot.names.ground(text, "target")
    assert {curie for curie, _ in caught.value.candidates} == curies
    assert caught.value.parameter == "target"


@pytest.mark.parametrize(
    ("text", "suggested"),
    [("neurom", "CL:0000540"), ("beuron", "CL:0000540"), ("astrozyta", "CL:0000127"),
     ("stem cell of the brain", "CL:0000047")],
)  # fmt: skip
def test_an_unknown_name_returns_what_is_like_it(
    snapshot: Snapshot, text: str, suggested: str
) -> None:
    with pytest.raises(UnknownEntity) as caught:
        snapshot.names.ground(text, "source")
    curies = [curie for curie, _ in caught.value.suggestions]
    assert suggested in curies
    assert len(curies) <= 5


def test_threads_ask_at_once(snapshot: Snapshot) -> None:
    wanted = found(snapshot, "neuron")
    gate = threading.Barrier(8)

    def ask(_: int) -> list[list[str]]:
        gate.wait()
        return [found(snapshot, "neuron") for _ in range(25)]

    with ThreadPoolExecutor(8) as pool:
        for answers in pool.map(ask, range(8)):
            assert answers == [wanted] * 25


def connections() -> int:
    """How often this process has a file of names open."""
    opened = Path("/proc/self/fd")
    targets = [os.path.realpath(fd) for fd in opened.iterdir()]
    return sum(target.endswith(NAMES) for target in targets)


def test_forked_workers_share_an_opened_snapshot(snapshot: Snapshot) -> None:
    wanted = found(snapshot, "neuron")
    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            inherited = connections()
            same = all(found(snapshot, "neuron") == wanted for _ in range(20))
            same &= connections() == inherited + 1  # its own, never that of the parent
            same &= snapshot.records.statement(0).predicate == "binds"
            os._exit(0 if same else 1)
        children.append(child)
    assert found(snapshot, "neuron") == wanted
    for child in children:
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert found(snapshot, "neuron") == wanted


def test_a_snapshot_in_an_odd_directory_opens_read_only(tmp_path: Path) -> None:
    folder = tmp_path / "a b?mode=rw#%41"
    path = build_snapshot(folder, name="odd", entities=ENTITIES[:2], statements=(), schema=SCHEMA)
    before = sorted(file.name for file in path.iterdir())
    assert found(open_snapshot(path), "nsc") == ["CL:0000047"]
    assert sorted(file.name for file in path.iterdir()) == before


def test_merging_words_ends_when_nobody_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT begun() UNION ALL SELECT i + 1 FROM n LIMIT {})"
    monkeypatch.setattr(naming, "MERGE", endless.format(10**9) + " SELECT count(*) FROM n")
    begun = threading.Event()
    writer = NameWriter(tmp_path)
    writer._words.create_function("begun", 0, lambda: begun.set() or 0)
    finished = writer.finish()
    assert begun.wait(60)
    writer.close()
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        finished.result()
