"""Rows of the start page, and what one might like."""
