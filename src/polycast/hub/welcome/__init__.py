"""The first run: which steps a new server's owner has taken."""
