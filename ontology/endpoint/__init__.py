"""A graph behind a SPARQL 1.1 endpoint, as an engine of `mechkg.kg.engine`."""
