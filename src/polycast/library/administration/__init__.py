"""The view of those who run the server: what plays, who watches what, flags, members."""
