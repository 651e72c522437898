"""Notebook widget: a path figure that can be explored."""
