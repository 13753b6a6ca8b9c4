"""The line-up people curate: channels and their streams, groups, profiles, logos, and who sees what."""
