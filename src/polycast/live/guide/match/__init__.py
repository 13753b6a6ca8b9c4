"""Which guide channel belongs to which channel: candidates with reasons, proposals, and taking them."""
