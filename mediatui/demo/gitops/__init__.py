"""Argo CD, as far as a media stack meets it: Applications that compare, sync and heal, and what generates them."""
