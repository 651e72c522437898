"""Answer SPARQL 1.1 queries in sandboxed worker processes."""
