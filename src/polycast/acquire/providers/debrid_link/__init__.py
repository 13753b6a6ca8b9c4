"""Debrid-Link."""
