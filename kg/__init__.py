"""The core of MechKG: store, load, search, rank and draw a knowledge graph.

docs/architecture.md draws the layers. Import names from `mechkg`, not from here.
"""
