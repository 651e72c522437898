"""The HTTP API: application, routes, formats and problems."""
