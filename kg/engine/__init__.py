"""Paths over a graph that is fetched in batches: the engine contract and the search above it."""
