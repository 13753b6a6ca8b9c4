"""What is being acquired, and the queue that carries it out."""
