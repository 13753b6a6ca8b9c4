"""Addresses to read from: asked for when needed, kept, refreshed."""
