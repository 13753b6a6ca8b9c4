"""Running channels: one reader of the provider, a ring, and as many clients as come."""
