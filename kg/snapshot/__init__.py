"""An immutable, content-hashed graph on disk: index, records, names and their catalogue."""
