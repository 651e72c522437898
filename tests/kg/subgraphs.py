"""Subgraphs for the tests of writers and pictures: one small, one hostile, any by hypothesis."""

from hypothesis import strategies as st

from mechkg.kg.model.schema import Category, Predicate, Schema
from mechkg.kg.model.values import (
    ASPECTS,
    CONTEXT_TYPES,
    EFFECTS,
    HEDGES,
    Context,
    Entity,
    Evidence,
    Qualifier,
    Statement,
    Subgraph,
)

SCHEMA = Schema(
    categories=(
        Category(id="biolink:NamedThing", label="thing"),
        Category(id="biolink:Cell", label="cell", parents=("biolink:NamedThing",)),
        Category(id="biolink:Neuron", label="nerve cell", parents=("biolink:Cell",)),
        Category(id="biolink:Gene", label="gene", parents=("biolink:NamedThing",)),
    ),
    predicates=(
        Predicate(id="secretes", label="secretes", sign=0, biolink="biolink:produces"),
        Predicate(
            id="promotes",
            label="promotes",
            sign=1,
            biolink="biolink:affects",
            biolink_qualifiers={"object_direction_qualifier": "increased"},
        ),
        Predicate(id="inhibits", label="inhibits", sign=-1, biolink="biolink:affects"),
    ),
)

ARTICLE = Evidence(
    kind="article",
    source="infores:mechkg",
    location="P4S3",
    knowledge_level="knowledge_assertion",
    agent_type="manual_agent",
)
LITERATURE = Evidence(
    kind="literature",
    source="infores:pubmed",
    publications=("PMID:1", "PMID:2"),
    titles=("One | two", "Three"),
)

NSC = Entity(
    id="CL:0000047",
    name="neural stem cell",
    category="biolink:Cell",
    synonyms=("NSC", "NSCs"),
    xrefs=("MESH:D058953",),
    description="A stem cell.",
)
GDNF = Entity(id="HGNC:4232", name="GDNF", category="biolink:Gene")
NEURON = Entity(id="CL:0000540", name="neuron", category="biolink:Neuron")

SMALL = Subgraph(
    entities=(NSC, GDNF, NEURON),
    statements=(
        Statement(
            id="SC061",
            subject=NSC.id,
            predicate="secretes",
            object=GDNF.id,
            sign=0,
            context=(Context("species", "NCBITaxon:10090", "mouse"),),
            qualifiers=(Qualifier("clone", "C17.2"),),
            evidence=(LITERATURE, ARTICLE),
        ),
        Statement(
            id="XC0001", subject=NSC.id, predicate="secretes", object=GDNF.id, sign=0,
            evidence=(LITERATURE,), attributes={"score": "0.9"},
        ),
        Statement(
            id="MK001", subject=GDNF.id, predicate="promotes", object=NEURON.id, sign=1,
            modality="possible", evidence=(ARTICLE,),
        ),
        Statement(
            id="N1", subject=NSC.id, predicate="inhibits", object=NEURON.id, sign=-1,
            negated=True, modality="asserted_negative", evidence=(ARTICLE,),
        ),
        Statement(
            id="INF-1", subject=NSC.id, predicate="unheard_of", object=NEURON.id,
            derived_from=("SC061", "MK001"), note="by chaining",
        ),
        Statement(id="L1", subject=NSC.id, predicate="promotes", object=NSC.id, sign=1),
    ),
    title="How might NSC act on neurons?",
    snapshot="4f1c2ab97e03",
    sources=(NSC.id,),
    targets=(NEURON.id,),
)  # fmt: skip
"""Parallel statements, a self-loop, every sign, negated, hypothesised and inferred ones."""

HOSTILE_TEXTS = (
    "<script>alert(1)</script>",
    "]]>&amp;\"'<!--",
    "a\x00b\x1bc\ufffe\uffff",
    "line\nbreak\ttab\r\nend\u2028x",
    "=cmd|' /C calc'!A0",
    "@SUM(1)",
    "שלום \u202eevil\u202c مرحبا",
    "%%{init: {'theme':'dark'}}%%",
    "back\\slash \\N \\",
    '"]; evil [label="',
    "`x` #35; end \U0001f9e0",
    "w" * 10_000,
    "   ",
    "javascript:alert(1)",
)

HOSTILE = Subgraph(
    entities=tuple(
        Entity(id=f"X:{i}", name=text, category="biolink:Cell", synonyms=(text,), description=text)
        for i, text in enumerate(HOSTILE_TEXTS)
    ),
    statements=tuple(
        Statement(
            id=f"S{i}",
            subject=f"X:{i}",
            predicate="promotes",
            object=f"X:{(i + 1) % len(HOSTILE_TEXTS)}",
            sign=1,
            modality=text,
            note=text,
            qualifiers=(Qualifier(text, text),),
            evidence=(Evidence(kind=text, source=text, publications=(text,), titles=(text,)),),
            attributes={text: text},
        )
        for i, text in enumerate(HOSTILE_TEXTS)
    ),
    title=" ".join(HOSTILE_TEXTS[:11]),
    snapshot=HOSTILE_TEXTS[0],
    sources=("X:0",),
    targets=("X:1",),
)

EMPTY = Subgraph(entities=(), statements=(), title="Nothing found")

texts = st.text(max_size=30)


@st.composite
def subgraphs(draw: st.DrawFn, most_statements: int = 12) -> Subgraph:
    """Up to six entities with any texts for names and ids, and statements among them."""
    ids = draw(st.lists(st.from_regex(r"[A-Z]{1,4}:\w{1,6}", fullmatch=True), min_size=1,
                        max_size=6, unique=True))  # fmt: skip
    categories = st.sampled_from(["biolink:Cell", "biolink:Neuron", "biolink:Gene", "x:Y"])
    entities = tuple(
        Entity(id=i, name=draw(texts), category=draw(categories), synonyms=(draw(texts),))
        for i in ids
    )
    evidence = st.lists(
        st.builds(Evidence, kind=texts, source=texts, location=texts,
                  publications=st.lists(texts, max_size=2).map(tuple)),
        max_size=2,
    ).map(tuple)  # fmt: skip
    statement = st.builds(
        Statement,
        id=st.just(""),
        subject=st.sampled_from(ids),
        predicate=st.sampled_from(["secretes", "promotes", "inhibits", "unheard_of"]),
        object=st.sampled_from(ids),
        effect=st.sampled_from(EFFECTS),
        subject_aspect=st.sampled_from(ASPECTS),
        object_aspect=st.sampled_from(ASPECTS),
        action=texts,
        weight=st.sampled_from([1.0, 0.5, 0.0]),
        hedge=st.sampled_from(HEDGES),
        context=st.lists(
            st.builds(Context, st.sampled_from(CONTEXT_TYPES), texts, texts), max_size=2
        ).map(tuple),
        negated=st.booleans(),
        modality=st.sampled_from(["asserted", "possible"]),
        derived_from=st.sampled_from([(), ("s0",)]),
        qualifiers=st.lists(st.builds(Qualifier, texts, texts), max_size=2).map(tuple),
        evidence=evidence,
        note=texts,
        attributes=st.dictionaries(texts, texts, max_size=2),
    )
    drawn = draw(st.lists(statement, max_size=most_statements))
    return Subgraph(
        entities=entities,
        statements=tuple(
            Statement(**{f: getattr(s, f) for f in s.__struct_fields__} | {"id": f"s{i}"})
            for i, s in enumerate(drawn)
        ),
        title=draw(texts),
        snapshot=draw(texts),
        sources=tuple(draw(st.lists(st.sampled_from(ids), max_size=3, unique=True))),
        targets=tuple(draw(st.lists(st.sampled_from(ids), max_size=2, unique=True))),
    )
