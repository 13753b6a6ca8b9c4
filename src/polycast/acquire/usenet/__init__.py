"""News: posts described by NZB files, read as files without being downloaded."""
