"""A running channel in all detail, in the original's words.

Source: `specs/live.md` 3.14, "Detailed".
"""

from datetime import datetime
from typing import Any, Final

from polycast.live.relay.model import ClientView, SessionView
from polycast.live.relay.session import Session
from polycast.live.relay.views import basic_status, client_status

CHUNK: Final = 188 * 1361  # bytes of a chunk of the original's ring


def detailed_status(view: SessionView, session: Session, now: datetime) -> dict[str, Any]:
    """The basic status, and all that is measured. `client_count` equals the length of `clients`."""
    age = (now - view.data_at).total_seconds() if view.data_at is not None else None
    settings = session.settings
    stats = view.stats
    return basic_status(view, now) | {
        "clients": [_client(client, view.node, now) for client in view.clients],
        "state_changed_at": view.state_since.timestamp(),
        "state_duration": round((now - view.state_since).total_seconds(), 1),
        "total_data": _size_words(view.received_bytes),
        "m3u_profile_name": view.account_name,
        "buffer_stats": {
            "chunks": view.chunks,
            "avg_chunk_size": CHUNK,
            "recent_chunk_sizes": [],
            "keys_found": view.held_bytes // CHUNK,
            "keys_missing": 0,
            "is_ts_aligned": True,
            "latest_chunk_ttl": settings.redis_chunk_ttl,
            "diagnostics": {"held_bytes": view.held_bytes, "dropped_bytes": session.ring.dropped_bytes},
        },
        "local_manager": {
            "healthy": view.is_healthy,
            "connected": session.current is not None,
            "last_data_time": view.data_at.timestamp() if view.data_at is not None else None,
            "last_data_age": round(age, 2) if age is not None else None,
        },
        "pixel_format": stats.get("pixel_format"),
        "source_bitrate": stats.get("video_bitrate"),
        "sample_rate": stats.get("sample_rate"),
        "audio_bitrate": stats.get("audio_bitrate"),
        "ffmpeg_fps": None,
        "actual_fps": stats.get("source_fps"),
        "ffmpeg_bitrate": round(view.rate_bps / 1000, 1),
        "last_message": view.message,
    }


def _client(client: ClientView, node: str, now: datetime) -> dict[str, Any]:
    return client_status(client) | {
        "worker_id": node,
        "last_active": client.seen_at.timestamp(),
        "last_active_ago": round((now - client.seen_at).total_seconds(), 2),
        "bytes_sent": client.sent_bytes,
        "avg_rate_KBps": round(client.average_bps / 8192, 2),
        "current_rate_KBps": round(client.rate_bps / 8192, 2),
    }


def _size_words(size: int) -> str:
    """As people read it: "12.40 MB"."""
    return f"{size / 1_048_576:.2f} MB" if size < 1 << 30 else f"{size / (1 << 30):.2f} GB"
