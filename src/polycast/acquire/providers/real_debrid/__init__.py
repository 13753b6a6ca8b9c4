"""Real-Debrid."""
