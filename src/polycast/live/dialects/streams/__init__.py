"""`/proxy/*`: live bytes for players, and the control of what runs."""
