"""Collections and watchlists."""
