"""An rclone that mounts the WebDAV tree: told what has changed, and how it is to be started."""
