"""TorBox."""
