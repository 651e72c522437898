"""Cells that hold several values: the spellings of a list that tables of the field use.

KGX parts the values of a cell by `|`. Other writers leave a JSON array (`["a","b"]`), the text of
a Python list, tuple, set or numpy array (`['a', 'b']`, `['a' 'b']`), a list of bare CURIEs
(`[A:1, A:2]`), or values parted by the unit separator U+001F or, as RTX-KG2 does, by `ǂ`.
"""

from __future__ import annotations

import ast
import re
from typing import Any, Final

import msgspec

__all__ = [
    "attribute",
    "compact",
    "identifiers",
    "is_missing",
    "plain_value",
    "says_nothing",
    "values",
]

MAX_LIST: Final = 1 << 20
"""Characters of a cell that is looked at as a list, 1 MiB."""
MAX_PRINTED: Final = 1 << 14
"""Characters of a cell that is looked at as what Python prints, 16 KiB."""
_PRINTED: Final = re.compile(r"[\[{]\s*[{'\"]")
SEPARATORS: Final = ("\x1f", "ǂ")
"""Marks that part values wherever they are in a cell: nothing else uses them."""
_MISSING: Final = frozenset(("nan", "none", "null", "n/a", "#n/a", "<na>", "\\n"))
_NOTHING: Final = frozenset(
    ("nan", "NaN", "None", "null", "NULL", "n/a", "N/A", "#N/A", "<NA>", "\\N")
)
"""What programs write for a missing text; a name may be spelt alike in other cases."""
_NO_ITEM: Final = re.compile(r"\b(?:None|nan|NaN|null|NULL|NaT)\b|<NA>")
_EMPTY: Final = re.compile(r"(?:np\.)?(?:array|set|frozenset|list|tuple)\((?:\[\])?\)")
_QUOTED: Final = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_BETWEEN: Final = re.compile(r"(?:[\s,]|\\n)*")
_POSTGRES: Final = re.compile(
    r'\{(?:"(?:[^"\\]|\\.)*"|[^{},"\']+)(?:,(?:"(?:[^"\\]|\\.)*"|[^{},"\']+))*\}'
)
"""An array of PostgreSQL: items in braces, those with blanks or marks quoted."""
_ITEM: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[^{},"\']+')
_CURIE: Final = re.compile(r"[A-Za-z][\w.-]*:[^\s,\[\]]+")
_CONSTRUCTED: Final = re.compile(
    r"(?:np\.)?(?:array|set|frozenset|list|tuple)"
    r"\(([\[({].*[\])}])(?:,\s*dtype=[\w<'\"]+)?\)"
    r"|c(\([\"'].*[\"']\))",
    re.DOTALL,
)
"""How Python, numpy and R write a list that they made."""
_BRACKETS: Final = {"[": "]", "(": ")", "{": "}"}


def values(value: Any) -> list[str]:
    r"""Return the values of a multi-valued field: those of a list, or of a text in any spelling.

    >>> values("PMID:1|PMID:2"), values(["PMID:1"]), values("")
    (['PMID:1', 'PMID:2'], ['PMID:1'], [])
    >>> values('["a","b"]'), values("['a', 'b']"), values("{'a'}"), values("a\x1fb")
    (['a', 'b'], ['a', 'b'], ['a'], ['a', 'b'])
    >>> values("PMID:1ǂPMID:2")
    ['PMID:1', 'PMID:2']
    >>> values("array(['a', 'b'], dtype=object)"), values("[]"), values("{}")
    (['a', 'b'], [], [])
    >>> values("['it' 's']"), values("[A:1, A:2]"), values("[18F]FDG"), values("[NO2]")
    (['it', 's'], ['A:1', 'A:2'], ['[18F]FDG'], ['[NO2]'])
    >>> values('{"a b",c}'), values("{A:1,A:2}"), values('c("a", "b")'), values("{x}")
    (['a b', 'c'], ['A:1', 'A:2'], ['a', 'b'], ['{x}'])
    """
    if isinstance(value, str):
        text = value.strip()
        if text in _NOTHING or _EMPTY.fullmatch(text):
            return []
        made = _CONSTRUCTED.fullmatch(text)
        if made is not None:
            text = (made[1] or made[2]).strip()
        if text[:1] in _BRACKETS and text[-1:] == _BRACKETS[text[:1]] and len(text) <= MAX_LIST:
            found = _listed(text)
            if found is not None:
                return [part for part in found if part and part not in _NOTHING]
        separator = next((mark for mark in SEPARATORS if mark in text), "|")
        parts = map(str.strip, text.split(separator))
        return [part for part in parts if part and part not in _NOTHING]
    if isinstance(value, (list, tuple)):
        texts = [compact(part) for part in value if part not in (None, "")]
        return [text for text in texts if text not in _NOTHING]
    return [compact(value)]


def identifiers(value: Any) -> list[str]:
    """Return the values of a field of identifiers, which may also be parted by `;` or `,`.

    A text is cut there only where each part is an identifier with a prefix.

    >>> identifiers("PMID:1;PMID:2"), identifiers("PMID:1, X:2"), identifiers("DOI:10.1/(a;b)")
    (['PMID:1', 'PMID:2'], ['PMID:1', 'X:2'], ['DOI:10.1/(a;b)'])
    """
    return [part for text in values(value) for part in _apart(text)]


def _apart(text: str) -> list[str]:
    for separator in ";,":
        parts = [part.strip() for part in text.split(separator)]
        named = [part for part in parts if part]
        if len(named) > 1 and all(map(_CURIE.fullmatch, named)):
            return [part for whole in named for part in _apart(whole)]
    return [text]


def _listed(text: str) -> list[str] | None:
    """Return the values of a text in brackets, None where it is no list."""
    if text[0] == "[":
        try:
            items = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            pass
        else:
            return [compact(item) for item in items if item is not None]
    inner = text[1:-1].strip()
    if not inner:
        return []
    if not _BETWEEN.sub("", _NO_ITEM.sub("", _QUOTED.sub("", inner))):
        return [_unquoted(match[0]) for match in _QUOTED.finditer(inner)]
    if _POSTGRES.fullmatch(text):
        items = [item.strip() for item in _ITEM.findall(inner)]
        if any(item[0] == '"' for item in items) or all(map(_CURIE.fullmatch, items)):
            return [_unquoted(item) if item[0] == '"' else item for item in items]
    parts = [part.strip() for part in inner.split(",")]
    return parts if text[0] == "[" and all(map(_CURIE.fullmatch, parts)) else None


def _unquoted(token: str) -> str:
    try:
        text = ast.literal_eval(token)
    except (SyntaxError, ValueError):
        return token[1:-1]
    return text if isinstance(text, str) else token[1:-1]


def is_missing(text: str) -> bool:
    """Say whether a text is how programs write a missing value: it names nothing.

    >>> is_missing("NaN"), is_missing("NULL"), is_missing("NANOG"), is_missing("")
    (True, True, False, False)
    """
    return text.casefold() in _MISSING


def says_nothing(text: str) -> bool:
    """Say whether a text is what programs write for a missing one.

    >>> says_nothing("nan"), says_nothing("NAN")
    (True, False)
    """
    return text in _NOTHING


def plain_value(text: str) -> Any:
    """Return what a cell of JSON holds, the text itself where it is no array or object of JSON.

    What Python prints for one is taken, too: pandas writes lists of objects so.

    >>> plain_value('[{"resource_id": "infores:ctd"}]')[0]["resource_id"], plain_value("x")
    ('infores:ctd', 'x')
    >>> plain_value("[{'a': None}]"), plain_value("[A:1]")
    ([{'a': None}], '[A:1]')
    """
    if text[:1] not in {"[", "{"} or len(text) > MAX_LIST:
        return text
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        pass
    if len(text) > MAX_PRINTED or not _PRINTED.match(text):
        return text
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return text


def attribute(value: object) -> str:
    """Return a value of JSON as the text of an attribute; a list of texts as a table has it.

    >>> attribute(["a", "b"]), attribute(["a"]), attribute(["a|b", "c"]), attribute({"a": 1})
    ('a|b', 'a', '["a|b","c"]', '{"a":1}')
    """
    if isinstance(value, (list, tuple)) and value:
        texts = [item for item in value if isinstance(item, str) and item and "|" not in item]
        if len(texts) == len(value):
            return "|".join(texts)
    return compact(value)


def compact(value: object) -> str:
    """Return a value of JSON as the text of an attribute: strings bare, the rest as JSON.

    >>> compact("a"), compact(1.5), compact(["a", "b"]), compact(msgspec.Raw(b"1e-400"))
    ('a', '1.5', '["a","b"]', '1e-400')
    """
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
