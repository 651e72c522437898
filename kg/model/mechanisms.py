"""Curated mechanisms: which statements an expert's path from a cause to an effect leads over."""

from __future__ import annotations

import msgspec

__all__ = ["Mechanism", "Step"]


class Step(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A step of a mechanism: two entities (CURIEs), and the predicate where one is given.

    >>> Step("DRUGBANK:DB00945", "HGNC:9605").predicate
    ''
    """

    subject: str
    object: str
    predicate: str = ""


class Mechanism(msgspec.Struct, frozen=True, gc=False):
    """A curated mechanism: its identifier, the file that lists it, and its steps.

    >>> Mechanism("DB00945_MESH_D000787_1", "indication_paths.yaml", ()).steps
    ()
    """

    id: str
    source: str
    steps: tuple[Step, ...]
