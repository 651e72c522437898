"""Every door measured: what clients of other tools meet, beside the servers that they know."""
