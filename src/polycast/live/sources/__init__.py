"""Where streams come from: provider accounts, their groups, and what a refresh makes of them."""
