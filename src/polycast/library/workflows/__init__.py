"""Long work that people can see, as this module's API words it."""
