"""The guide: where programmes come from, how they are kept, and how channels find theirs."""
