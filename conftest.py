"""Fixtures for the tests, and for the examples in the docstrings of the package."""

pytest_plugins = ["tests.fixtures"]
