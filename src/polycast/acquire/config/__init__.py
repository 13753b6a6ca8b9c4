"""What people set acquisition up with: the document behind `/api/config`."""
