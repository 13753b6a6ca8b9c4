"""Accounts with their profiles, filters and server groups."""
