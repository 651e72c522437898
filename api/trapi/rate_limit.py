"""How many requests a client may make in a minute, counted over all workers of a server."""

from __future__ import annotations

import mmap
import time
from hashlib import blake2b
from typing import Final

import numpy as np
from werkzeug.exceptions import TooManyRequests

__all__ = ["Rate"]

SLOTS: Final = 4096


class Rate:
    """Counts requests in memory that is shared by every process forked after this is made.

    Clients that fall into the same of `SLOTS` places are counted together.

    >>> rate = Rate(1)
    >>> rate.take("::1")
    >>> rate.take("::1")
    Traceback (most recent call last):
    werkzeug.exceptions.TooManyRequests: 429 ...
    """

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        shared = mmap.mmap(-1, SLOTS * 16)
        self._counts = np.frombuffer(shared, np.int64).reshape(SLOTS, 2)

    def take(self, client: str) -> None:
        """Count a request; raises `TooManyRequests` past the rate. No rate is 0."""
        if not self.per_minute:
            return
        digest = blake2b(client.encode(), digest_size=4).digest()
        slot = self._counts[int.from_bytes(digest, "little") % SLOTS]
        minute = int(time.time() // 60)
        if slot[0] != minute:
            slot[:] = minute, 0
        slot[1] += 1
        if slot[1] > self.per_minute:
            raise TooManyRequests(
                f"A client may ask {self.per_minute} times a minute.", retry_after=60
            )
