"""How far a statement is from firm: one number from hedge, modality and evidence.

A statement holds if its wording claims it and at least one independent piece of evidence is
right, so with strengths e_i (noisy or, Pearl 1988)::

    doubt = 1 - wording * (1 - product of (1 - e_i))

where the wording is the weaker of hedge and modality.

The tables are ranking defaults, not findings: they say what a reader would trust first, and only
their order matters much. Several sentences of one source are one piece of evidence; several
publications are several.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from mechkg.kg.model.annotations import Annotations
from mechkg.kg.model.values import Evidence, Hedge, Statement

__all__ = ["HEDGES", "KINDS", "LEVELS", "MODALITIES", "doubt"]

HEDGES: Final = MappingProxyType[Hedge, float](
    {
        "asserted": 1.0,  # a review, an ontology or a trial says it without reserve
        "reported": 0.8,  # observed in the system that was studied
        "suggested": 0.5,  # offered by its authors as a reading of their data
        "hypothesised": 0.3,  # proposed, not yet seen
        "contested": 0.25,  # other data speak against it
    }
)
"""What each hedge is worth, 0 to 1."""

MODALITIES: Final = MappingProxyType(
    {
        "asserted": 1.0,  # said plainly
        "asserted_negative": 1.0,  # denied plainly; carries no path in any case
        "research_reported": 0.9,  # said to have been observed
        "challenge": 0.8,  # named as an obstacle, its strength left open
        "curator_inference": 0.6,  # follows from the text, not written there
        "potential": 0.6,  # said to be able to
        "possible": 0.5,  # said to be perhaps so
        "under_investigation": 0.5,  # studied, without a result given
        "aim": 0.5,  # what a therapy is meant to do
        "future_possible": 0.4,  # hoped for
    }
)
"""What the wording claims, 0 to 1; an unlisted modality counts 0.7."""

KINDS: Final = MappingProxyType(
    {
        "ontology_axiom": 0.95,  # agreed by editors and checked by a reasoner
        "ontology_definition": 0.9,  # agreed by editors, in words
        "curated_ligand_receptor_db": 0.9,  # curated from experiments, one relation only
        "curated_mechanism_db": 0.85,  # curated along with a whole mechanism
        "literature": 0.8,  # one publication that reports it
        "curated_pathway": 0.75,  # drawn by curators, direction of each step their reading
        "article": 0.7,  # said in a review, without its own data
        "curator_reading": 0.6,  # read by a curator where no publication was seen
        "go_annotation": 0.6,  # of a gene's product; direction by its term, ranked below papers
        "inferred": 0.6,  # derived, no source says it
    }
)
"""How likely one piece of evidence is right; an unlisted kind counts 0.6."""

LEVELS: Final = MappingProxyType(
    {
        "knowledge_assertion": 1.0,
        "logical_entailment": 1.0,
        "not_provided": 1.0,  # says nothing for or against
        "observation": 0.9,
        "statistical_association": 0.7,  # may be no mechanism at all
        "prediction": 0.6,
    }
)
"""Factor of Biolink's knowledge level; an unlisted one counts 0.9."""

AGENTS: Final = MappingProxyType(
    {
        "text_mining_agent": 0.7,
        "automated_agent": 0.8,
        "computational_model": 0.7,
    }
)
"""Factor of Biolink's agent type; an unlisted one counts 1."""

NO_EVIDENCE: Final = 0.5
"""Strength of a statement for which no source is given."""


def doubt(statement: Statement | Annotations) -> float:
    """Return the doubt of a statement, 0 (firm) to 1; O(evidence).

    >>> from mechkg.kg.model.values import Statement
    >>> paper = [Evidence(kind="literature", source="infores:pubmed", publications=(p,))
    ...          for p in ("PMID:28878618", "PMID:32897420")]
    >>> firm = Statement(id="a", subject="s:1", predicate="protects", object="o:1",
    ...                  evidence=tuple(paper))
    >>> round(doubt(firm), 2)
    0.04
    >>> bare = Statement(id="b", subject="s:1", predicate="protects", object="o:1",
    ...                  modality="possible")
    >>> doubt(bare)
    0.75
    """
    strengths: dict[tuple[str, str, tuple[str, ...]], float] = {}
    for evidence in statement.evidence:
        key = (evidence.kind, evidence.source, evidence.publications)
        strengths[key] = max(strengths.get(key, 0.0), _strength(evidence))
    missed = 1.0
    for strength in strengths.values():
        missed *= 1.0 - strength
    support = 1.0 - missed if strengths else NO_EVIDENCE
    wording = min(HEDGES[statement.hedge], MODALITIES.get(statement.modality, 0.7))
    return 1.0 - wording * support


def _strength(evidence: Evidence) -> float:
    return (
        KINDS.get(evidence.kind, 0.6)
        * LEVELS.get(evidence.knowledge_level, 0.9)
        * AGENTS.get(evidence.agent_type, 1.0)
    )
