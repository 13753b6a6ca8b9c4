"""Bytes of files that lie elsewhere, read from anywhere."""
