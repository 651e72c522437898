"""Compile entities and statements into a snapshot."""
