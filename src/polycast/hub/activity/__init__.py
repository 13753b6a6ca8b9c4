"""What has happened, in sentences."""
