"""The knowledge of MechKG as files that a curator edits, and the RDF side of the code."""
