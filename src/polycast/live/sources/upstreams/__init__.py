"""How a stream is reached: the address, the login and the headers its provider wants."""
