"""User agents, stream and output profiles, and the groups of settings that clients know."""
