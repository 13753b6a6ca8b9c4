"""TheTVDB, v4."""
