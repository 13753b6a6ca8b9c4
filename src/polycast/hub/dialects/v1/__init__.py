"""`/polycast/v1`: the API of our own pages, and of whoever likes it better than the compatible ones."""
