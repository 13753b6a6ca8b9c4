"""The tree over WebDAV."""
