"""From folders to files with names: walking, reading names, probing, matching."""
