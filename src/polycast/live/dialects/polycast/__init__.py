"""What our own pages ask of live TV that clients of the original do not: `/polycast/v1/live/*`."""
