"""The embedded cluster: an API server on loopback that speaks the real protocol, and what lives on it."""
