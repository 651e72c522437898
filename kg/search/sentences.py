"""Word hops, paths and statements: clauses, what else is stated, what sources disagree on.

A clause takes its verb from `verb_words`, its nouns from `mechkg.kg.model.nouns` and its bracket
from `context_words`. Cells are spoken of in the plural, as in the literature: *neural stem cells
secrete GDNF*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import msgspec

from mechkg.kg.model.nouns import is_measure, is_plural, listed, noun_of
from mechkg.kg.model.schema import Predicate
from mechkg.kg.model.values import HopStatement, PathEntity, Qualifier, Statement
from mechkg.kg.search.context_words import context_phrase
from mechkg.kg.search.verb_words import AUXILIARIES, hedged_verb, plural_verb, unsaid_effect

__all__ = [
    "HopWords",
    "capitalised",
    "clause",
    "MAX_NAMED",
    "hop_words",
    "limits_of",
    "named",
    "noun_phrase",
    "path_sentence",
    "sentence_of",
    "statement_sentence",
    "weakest_hop",
]

MAX_NAMED: Final = 3
"""Entities of one side that a sentence names, at most."""

MAX_ALSO: Final = 2
"""Further statements of a hop that its sentence names, at most."""

MAX_CONTEXTS: Final = 2
"""Contexts of statements that say the same which a sentence names, at most."""

_MODALS: Final = frozenset({"may", "might", "can", "could"})
_ONE_OF: Final = re.compile(
    r"\b(is|are|be)(,? (?:not|by inference),?)? an? (?:kind|form|type|subclass|subtype) of$"
)
"""Ends of verbs after which a noun stands in the singular, without an article."""

_AMONG: Final = MappingProxyType({"is": "is one of", "are": "are among", "be": "be one of"})

_MODIFIERS: Final = ("impaired", "lost", "missing", "deficient", "reduced", "defective", "absent")
"""Last words of a verb that belong to its object: what follows is not said of the object so."""

_KIND_OF: Final = re.compile(r"(?:is|are)\b.{0,16}\b(?:a kind of|a form of|one of|among)\b")
"""Begin of a clause that says what its subject is: no effect, so that *which* cannot mislead."""

_REMARKS: Final = MappingProxyType({"challenge": "a challenge"})
"""What a sentence says of a statement by its modality, beside its verb."""

_LIMITS: Final = MappingProxyType(
    {
        "via": "via {}",
        "mediator": "through {}",
        "receptor": "through {}",
        "co-receptor": "with the co-receptor {}",
        "dependence": "dependent on {}",
        "cargo": "cargo: {}",
        "aspect": "aspect: {}",
        "limitation": "{}",
        "mechanism": "{}",
        "conditions": "under {}",
        "prevalence": "in {}",
        "fraction": "in {}",
    }
)
"""How a sentence says the qualifiers that narrow a claim, by their type; others are notes."""

_WORDED_THERE: Final = frozenset({"aspect", "dependence", "mechanism", "receptor"})
"""Qualifiers that a limitation, where there is one, says in better words."""

_ON_MEASURES: Final = frozenset({"effect", "condition", "supply"})
"""Roles of predicates whose verbs speak of things, not of measures of them."""

_DEFINED: Final = frozenset({"bridge", "identity"})
"""Roles of statements that follow from definitions."""

_CARRYING: Final = frozenset({"supply", "expression"})
"""Roles by which a cell gives what it makes: another cell is beside it, not its place."""

_CELLS: Final = frozenset({"biolink:Cell", "Cell"})
_GRAFTED: Final = _CELLS | {"biolink:Procedure", "biolink:Treatment"}
"""Categories of what may have been put into an animal of another species."""


def noun_phrase(entity: PathEntity) -> tuple[str, bool]:
    """Return how a sentence names an entity, and whether that is a plural.

    >>> noun_phrase(PathEntity("CL:0000047", "neural stem cell", "biolink:Cell"))
    ('neural stem cells', True)
    >>> noun_phrase(PathEntity("UBERON:0000120", "blood brain barrier", "biolink:AnatomicalEntity"))
    ('the blood brain barrier', False)
    """
    noun = noun_of(entity.name, entity.category)
    return noun.text, noun.plural


def named(entities: Sequence[PathEntity], count: int = 0) -> tuple[str, bool]:
    """Return how a sentence names the first `MAX_NAMED` of `count` entities; is it a plural?

    >>> nsc, gdnf = (PathEntity(i, name, kind) for i, name, kind in (
    ...     ("CL:0000047", "neural stem cell", "biolink:Cell"), ("HGNC:4232", "GDNF", "Gene")))
    >>> named((nsc, gdnf)), named((gdnf,), 4)
    (('neural stem cells and GDNF', True), ('GDNF and 3 more', True))
    """
    count = max(count, len(entities))
    nouns = [noun_phrase(entity) for entity in entities[:MAX_NAMED]]
    more = [f"{count - len(nouns)} more"] if count > len(nouns) else []
    return listed([*(words for words, _ in nouns), *more]), count > 1 or any(p for _, p in nouns)


class HopWords(msgspec.Struct, frozen=True, gc=False):
    """A hop in words: its main clause, what else is stated, and what sources disagree on.

    `clause` is verb, object and context; `also` are whole sentences. `modified` is set where the
    verb says something of the object (*impaired myelination*) that the next hop does not mean,
    `lowers` where the object is one thing of which the verb makes less.
    """

    clause: str
    also: tuple[str, ...] = ()
    modified: bool = False
    lowers: bool = False


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
    >>> hop_words(nsc, neuron, said, (0.1, 0.2), named).also
    ('Neural stem cells also develop into neurons.',)
    """
    ends = tail, head
    if len(statements) == 1:
        words, modified = _clause_of(statements, ends, predicates)
        return HopWords(words, modified=modified, lowers=_lowers(statements[0], head))
    groups = _groups(statements, doubts, predicates)
    opposed = _opposed([same[0] for same in groups])
    if opposed:
        return _opposed_words([_group_of(groups, one) for one in opposed], ends, predicates)
    first, *others = (_clause_of(same, ends, predicates) for same in groups)
    subject = noun_phrase(tail)[0]
    also = dict.fromkeys(words for words, _ in others[:MAX_ALSO])
    return HopWords(
        first[0],
        tuple(capitalised(f"{_joined(subject, _also(words))}.") for words in also),
        first[1],
        _lowers(groups[0][0], head),
    )


def _lowers(statement: HopStatement, head: PathEntity) -> bool:
    forward = statement.direction == "forward" and statement.effect == "lowers"
    return forward and not noun_phrase(head)[1]


def _groups(
    statements: Sequence[HopStatement],
    doubts: Sequence[float],
    predicates: Mapping[str, Predicate],
) -> list[list[HopStatement]]:
    """Return the statements that speak for a hop by predicate, effect and denial, firmest first."""
    order = sorted(
        range(len(statements)),
        key=lambda i: (statements[i].direction == "reverse", doubts[i], statements[i].id),
    )
    direction = statements[order[0]].direction
    along = [i for i in order if statements[i].direction == direction]
    # What follows from definitions says nothing that a claim beside it does not.
    claims = [i for i in along if predicates[statements[i].predicate].role not in _DEFINED]
    groups: dict[object, list[HopStatement]] = {}
    for i in claims or along:
        one = statements[i]
        groups.setdefault((one.predicate, one.effect, one.negated), []).append(one)
    return list(groups.values())


def _group_of(groups: Sequence[list[HopStatement]], one: HopStatement) -> list[HopStatement]:
    return next(same for same in groups if same[0] is one)


def _opposed(statements: Sequence[HopStatement]) -> tuple[HopStatement, HopStatement] | None:
    """Return the firmest statement that raises and the firmest that lowers, the firmer first."""
    raising = next((s for s in statements if s.effect == "raises"), None)
    lowering = next((s for s in statements if s.effect == "lowers"), None)
    if raising is None or lowering is None:
        return None
    first = next(s for s in statements if s is raising or s is lowering)
    return (first, lowering if first is raising else raising)


def _opposed_words(
    groups: Sequence[Sequence[HopStatement]],
    ends: tuple[PathEntity, PathEntity],
    predicates: Mapping[str, Predicate],
) -> HopWords:
    """Return two opposed groups in words: a dual role is both, a contradiction is said as one."""
    one, other = groups
    subject = noun_phrase(ends[0])[0]
    target, many = noun_phrase(ends[1])
    (first, where), (second, there) = [_verb_and_context(g, ends, predicates) for g in groups]
    dual = _is_dual(one[0], other[0]) and one[0].hedge == other[0].hedge
    if dual and not first.startswith("when"):
        between = "" if where == there else _bracket(where)
        return HopWords(f"both {first}{between} and {second} {target}{_bracket(there)}")
    begin = f"{first} {target}{_bracket(where)}"
    pronoun = "them" if many else "it"
    said = f"{_joined(subject, begin)}, {_joined('and', second)} {pronoun}{_bracket(there)}"
    apart = where != there and bool(where) and bool(there)
    both = _is_dual(one[0], other[0]) or (apart and "contested" not in _hedges(groups))
    return HopWords(begin, (f"{'Both are stated' if both else 'Sources disagree'}: {said}.",))


def _hedges(groups: Sequence[Sequence[HopStatement]]) -> set[str]:
    return {same[0].hedge for same in groups}


def _is_dual(one: HopStatement, other: HopStatement) -> bool:
    """Say whether sources give opposed statements as two roles of one subject."""
    return all(
        any(q.type == "dual_role" and q.value.startswith("true") for q in s.qualifiers)
        for s in (one, other)
    )


def _verb_and_context(
    same: Sequence[HopStatement],
    ends: tuple[PathEntity, PathEntity],
    predicates: Mapping[str, Predicate],
) -> tuple[str, str]:
    """Return the verb of statements of one predicate, and the words of their bracket."""
    first = same[0]
    predicate = _of_measures(predicates[first.predicate], first, ends[1])
    verb = hedged_verb(predicate, first, plural=noun_phrase(ends[0])[1])
    remarks = [
        "" if predicate.effect in {"raises", "lowers"} else _action(first),
        _mechanism(first),
        *limits_of(first.qualifiers),
        unsaid_effect(predicate, first),
        _REMARKS.get(first.modality, ""),
    ]
    return verb, ", ".join(filter(None, [*remarks, _where(same, ends, predicate)]))


def _of_measures(predicate: Predicate, statement: HopStatement, head: PathEntity) -> Predicate:
    """Return a predicate with the verbs that suit its object: a measure is raised, not made."""
    effect = statement.effect
    forward = statement.direction == "forward" and predicate.role in _ON_MEASURES
    if not forward or effect not in {"raises", "lowers"} or not is_measure(head.name):
        return predicate
    verbs = {"singular": effect, "plural": plural_verb(effect)}
    return msgspec.structs.replace(predicate, effect=effect, verbs=verbs)


def _action(statement: HopStatement) -> str:
    """Return how a ligand or drug acts on its target: *as an inhibitor*."""
    action = statement.action.replace("_", " ")
    article = "an" if action[:1] in {"a", "e", "i", "o", "u"} else "a"
    return f"as {article} {action}" if action else ""


def _mechanism(statement: HopStatement) -> str:
    """Return Biolink's causal mechanism of a statement: *by inhibition*."""
    for qualifier in statement.qualifiers:
        if qualifier.type.rpartition(":")[2] == "causal_mechanism_qualifier":
            return f"by {qualifier.value.rpartition(':')[2].replace('_', ' ')}"
    return ""


def limits_of(qualifiers: Iterable[Qualifier]) -> Iterator[str]:
    """Yield by what road, of what or in how many a claim holds: *via neurotrophic support*.

    What a curator worded as its limitation stands for those of `_WORDED_THERE`.

    >>> list(limits_of([Qualifier("limitation", "in relapses"), Qualifier("aspect", "acute")]))
    ['in relapses']
    """
    said = list(qualifiers)
    worded = any(qualifier.type == "limitation" for qualifier in said)
    for qualifier in said:
        pattern = _LIMITS.get(qualifier.type)
        if pattern and not (worded and qualifier.type in _WORDED_THERE):
            yield pattern.format(qualifier.value)


def _where(
    same: Sequence[HopStatement], ends: tuple[PathEntity, PathEntity], predicate: Predicate
) -> str:
    """Return the contexts of the firmest statement and of its equals, each said on its own.

    Nothing is said where the firmest one names none: it is not limited to those of the others.
    """
    first = same[0]
    if not first.context:
        return ""
    known = frozenset([end.id for end in ends])
    agent = ends[first.direction == "reverse"]
    beside = "with" if predicate.role in _CARRYING and agent.category in _CELLS else "in"
    equals = [s for s in same if (s.hedge, s.modality) == (first.hedge, first.modality)]
    phrases = list(
        dict.fromkeys(
            context_phrase(s.context, known=known, beside=beside, cells=agent.category in _GRAFTED)
            for s in equals
        )
    )
    parts = [set(phrase.split(", ")) for phrase in phrases]
    kept = [
        phrase
        for phrase, own in zip(phrases, parts, strict=True)
        if phrase and not any(own < other for other in parts)
    ]
    return "; ".join(kept[:MAX_CONTEXTS])


def _clause_of(
    same: Sequence[HopStatement],
    ends: tuple[PathEntity, PathEntity],
    predicates: Mapping[str, Predicate],
) -> tuple[str, bool]:
    """Return what statements of one predicate say, and whether it modifies its object."""
    verb, where = _verb_and_context(same, ends, predicates)
    noun = noun_of(ends[1].name, ends[1].category)
    # A class is spoken of in the singular after *a kind of*, in the plural before its own verb.
    modified = verb.endswith(_MODIFIERS) or (noun.plural and bool(_ONE_OF.search(verb)))
    return clause(verb, ends[1], where, against=_against(same[0])), modified


def _against(statement: HopStatement) -> str:
    return next((q.value for q in statement.qualifiers if q.type == "against"), "")


def _bracket(words: str) -> str:
    return f" ({words})" if words else ""


def _also(words: str) -> str:
    """Return a clause with *also* before its verb, or behind an auxiliary."""
    first, _, rest = words.partition(" ")
    if words.startswith("when "):
        return words
    return f"{first} also {rest}" if first in AUXILIARIES or first in _MODALS else f"also {words}"


def _joined(subject: str, words: str) -> str:
    """Return a subject with its clause; a condition stands between commas."""
    return f"{subject}, {words}" if words.startswith("when ") else f"{subject} {words}"


def clause(verb: str, target: PathEntity, where: str = "", *, against: str = "") -> str:
    """Return verb, object and bracket of a hop.

    After *a kind of* the object is in the singular; one that is a plural name is *one of* it.

    >>> gdnf = PathEntity("HGNC:4232", "GDNF", "biolink:Gene")
    >>> clause("secrete", gdnf, "in rats")
    'secrete GDNF (in rats)'
    >>> clause("are a kind of", PathEntity("CL:0000127", "astrocyte", "biolink:Cell"))
    'are a kind of astrocyte'
    >>> clause("rests on impaired", PathEntity("x:1", "blood brain barrier", "AnatomicalEntity"))
    'rests on the impaired blood brain barrier'
    """
    noun = noun_of(target.name, target.category)
    text, found = noun.text, _ONE_OF.search(verb)
    if found and is_plural(noun.kind):
        be, _, among = _AMONG[found[1]].partition(" ")
        verb, text = f"{verb[: found.start()]}{be}{found[2] or ''} {among}", f"the {noun.kind}"
    elif found:
        text = noun.kind
    said = next((word for word in _MODIFIERS if verb.endswith(f" {word}")), "")
    if said and text.startswith("the "):
        verb, text = verb.removesuffix(f" {said}"), text.replace("the ", f"the {said} ", 1)
    limit = f" against {against}" if against else ""
    return f"{verb} {text}{limit}{_bracket(where)}"


def path_sentence(
    entities: Sequence[PathEntity], hops: Sequence[HopWords], doubts: Sequence[float]
) -> str:
    """Return a path in words, with its weakest hop and with what else its hops state.

    Where several hops are equally weak none is named. `hops` and `doubts` (the least of each hop)
    have one element for each hop. After a hop that modifies its object (*rests on impaired
    myelination*) a new sentence speaks of the object itself; after one that lowers it the object is
    named again, as *which* could mean that it is lowered.

    >>> nsc, neuron = (PathEntity(i, name, "biolink:Cell") for i, name in (
    ...     ("CL:0000047", "neural stem cell"), ("CL:0000540", "neuron")))
    >>> gdnf = PathEntity("HGNC:4232", "GDNF", "biolink:Gene")
    >>> path_sentence((nsc, gdnf, neuron), (HopWords("secrete GDNF"), HopWords("protects neurons")),
    ...               (0.1, 0.3))
    'Neural stem cells secrete GDNF, which protects neurons. Weakest hop: GDNF to neurons.'
    """
    starts = [0, *(i + 1 for i, hop in enumerate(hops[:-1]) if hop.modified), len(hops)]
    parts = [
        sentence_of(
            entities[start],
            [hop.clause for hop in hops[start:end]],
            [
                noun_phrase(entities[i + 1])[0]
                if hops[i].lowers and not _KIND_OF.match(hops[i + 1].clause)
                else ""
                for i in range(start, end - 1)
            ],
        )
        for start, end in pairwise(starts)
    ]
    weakest = weakest_hop(doubts)
    if len(hops) > 1 and doubts.count(doubts[weakest]) == 1:
        tail, head = (noun_phrase(entities[i])[0] for i in (weakest, weakest + 1))
        parts.append(f"Weakest hop: {tail} to {head}.")
    return " ".join([*parts, *(sentence for hop in hops for sentence in hop.also)])


def weakest_hop(doubts: Sequence[float]) -> int:
    """Return the index of the hop of the largest doubt, the first of equals.

    >>> weakest_hop([0.1, 0.4, 0.4])
    1
    """
    return max(range(len(doubts)), key=doubts.__getitem__)


def sentence_of(source: PathEntity, clauses: Sequence[str], again: Sequence[str] = ()) -> str:
    """Return a path as one sentence: the first clause, then relative clauses.

    `again` has for each further clause the noun to name once more; empty for *which*.

    >>> nsc = PathEntity("CL:0000047", "neural stem cell", "biolink:Cell")
    >>> sentence_of(nsc, ["secrete GDNF", "protects neurons"])
    'Neural stem cells secrete GDNF, which protects neurons.'
    >>> sentence_of(nsc, ["inhibit inflammation", "damages neurons"], ["inflammation"])
    'Neural stem cells inhibit inflammation; inflammation damages neurons.'
    """
    first, *others = clauses
    nouns = again or [""] * len(others)
    parts = [_joined(noun_phrase(source)[0], first)]
    for words, noun in zip(others, nouns, strict=True):
        parts.append(f"; {_joined(noun, words)}" if noun else f", {_joined('which', words)}")
    return capitalised("".join([*parts, "."]))


def statement_sentence(
    statement: Statement, subject: PathEntity, target: PathEntity, predicate: Predicate
) -> str:
    """Return a statement as a sentence, as a path of this one hop would say it.

    >>> said = Statement(id="1", subject="CL:0000047", predicate="secretes", object="HGNC:4232",
    ...                  hedge="reported")
    >>> statement_sentence(said, PathEntity(said.subject, "neural stem cell", "biolink:Cell"),
    ...                    PathEntity(said.object, "GDNF", "biolink:Gene"),
    ...                    Predicate(id="secretes", label="secretes"))
    'Neural stem cells are reported to secrete GDNF.'
    """
    fields = {name: getattr(statement, name) for name in _SHARED}
    said = HopStatement(direction="forward", **fields)
    words, _ = _clause_of([said], (subject, target), {statement.predicate: predicate})
    return sentence_of(subject, [words])


_SHARED: Final = tuple(
    name for name in HopStatement.__struct_fields__ if name in Statement.__struct_fields__
)
"""The fields that a statement has alone and in a hop."""


def capitalised(text: str) -> str:
    """Return a text with a capital at its start, unless its first word is a symbol (*mTOR*).

    >>> capitalised("neurons die."), capitalised("mTOR rises.")
    ('Neurons die.', 'mTOR rises.')
    """
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first.islower() or "-" in first else text
