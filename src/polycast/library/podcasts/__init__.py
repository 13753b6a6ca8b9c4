"""Podcasts: subscribe, refresh, listen."""
