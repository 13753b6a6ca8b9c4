"""The qBittorrent Web API."""
