"""Services and servers that this one is connected with, set up and watched by people."""
