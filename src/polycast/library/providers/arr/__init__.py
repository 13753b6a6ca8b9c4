"""Radarr and Sonarr, API v3."""
