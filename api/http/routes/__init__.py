"""One module a subject; each makes a blueprint from what it is handed, and none knows another."""
