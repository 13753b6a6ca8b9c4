"""Services that fetch torrents on their own machines, behind one port."""
