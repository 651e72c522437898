"""Languages of texts: which name is wanted first, and where those of the others are kept."""

from __future__ import annotations

from collections.abc import Sequence

from mechkg.kg.readers.content import LANGUAGES

__all__ = ["language_key", "language_rank"]


def language_rank(language: str | None, preferred: Sequence[str] = LANGUAGES) -> int:
    """Return the rank of a language tag (RFC 5646), least for the most wanted.

    Preferred languages come first, then texts without a tag, then all others.

    >>> [language_rank(tag) for tag in ("en", "en-GB", None, "de")]
    [0, 0, 1, 2]
    """
    if not language:
        return len(preferred)
    primary = language.casefold().partition("-")[0]
    for rank, wanted in enumerate(preferred):
        if wanted.casefold() in (language.casefold(), primary):
            return rank
    return len(preferred) + 1


def language_key(language: str | None, preferred: Sequence[str] = LANGUAGES) -> str:
    """Return the attribute that keeps the names of a language, empty for those preferred.

    >>> language_key("de-AT"), language_key("en-GB"), language_key(None)
    ('name@de-at', '', '')
    """
    if language_rank(language, preferred) <= len(preferred):
        return ""
    return f"name@{(language or '').casefold()}"
