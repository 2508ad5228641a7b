"""Bazarr: subtitles. It is written in Python with Flask, and has habits of its own."""
