"""The streams that accounts bring and people add."""
