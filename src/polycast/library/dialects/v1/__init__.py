"""Dubby's REST API. See README.md."""
