"""Sonarr, Radarr and their kin."""
