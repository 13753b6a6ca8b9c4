"""What joins the modules: the UI's own API, home, search, activity."""
