"""Premiumize."""
