"""What is known of titles beyond their files: notes beside them, artwork, ratings, providers."""
