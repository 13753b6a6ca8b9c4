"""Jellyfin's API, as far as its clients use it to sign in, browse, play and report. See README.md."""
