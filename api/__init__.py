"""Every face of MechKG: the HTTP service and the command line."""
