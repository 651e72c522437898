"""Frozen value types: entities, statements, paths, queries, results and the schema."""
