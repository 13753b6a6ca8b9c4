"""Everything the accounts hold, as rows and as a tree of folders."""
