"""What is put into the download folder when a transfer is there."""
