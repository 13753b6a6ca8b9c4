"""Searching titles and people."""
