"""AllDebrid."""
