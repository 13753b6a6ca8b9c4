"""OpenSubtitles, REST v1."""
