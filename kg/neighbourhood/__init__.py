"""Find, list and compare the neighbours of an entity."""
