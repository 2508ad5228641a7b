"""What Sonarr, Radarr and Prowlarr have in common: they grew out of one code base, NzbDrone."""
