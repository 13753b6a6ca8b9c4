"""Bytes of playback sessions: `/api/stream`."""
