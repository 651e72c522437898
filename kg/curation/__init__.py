"""Corrections of a graph by curators: changesets, their log, and the versions that they give."""
