"""Read and write RDF: terms, triples, schema, and readers of large files."""
