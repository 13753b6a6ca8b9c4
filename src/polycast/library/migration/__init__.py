"""Moving over from Plex, Jellyfin and Emby."""
