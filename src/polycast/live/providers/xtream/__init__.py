"""Xtream Codes panels, as their client."""
