"""Trakt, v2."""
