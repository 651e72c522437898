"""Names as English noun phrases: number and article.

What a language library cannot know is in `nouns.tsv`, the first match of:

- `name`: a whole name, with the words in `form`;
- the ending of its head, which reads as a plural or, by `singular`, does not;
- `head`: the last word of the head (*response*), wherever it is;
- `category`: all other entities of a category.

Its `use` is *plural* (spoken of in the plural, as cells are), *definite* (takes *the*) or *bare*
(a mass noun or proper name). `plural` lists irregular plurals; `model` says how a sentence calls a
disease model; `process` lists heads of what happens and has no severity (*recovery*). `lower` lists
categories whose names are common nouns, written small inside a sentence (*axonal degeneration*):
any of them by `first`, only headings (*Cell Survival*) and long single words by `heading`, since
*Notch signaling* and *Akt* are names. `capital` lists ends of names that begin with that of a
person (*Babinski sign*) or are proper names (*Expanded Disability Status Scale*). General
libraries of English (inflect, lemminflect) were looked at and left out: they know neither
*microglia* nor that *multiple sclerosis* has no plural, and would be one more dependency.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

__all__ = [
    "Noun",
    "is_plural",
    "is_measure",
    "is_process",
    "listed",
    "model_name",
    "noun_of",
    "pluralised",
]

_MEASURE: Final = re.compile(
    r"\b(?:levels?|ratios?|latency|speed|volume|counts?|concentrations?|scores?|rates?)$"
)
"""Ends of names of measures."""

_HEAD: Final = re.compile(
    r"(?=,? (?:of|derived|from|in|for|to|on|with|by|via|inflamed|involved|acting)\b|,|\()"
)
"""Where the head of a name ends: before what follows it."""

_CAPITALISED: Final = re.compile(r"[A-Z][a-z]+(?=$|[-,)])")
"""A word with a capital, alone or as the first part of one: *Interferon-beta*, not *IgG*."""

MIN_WORD: Final = 4
"""Letters of a word that a heading writes large: *Recovery of Function*."""

MIN_COMMON: Final = 8
"""Letters of a single word that is taken for a common noun: *Fibrinogen*, not *Akt*."""

_SINGULAR_ENDS: Final = ("ss", "us", "is", "as", "'s")
_OF: Final = re.compile(r"\bof (?!the |an? )([a-z][a-z -]*)")

_NUMBERED: Final = re.compile(r"[IVX]+[ab]?|[\d.,+-]+|[A-Z]|alpha|beta|gamma|delta", re.ASCII)
"""Last words that make a name a proper one: *cranial nerve II*, *caspase 3*."""

_CHEMICALS: Final = ("Chemical", "Compound", "Drug", "Gene", "Molec", "Protein", "Small")
"""Begins of categories whose names are never turned round at a comma."""

MAX_NOUNS: Final = 4_096
"""Names that are kept as sentences use them: each is on many paths, and several times in one."""


class Noun(NamedTuple):
    """A name in a sentence: its words, whether they are a plural, and the name after *a kind of*.

    >>> noun_of("astrocyte", "biolink:Cell")
    Noun(text='astrocytes', plural=True, kind='astrocyte')
    """

    text: str
    plural: bool
    kind: str


@lru_cache(MAX_NOUNS)
def noun_of(name: str, category: str) -> Noun:
    """Return a name as a sentence uses it; O(length of the name).

    >>> noun_of("blood brain barrier", "biolink:AnatomicalEntity").text
    'the blood brain barrier'
    >>> noun_of("oligodendrocyte apoptotic process", "biolink:BiologicalProcess").text
    'the oligodendrocyte apoptotic process'
    >>> noun_of("multiple sclerosis", "biolink:Disease").text
    'multiple sclerosis'
    """
    tables = _tables()
    known = tables["name"].get(name.casefold())
    name = _small(_turned(name, category), category)
    if known is not None:
        use, form = known
        return Noun(_with_article(use, form), use == "plural", name)
    if is_plural(name):
        return Noun(name, plural=True, kind=name)
    use = _use(name, category, tables)
    if use == "plural":
        return Noun(pluralised(name), plural=True, kind=name)
    name = _OF.sub(_of_the if category in tables["category"] else _of_counted, name)
    return Noun(_with_article(use, name), plural=False, kind=name)


def _small(name: str, category: str) -> str:
    """Return a name as it is written inside a sentence: *axonal degeneration*, *Babinski sign*."""
    begin, tables = name[:2], _tables()
    rule = tables["lower"].get(category.removeprefix("biolink:"), ("",))[0]
    if not rule or not begin.istitle() or "'" in name or _head_word(name) in tables["capital"]:
        return name
    words = name.split(" ")
    heading = all(_CAPITALISED.match(word) or len(word) < MIN_WORD for word in words)
    if rule == "heading" and not (heading and (words[1:] or len(name) >= MIN_COMMON)):
        return name
    words = [_CAPITALISED.sub(_lowered, word) for word in words] if heading else words
    return " ".join([_CAPITALISED.sub(_lowered, words[0]), *words[1:]])


def _lowered(found: re.Match[str]) -> str:
    return found[0].lower()


def _of_the(found: re.Match[str]) -> str:
    """Return *of the heart* for *of heart*, but leave *of bone*, *of hairs* and *of Ranvier*."""
    owner = found[1]
    bare = _tables()["head"].get(_head_word(owner), ("",))[0] == "bare" or is_plural(owner)
    return found[0] if bare else f"of the {owner}"


def _of_counted(found: re.Match[str]) -> str:
    """Return *of the immune response* for *of immune response*: what takes *the* takes it here."""
    use = _tables()["head"].get(_head_word(found[1]), ("",))[0]
    return f"of the {found[1]}" if use == "definite" else found[0]


def _use(name: str, category: str, tables: Mapping[str, Mapping[str, tuple[str, str]]]) -> str:
    begin = name[:1]
    if name.startswith(("the ", "The ", "a ", "an ")):
        return "bare"
    word = _head_word(name)
    if _NUMBERED.fullmatch(word):
        return "plural" if tables["category"].get(category, ("", ""))[0] == "plural" else "bare"
    by_head = tables["head"].get(word)
    if by_head is not None and (begin.islower() or not begin.isalpha() or " " in name):
        return by_head[0]
    return tables["category"].get(category, ("bare", ""))[0]


def is_process(name: str) -> bool:
    """Say whether a name is one of what happens and has no severity, whatever its category.

    >>> is_process("Recovery of Function"), is_process("Axonal degeneration")
    (True, False)
    """
    return _head_word(name).lower() in _tables()["process"]


def is_measure(name: str) -> bool:
    """Say whether a name is that of a measure itself: there is no amount of a level.

    >>> is_measure("neurofilament light chain level"), is_measure("GDNF")
    (True, False)
    """
    return bool(_MEASURE.search(name))


def _with_article(use: str, text: str) -> str:
    return f"the {text}" if use == "definite" else text


def is_plural(name: str) -> bool:
    """Say whether a name reads as a plural, by the ending of its head.

    >>> is_plural("Nerve Growth Factors"), is_plural("multiple sclerosis"), is_plural("GDNF")
    (True, False, False)
    """
    head = _HEAD.split(name, maxsplit=1)[0].split() if "s" in name else ()
    if not head:
        return False
    word = head[-1]
    if not word.endswith("s") or word.isupper() or word.lower() in _tables()["singular"]:
        return False
    return word.isalpha() and not word.lower().endswith(_SINGULAR_ENDS)


def pluralised(name: str) -> str:
    """Return a name in the plural: that of its head.

    >>> pluralised("mesenchymal stem cell of the bone marrow"), pluralised("T cell (human)")
    ('mesenchymal stem cells of the bone marrow', 'T cells (human)')
    """
    if is_plural(name):
        return name
    if ")" in name and not name.endswith(")"):
        begin, _, end = name.rpartition(")")
        return f"{begin}){pluralised(end)}"
    head = _HEAD.split(name, maxsplit=1)[0].rstrip()
    if name.endswith(" cell") and "," in name:
        head = name
    rest = name[len(head) :]
    if not head[-1:].isalpha():
        return name
    begin, space, word = head.rpartition(" ")
    irregular = _tables()["plural"].get(word.lower())
    if irregular is not None:
        return f"{begin}{space}{irregular[1]}{rest}"
    if word.isupper() and len(word) == 1:
        return name
    return f"{begin}{space}{_regular_plural(word)}{rest}"


def _regular_plural(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    if word.endswith("sis"):
        return f"{word[:-2]}es"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence.

    >>> listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    return " and ".join([*([", ".join(words[:-1])] if words[1:] else []), *words[-1:]])


def model_name(label: str) -> str:
    """Return how a sentence calls a disease model.

    >>> model_name("Disease Models, Animal"), model_name("ethidium bromide lesion")
    ('animal disease models', 'ethidium bromide lesions')
    """
    known = _tables()["model"].get(label.casefold())
    return known[1] if known is not None else _turned(label, "")


def _turned(name: str, category: str) -> str:
    """Return an inverted heading (*Disease Models, Animal*) turned round."""
    first, comma, rest = name.partition(", ")
    if not comma or not (first.istitle() and rest.istitle() and rest.isalpha()):
        return name
    if category.removeprefix("biolink:").startswith(_CHEMICALS):
        return name
    return f"{rest} {first}".lower()


def _head_word(name: str) -> str:
    head = _HEAD.split(name, maxsplit=1)[0] or name
    return head.rsplit(maxsplit=1)[-1] if head.strip() else ""


@cache
def _tables() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    text = files(__package__).joinpath("nouns.tsv").read_text("utf-8")
    tables: dict[str, dict[str, tuple[str, str]]] = {}
    for line in text.splitlines()[1:]:
        kind, key, use, form = line.split("\t")
        tables.setdefault(kind, {})[key] = (use, form)
    return tables
