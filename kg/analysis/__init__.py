"""Questions about all paths of a query: previews, why-not, comparison, choke points."""
