"""The HTTP side of a network tuner, at the root of the origin and under `/hdhr`."""
