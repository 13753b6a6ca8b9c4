"""What happened while people watched: the ring of system events, and the history of clients."""
