"""The home page: what is on, how the server is."""
