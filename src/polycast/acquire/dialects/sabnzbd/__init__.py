"""SABnzbd's API, as download automation uses it."""
