"""`/output/*`: playlists and guides for players that know an address and nothing else."""
