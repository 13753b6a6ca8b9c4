"""Managed profiles: less than their account may see, behind a PIN."""
