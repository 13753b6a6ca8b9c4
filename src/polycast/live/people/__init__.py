"""What users have in live TV alone: limits, profiles, preferences of their players."""
