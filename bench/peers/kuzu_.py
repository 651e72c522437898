"""Kuzu 0.11, the last release under this name."""

from __future__ import annotations

import kuzu

from bench.peers.cypher import Cypher


class Kuzu(Cypher):
    """See `bench.peers.cypher`."""

    library = kuzu


PEER = Kuzu
