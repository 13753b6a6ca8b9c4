"""The APIs of the hub."""
