"""Seerr (Overseerr, Jellyseerr), API v1."""
