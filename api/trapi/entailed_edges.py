"""Edges that follow from others: what is said of a subclass holds in the name of its class.

Such an edge is MechKG's own conclusion and says so: knowledge level, agent, source. The statement
and the `subclass_of` statements that it follows from are in its support graph.
"""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from mechkg.api.trapi.edges import INFORES, Attribute, Edge, Source, support_name

__all__ = ["entailed", "entailed_name"]

NOT_PASSED_ON = frozenset(("biolink:support_graphs", "mechkg:statement"))


def entailed_name(subject: str, statement: str, obj: str) -> str:
    """Return the key of an entailed edge.

    >>> entailed_name("CL:0000540", "SC061", "HGNC:4232")
    'CL:0000540--SC061--HGNC:4232'
    """
    return f"{subject}--{statement}--{obj}"


def entailed(edge: Edge, name: str, subject: str, obj: str, statement: str) -> Edge:
    """Return what an edge entails between `subject` and `obj`, classes at or above its ends."""
    kept = [a for a in edge.attributes or () if a.attribute_type_id not in NOT_PASSED_ON]
    primary = [s.resource_id for s in edge.sources if s.resource_id != INFORES]
    return msgspec.structs.replace(
        edge,
        subject=subject,
        object=obj,
        knowledge_level="logical_entailment",
        agent_type="automated_agent",
        sources=[
            Source(
                resource_id=INFORES,
                resource_role="primary_knowledge_source",
                upstream_resource_ids=primary or UNSET,
            )
        ],
        attributes=[
            *kept,
            Attribute(attribute_type_id="mechkg:derived_from", value=[statement]),
            Attribute(attribute_type_id="biolink:support_graphs", value=[support_name(name)]),
        ],
    )
