"""The time that an answer may take."""

from __future__ import annotations

import time
from typing import Final

__all__ = ["CHECKED", "Late", "check_time"]

CHECKED: Final = 256
"""Steps of a loop between two looks at the clock."""


class Late(Exception):
    """Time ran out before the answer stood."""


def check_time(deadline: float) -> None:
    """Raise `Late` past a deadline, in seconds of the monotonic clock."""
    if time.monotonic() > deadline:
        raise Late
