"""The WebSocket `/ws/`: what happens, in the words that clients of the original know."""
