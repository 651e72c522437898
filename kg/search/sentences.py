"""Word hops and paths: number, articles, voice, hedges and contexts.

A clause takes its verb from the predicate's phrases (`Predicate.verbs`), its number from the
subject, its voice from the direction of the hop, and its hedge from the firmest statement. Cells
are spoken of in the plural, as in the literature: *neural stem cells secrete GDNF*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec

from mechkg.kg.model.schema import Predicate
from mechkg.kg.model.values import Context, Hedge, HopStatement, PathEntity

__all__ = [
    "HopWords",
    "clause",
    "context_phrase",
    "hedged_verb",
    "hop_words",
    "infinitive",
    "is_plural",
    "noun_phrase",
    "path_sentence",
    "plural_verb",
    "sentence_of",
    "weakest_hop",
]

MAX_ALSO: Final = 2
"""Further statements of a hop that its sentence names, at most."""

_AUXILIARIES: Final = MappingProxyType(
    {"is": ("are", "be"), "has": ("have", "have"), "are": ("are", "be"), "have": ("have", "have")}
)
"""Plural and infinitive of the auxiliaries with which a phrase may begin."""

_HEDGES: Final[MappingProxyType[Hedge, str]] = MappingProxyType(
    {
        "reported": "{be} reported to {infinitive}",
        "suggested": "may {infinitive}",
        "contested": "{be} reported, against other findings, to {infinitive}",
        "hypothesised": "{be} hypothesised to {infinitive}",
    }
)
"""How a hedge other than *asserted* is worded before the infinitive of a verb."""

_MODALITIES: Final = MappingProxyType(
    {
        "potential": "may {infinitive}",
        "possible": "may {infinitive}",
        "future_possible": "might one day be found to {infinitive}",
        "research_reported": "{be} reported to {infinitive}",
        "curator_inference": "by inference {verb}",
        "under_investigation": "{be} being studied for whether {pronoun} {verb}",
        "aim": "{be} meant to {infinitive}",
        "challenge": "{verb}, which is a challenge,",
    }
)
"""How a modality is worded; it is finer than the hedge and speaks before it."""

_CELLS: Final = frozenset({"biolink:Cell"})
_STRUCTURES: Final = frozenset(
    {
        "biolink:AnatomicalEntity",
        "biolink:CellularComponent",
        "biolink:GrossAnatomicalStructure",
        "Anatomy",
    }
)
_COUNTED: Final = ("response", "lesion", "attack", "cascade", "pathway", "system", "barrier")
"""Heads of processes that English counts: *the inflammatory response*."""

_HEAD: Final = re.compile(r"(?=,? of | derived | from | in |,|\()")
_SINGULAR_ENDS: Final = ("ss", "us", "is", "as", "'s")
_SINGULAR_WORDS: Final = frozenset({"diabetes", "rabies", "herpes", "scabies", "caries", "gas"})
"""Words that end like a plural and are none."""

_SPECIES: Final = MappingProxyType(
    {
        "NCBITaxon:9606": ("humans", "human"),
        "NCBITaxon:10090": ("mice", "mouse"),
        "NCBITaxon:10116": ("rats", "rat"),
    }
)
"""Plural and attributive names of the species that a reader expects by their common names."""

_SYSTEMS: Final = MappingProxyType(
    {
        "in_vitro": "in vitro",
        "ex_vivo": "ex vivo",
        "clinical_trial": "in a clinical trial",
        "observational_human": "in observational studies",
    }
)
"""Study systems that a sentence names; the others say nothing of where an effect was seen."""

_AGES: Final = MappingProxyType(
    {"adult": "in adults", "neonatal": "in newborns", "embryonic": "in embryos"}
)
"""How a sentence says the stages of life."""

_PLACES: Final = ("disease", "cell", "anatomy")

_OUTCOMES: Final = MappingProxyType(
    {
        "met": "primary endpoint met",
        "not_met": "primary endpoint not met",
        "not_stated": "outcome not stated",
    }
)


def is_plural(name: str) -> bool:
    """Say whether a name reads as a plural, by the ending of its head.

    >>> is_plural("Nerve Growth Factors"), is_plural("multiple sclerosis"), is_plural("GDNF")
    (True, False, False)
    """
    head = _HEAD.split(name, maxsplit=1)[0].split() if "s" in name else ()
    if not head:
        return False
    word = head[-1]
    if not word.endswith("s") or word.isupper() or word.lower() in _SINGULAR_WORDS:
        return False
    return word.isalpha() and not word.lower().endswith(_SINGULAR_ENDS)


def noun_phrase(entity: PathEntity) -> tuple[str, bool]:
    """Return how a sentence names an entity, and whether that is a plural.

    Cells are put in the plural, structures and counted processes get an article; all other names
    stand as the graph has them.

    >>> noun_phrase(PathEntity("CL:0000047", "neural stem cell", "biolink:Cell"))
    ('neural stem cells', True)
    >>> noun_phrase(PathEntity("UBERON:0000120", "blood brain barrier", "biolink:AnatomicalEntity"))
    ('the blood brain barrier', False)
    """
    name, plural = entity.name, is_plural(entity.name)
    if entity.category in _CELLS:
        return (name if plural else _pluralised(name)), True
    if plural or (entity.category in _STRUCTURES and name.startswith("the ")):
        return name, plural
    if entity.category in _STRUCTURES:
        return f"the {name}", False
    if name.endswith(_COUNTED) and name[:1].islower():
        return f"the {name}", False
    return name, False


def _pluralised(name: str) -> str:
    if name.endswith("cell"):
        return f"{name}s"
    if ")" in name and not name.endswith(")"):
        begin, _, end = name.rpartition(")")
        return f"{begin}){_pluralised(end)}"
    head = _HEAD.split(name, maxsplit=1)[0].rstrip()
    rest = name[len(head) :]
    if not head[-1:].isalpha():
        return name
    if head.endswith("y") and head[-2:-1] not in "aeiou":
        head = f"{head[:-1]}ie"
    elif head.endswith(("s", "x", "ch", "sh")):
        head = f"{head}e"
    return f"{head}s{rest}"


def plural_verb(phrase: str) -> str:
    """Return a singular verb phrase in the plural.

    >>> plural_verb("secretes"), plural_verb("is part of"), plural_verb("positively regulates")
    ('secrete', 'are part of', 'positively regulate')
    """
    first, space, rest = phrase.partition(" ")
    if first.endswith("ly") and rest:
        return f"{first} {plural_verb(rest)}"
    if first in _AUXILIARIES:
        return f"{_AUXILIARIES[first][0]}{space}{rest}"
    if first.endswith(("sses", "shes", "ches", "xes", "zes")):
        first = first[:-2]
    elif first.endswith("ies"):
        first = f"{first[:-3]}y"
    elif first.endswith("s") and not first.endswith("ss"):
        first = first[:-1]
    return f"{first}{space}{rest}"


def infinitive(plural: str) -> str:
    """Return the infinitive of a plural verb phrase, without *to*.

    >>> infinitive("secrete"), infinitive("are part of")
    ('secrete', 'be part of')
    """
    first, space, rest = plural.partition(" ")
    return f"{_AUXILIARIES[first][1]}{space}{rest}" if first in _AUXILIARIES else plural


def hedged_verb(predicate: Predicate, statement: HopStatement, *, plural: bool) -> str:
    """Return the verb phrase of a statement as its hop walks it, hedged as its evidence.

    Parameters
    ----------
    predicate : Predicate
        The predicate of the statement; without phrases its label serves.
    statement : HopStatement
        Its direction, hedge and modality decide the voice and the hedge.
    plural : bool
        Whether what stands before the verb is a plural.

    Returns
    -------
    str
        Such as *are reported to secrete* or *is bound by*.

    >>> secretes = Predicate(id="secretes", label="secretes", verbs={"singular": "secretes",
    ...     "plural": "secrete", "passive": "is secreted by"})
    >>> said = HopStatement(id="1", subject="a", predicate="secretes", object="b",
    ...                     direction="forward", hedge="reported")
    >>> hedged_verb(secretes, said, plural=True)
    'are reported to secrete'
    """
    verb = _hedged(predicate, statement, plural=plural)
    if predicate.role != "basis" or statement.effect != "lowers":
        return verb
    # A disease rests on what it lowers only where that is impaired.
    return f"when impaired {verb}" if statement.direction == "reverse" else f"{verb} impaired"


def _hedged(predicate: Predicate, statement: HopStatement, *, plural: bool) -> str:
    pattern = _MODALITIES.get(statement.modality) or _HEDGES.get(statement.hedge)
    singular = _singular(predicate, statement)
    if pattern is None and not plural and not statement.negated:
        return singular
    many = _plural(predicate, statement, singular)
    verb = many if plural else singular
    if pattern is None:
        return f"do not {infinitive(many)}" if statement.negated else verb
    return pattern.format(
        be="are" if plural else "is",
        infinitive=infinitive(many),
        verb=verb,
        pronoun="they" if plural else "it",
    )


def _is_passive(predicate: Predicate, statement: HopStatement) -> bool:
    return statement.direction == "reverse" and not predicate.symmetric


def _singular(predicate: Predicate, statement: HopStatement) -> str:
    """Return the singular verb phrase in the direction of the hop."""
    if _is_passive(predicate, statement):
        return predicate.verbs.get("passive") or _finite(
            predicate.inverse_label or f"(in reverse) {predicate.label}"
        )
    return predicate.verbs.get("singular") or _finite(predicate.label)


def _plural(predicate: Predicate, statement: HopStatement, singular: str) -> str:
    """Return the plural verb phrase in the direction of the hop."""
    stated = "" if _is_passive(predicate, statement) else predicate.verbs.get("plural")
    return stated or plural_verb(singular)


def _finite(label: str) -> str:
    """Return a label as a finite verb: *part of* needs an *is*, *secretes* does not."""
    for word in label.split():
        if word.endswith("s") and not word.endswith(("ss", "us", "is")):
            return label
        if not word.endswith("ly"):
            break
    return label if label.split(" ", maxsplit=1)[0] in _AUXILIARIES else f"is {label}"


def context_phrase(contexts: Iterable[Context], *, known: frozenset[str] = frozenset()) -> str:
    """Return where a finding was made, in words; empty where nothing is said of it.

    `known` holds the CURIEs that the sentence names anyway.

    >>> context_phrase([Context("species", "NCBITaxon:10116", "Rattus norvegicus"),
    ...                 Context("model", "MONDO:0005134", "EAE")])
    'in rat EAE'
    >>> context_phrase([Context("system", "in_vitro"), Context("cell", "CL:0000128", "OL")])
    'in vitro, in OLs'
    """
    by_type: dict[str, list[Context]] = {}
    for context in contexts:
        if context.value not in known:
            by_type.setdefault(context.type, []).append(context)
    parts = [
        *_species_and_model(by_type.get("species", []), by_type.get("model", [])),
        *(_SYSTEMS[c.value] for c in by_type.get("system", []) if c.value in _SYSTEMS),
        *(f"in {_place(c)}" for kind in _PLACES for c in by_type.get(kind, [])),
        *(_stage(c) for c in by_type.get("stage", [])),
        *(_label(c) for c in by_type.get("dose", [])),
        *(_OUTCOMES.get(c.value, _label(c)) for c in by_type.get("outcome", [])),
    ]
    return ", ".join(dict.fromkeys(parts))


def _species_and_model(species: Sequence[Context], models: Sequence[Context]) -> list[str]:
    if models:
        kinds = " and ".join(_SPECIES.get(c.value, ("", _label(c)))[1] for c in species)
        names = " and ".join(map(_heading, models))
        return [f"in {kinds} {names}".replace("  ", " ")]
    if species:
        return [f"in {' and '.join(_SPECIES.get(c.value, (_label(c), ''))[0] for c in species)}"]
    return []


def _place(context: Context) -> str:
    """Return where something happens as a noun phrase: cells in the plural, organs with article."""
    name = _label(context)
    if context.type == "cell" and not is_plural(name):
        return _pluralised(name)
    return f"the {name}" if context.type == "anatomy" and not is_plural(name) else name


def _stage(context: Context) -> str:
    """Return a stage in words: *adult; after: migration* is in adults, after migration."""
    parts = (part.partition(": ") for part in _label(context).split("; "))
    said = (
        f"after {value}" if kind == "after" else value or _AGES.get(kind, kind)
        for kind, _, value in parts
    )
    return ", ".join(said)


def _heading(context: Context) -> str:
    """Return the name of a model, an inverted heading (*Disease Models, Animal*) turned round."""
    name = _label(context)
    first, comma, rest = name.partition(", ")
    turn = comma and first.istitle() and rest.istitle() and rest.isalpha()
    return f"{rest} {first}".lower() if turn else name


def _label(context: Context) -> str:
    return context.label or context.value.replace("_", " ")


class HopWords(msgspec.Struct, frozen=True, gc=False):
    """A hop in words: its main clause, what else is stated, and what sources disagree on.

    `clause` is verb, object and context; `also` are whole sentences.
    """

    clause: str
    also: tuple[str, ...] = ()


def hop_words(
    tail: PathEntity,
    head: PathEntity,
    statements: Sequence[HopStatement],
    doubts: Sequence[float],
    predicates: Mapping[str, Predicate],
) -> HopWords:
    """Return a hop in words: its firmest statement, then parallel ones of other predicates.

    Parameters
    ----------
    tail, head : PathEntity
        The entities that the hop leads from and to.
    statements : sequence of HopStatement
        The statements of the hop, at least one.
    doubts : sequence of float
        The doubt of each statement, 0 (firm) to 1.
    predicates : mapping of str to Predicate
        The predicates of the graph by identifier.

    Returns
    -------
    HopWords
        Statements along the hop speak for it where there are any. Those of another predicate are
        another mechanism and stand in a sentence of their own, `MAX_ALSO` of them at most.

    >>> nsc = PathEntity("CL:0000047", "neural stem cell", "biolink:Cell")
    >>> neuron = PathEntity("CL:0000540", "neuron", "biolink:Cell")
    >>> said = [HopStatement(id=p, subject=nsc.id, predicate=p, object=neuron.id,
    ...                      direction="forward") for p in ("protects", "develops_into")]
    >>> named = {s.predicate: Predicate(id=s.predicate, label=s.predicate.replace("_", " "))
    ...          for s in said}
    >>> hop_words(nsc, neuron, said, (0.1, 0.2), named)
    HopWords(clause='protect neurons', also=('Neural stem cells also develop into neurons.',))
    """
    if len(statements) == 1:
        return HopWords(_clause_of(statements, noun_phrase(tail)[1], (tail, head), predicates))
    order = sorted(
        range(len(statements)),
        key=lambda i: (statements[i].direction == "reverse", doubts[i], statements[i].id),
    )
    direction = statements[order[0]].direction
    groups: dict[str, list[HopStatement]] = {}
    along = [i for i in order if statements[i].direction == direction]
    # What follows from definitions says nothing that a claim beside it does not.
    claims = [i for i in along if predicates[statements[i].predicate].role != "bridge"]
    for i in claims or along:
        groups.setdefault(statements[i].predicate, []).append(statements[i])
    subject, plural = noun_phrase(tail)
    worded = {
        same[0].id: _clause_of(same, plural, (tail, head), predicates) for same in groups.values()
    }
    first, *others = worded.values()
    opposed = _opposed([same[0] for same in groups.values()])
    if opposed:
        one, other = (worded[statement.id] for statement in opposed)
        return HopWords(first, (f"Sources disagree: {subject} {one}, and {other}.",))
    also = dict.fromkeys(others[:MAX_ALSO])
    return HopWords(first, tuple(capitalised(f"{subject} {_also(words)}.") for words in also))


def _clause_of(
    same: Sequence[HopStatement],
    plural: bool,
    ends: tuple[PathEntity, PathEntity],
    predicates: Mapping[str, Predicate],
) -> str:
    """Return what statements of one predicate say, the firmest first."""
    verb = hedged_verb(predicates[same[0].predicate], same[0], plural=plural)
    return clause(verb, ends[1], _contexts(same), known=frozenset([end.id for end in ends]))


def _also(words: str) -> str:
    """Return a clause with *also* before its verb, or behind an auxiliary."""
    first, _, rest = words.partition(" ")
    return f"{first} also {rest}" if first in {*_AUXILIARIES, "may"} else f"also {words}"


def _opposed(statements: Sequence[HopStatement]) -> tuple[HopStatement, HopStatement] | None:
    """Return the firmest statement that raises and the firmest that lowers, where both are."""
    raising = next((s for s in statements if s.effect == "raises"), None)
    lowering = next((s for s in statements if s.effect == "lowers"), None)
    return (raising, lowering) if raising and lowering else None


def _contexts(statements: Sequence[HopStatement]) -> tuple[Context, ...]:
    """Return the contexts of the firmest statement, and the species and systems of its equals."""
    first = statements[0]
    shared = (
        context
        for other in statements[1:]
        if (other.hedge, other.effect) == (first.hedge, first.effect)
        for context in other.context
        if context.type in {"species", "system"}
    )
    if not first.context:
        return ()
    return tuple(dict.fromkeys((*first.context, *shared)))


def path_sentence(
    entities: Sequence[PathEntity], hops: Sequence[HopWords], doubts: Sequence[float]
) -> str:
    """Return a path in words, with its weakest hop and with what else its hops state.

    `hops` and `doubts` (the least of each hop) have one element for each hop.

    >>> nsc, neuron = (PathEntity(i, name, "biolink:Cell") for i, name in (
    ...     ("CL:0000047", "neural stem cell"), ("CL:0000540", "neuron")))
    >>> gdnf = PathEntity("HGNC:4232", "GDNF", "biolink:Gene")
    >>> path_sentence((nsc, gdnf, neuron), (HopWords("secrete GDNF"), HopWords("protects neurons")),
    ...               (0.1, 0.3))
    'Neural stem cells secrete GDNF, which protects neurons. Weakest hop: GDNF to neuron.'
    """
    parts = [sentence_of(entities[0], [hop.clause for hop in hops])]
    weakest = weakest_hop(doubts)
    if len(hops) > 1:
        parts.append(f"Weakest hop: {entities[weakest].name} to {entities[weakest + 1].name}.")
    return " ".join([*parts, *(sentence for hop in hops for sentence in hop.also)])


def weakest_hop(doubts: Sequence[float]) -> int:
    """Return the index of the hop of the largest doubt, the first of equals.

    >>> weakest_hop([0.1, 0.4, 0.4])
    1
    """
    return max(range(len(doubts)), key=doubts.__getitem__)


def clause(
    verb: str, target: PathEntity, contexts: Sequence[Context], *, known: frozenset[str]
) -> str:
    """Return verb, object and context of a hop.

    >>> clause("secrete", PathEntity("HGNC:4232", "GDNF", "biolink:Gene"),
    ...        [Context("species", "NCBITaxon:10116")], known=frozenset())
    'secrete GDNF (in rats)'
    """
    where = context_phrase(contexts, known=known) if contexts else ""
    words = f"{verb} {noun_phrase(target)[0]}"
    return f"{words} ({where})" if where else words


def sentence_of(source: PathEntity, clauses: Sequence[str]) -> str:
    """Return a path as one sentence: the first clause, then relative clauses.

    >>> sentence_of(PathEntity("CL:0000047", "neural stem cell", "biolink:Cell"),
    ...             ["secrete GDNF", "protects neurons"])
    'Neural stem cells secrete GDNF, which protects neurons.'
    """
    return capitalised(f"{noun_phrase(source)[0]} {', which '.join(clauses)}.")


def capitalised(text: str) -> str:
    """Return a text with a capital at its start, unless its first word is a symbol (*mTOR*).

    >>> capitalised("neurons die."), capitalised("mTOR rises.")
    ('Neurons die.', 'mTOR rises.')
    """
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first.islower() or "-" in first else text
