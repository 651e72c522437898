"""How wide a text is, how it breaks into lines, and which of its characters XML allows.

Nothing here asks the machine for a font: widths are those of the Helvetica family (Adobe's core
14 font metrics, which Arial and Liberation Sans share), so that a figure has the same layout
everywhere. Boxes leave room for the wider fonts that a browser may put in its place.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["clean", "ellipsise", "text_width", "widest_word", "wrap"]

_ASCII_WIDTHS: Final = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
"""Widths of U+0020 to U+007E in thousandths of the font size."""

_OTHER_WIDTH: Final = 610
_BOLD: Final = 1.07
"""How much wider the bold face runs, on average over lower-case text."""

_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (fifth edition, section 2.2, `Char`) does not allow."""

_SPACE: Final = re.compile(r"\s+")
_BREAKS: Final = re.compile(r"(?<=[-/,:;)])(?=\w)")
"""Where a word may break: after a mark that joins its parts."""

_TURNS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of what follows them, beyond the name that holds them."""

_PILED: Final = 4
"""The most marks on one letter: more are no script's, and would paint over other names."""

ELLIPSIS: Final = "…"


def clean(text: str) -> str:
    r"""Return a text with what XML does not allow replaced by U+FFFD.

    >>> clean("a\x00b\x1bc")
    'a�b�c'
    """
    return _ILLEGAL.sub("�", text)


def _settled(text: str) -> str:
    """Return a text that stays in its place: unturned, and no higher than letters are."""
    kept, marks = [], 0
    for character in _TURNS.sub("", text):
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _PILED:
            kept.append(character)
    return "".join(kept)


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line in the unit of `size`, by a table of character widths.

    >>> round(text_width("neuron", 10), 2), round(text_width("神経", 10), 2)
    (31.13, 20.0)
    """
    total = sum(_character_width(character) for character in text)
    return total * size / 1000 * (_BOLD if bold else 1)


def widest_word(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of the widest word of a text, as far as a label could show it.

    >>> widest_word("a neuron", 10) == text_width("neuron", 10)
    True
    """
    return max((text_width(word, size, bold=bold) for word in text[:400].split()), default=0.0)


def _character_width(character: str) -> int:
    code = ord(character)
    if 0x20 <= code <= 0x7E:
        return _ASCII_WIDTHS[code - 0x20]
    if unicodedata.combining(character) or unicodedata.category(character) in {"Cf", "Mn", "Cc"}:
        return 0
    return 1000 if unicodedata.east_asian_width(character) in "WF" else _OTHER_WIDTH


def ellipsise(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """Return a text, or as much of its start as fits a width, ending in an ellipsis.

    >>> ellipsise("oligodendrocyte precursor cell", 60, 10)
    'oligodendro…'
    """
    if text_width(text, size, bold=bold) <= width:
        return text
    room = width - text_width(ELLIPSIS, size, bold=bold)
    used = 0.0
    for end, character in enumerate(text):
        used += text_width(character, size, bold=bold)
        if used > room:
            return text[:end].rstrip() + ELLIPSIS
    return text


def wrap(text: str, width: float, size: float, *, lines: int, bold: bool = False) -> list[str]:
    """Break a text into at most some lines of a width, greedily; the last may end in an ellipsis.

    Lines break at spaces and after joining marks; a longer word is cut. White space is collapsed.
    O(length) up to what fits; what follows is not read.

    >>> wrap("oligodendrocyte precursor cell", 90, 10, lines=2)
    ['oligodendrocyte', 'precursor cell']
    >>> wrap("", 90, 10, lines=2)
    ['']
    """
    readable = int(lines * width / size * 5) + 80  # no letter but a mark is under a fifth wide
    shortened = text[: readable * 2]
    rest = _SPACE.sub(" ", _settled(clean(shortened))).strip()
    done: list[str] = []
    while len(done) < lines - 1 and text_width(rest, size, bold=bold) > width:
        end = _line_end(rest, width, size, bold=bold)
        done.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    last = ellipsise(rest, width, size, bold=bold)
    if len(shortened) < len(text) and not last.endswith(ELLIPSIS):
        last += ELLIPSIS
    return [*done, last]


def _line_end(text: str, width: float, size: float, *, bold: bool) -> int:
    """Return where the first line of a text ends: the last break that fits, or a cut."""
    used, fits = 0.0, len(text)
    for end, character in enumerate(text):
        used += text_width(character, size, bold=bold)
        if used > width:
            fits = max(end, 1)
            break
    breaks = [m.start() for m in _BREAKS.finditer(text, 0, fits + 1) if m.start() <= fits]
    space = text.rfind(" ", 0, fits + 1)
    best = max([space, *breaks])
    return best if best > 0 else fits
