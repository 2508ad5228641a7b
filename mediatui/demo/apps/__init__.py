"""The media apps of the demo: HTTP servers without a socket that answer as Sonarr, Radarr and their like do."""
