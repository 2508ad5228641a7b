"""End to end: the program as its user runs it, on a real control plane."""
