"""The network tuner we look like: its identity, and how the neighbourhood finds it."""
