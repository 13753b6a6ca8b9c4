"""Finding what has died, and getting it again."""
