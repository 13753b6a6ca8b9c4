"""better-auth's routes. See README.md."""
