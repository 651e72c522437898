"""Conversions to notebooks, networkx and pandas."""
