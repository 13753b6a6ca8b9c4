"""The REST API under `/api/`, as clients of Dispatcharr know it."""
