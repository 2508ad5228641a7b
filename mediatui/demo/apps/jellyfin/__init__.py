"""Jellyfin: the media server, 10.11 and 12."""
