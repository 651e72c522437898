"""Columns on disk: numeric arrays, packed strings, and the interner that numbers texts."""
