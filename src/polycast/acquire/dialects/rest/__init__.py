"""The REST API of the original."""
