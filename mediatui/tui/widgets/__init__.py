"""Widgets drawn line by line, so that what did not change costs nothing."""
