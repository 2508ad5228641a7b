"""The terminal UI: draws the picture and takes keys; it never talks to a cluster."""
