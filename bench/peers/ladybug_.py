"""LadybugDB, the fork that carries Kuzu on."""

from __future__ import annotations

import ladybug

from bench.peers.cypher import Cypher


class Ladybug(Cypher):
    """See `bench.peers.cypher`."""

    library = ladybug


PEER = Ladybug
