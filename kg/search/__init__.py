"""Find, list, stream and explain mechanism paths."""
