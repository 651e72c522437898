"""SPARQL 1.1 and linked data: /sparql, /.well-known/void and /id."""
