"""What our own pages need besides."""
