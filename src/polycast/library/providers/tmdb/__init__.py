"""The Movie Database, v3."""
