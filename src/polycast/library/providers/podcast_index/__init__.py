"""The Podcast Index, v1."""
