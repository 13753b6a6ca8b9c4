"""A running channel at one moment, and the two ways it is told."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from polycast.live.relay.course import State
from polycast.live.relay.model import ClientView, SessionView
from polycast.live.relay.session import Session
from polycast.live.sources.addresses import masked

CLIENTS_SHOWN: Final = 10
HEALTHY_S: Final = 10.0
STATE_WORDS: Final[Mapping[State, str]] = {  # the pages'
    State.INITIALIZING: "connecting",
    State.CONNECTING: "connecting",
    State.WAITING_FOR_CLIENTS: "playing",
    State.ACTIVE: "playing",
    State.BUFFERING: "stalled",
    State.STOPPING: "stopping",
    State.STOPPED: "stopping",
    State.ERROR: "failed",
}


def session_view(session: Session, now: datetime, node: str) -> SessionView:
    """Everything that is told about `session`."""
    attempt, last, ring = session.current, session.last, session.ring
    upstream = last.upstream if last is not None else None
    quiet = session.quiet_s
    return SessionView(
        target=session.target,
        state=session.state,
        state_since=session.state_since,
        started_at=session.started_at,
        message=session.message,
        node=node,
        stream_id=upstream.stream_id if upstream else None,
        stream_name=upstream.stream_name if upstream else "",
        account_name=upstream.account_name if upstream else "",
        account_profile_id=upstream.account_profile_id if upstream else None,
        stream_profile=last.how.name if last else "",
        url=masked(upstream.url) if upstream else "",
        switches=session.switches,
        received_bytes=session.received_bytes + (attempt.received_bytes if attempt else 0),
        rate_bps=session.rate.bps,
        speed=attempt.speed if attempt else 0.0,
        is_healthy=quiet is not None and quiet < HEALTHY_S,
        data_at=now - timedelta(seconds=quiet) if quiet is not None else None,
        chunks=ring.total_bytes // (188 * 1361),
        held_bytes=ring.held_bytes,
        stats=session.stats,
        clients=tuple(client.view(now, session.switches) for client in session.clients.values()),
    )


def basic_status(view: SessionView, now: datetime | None = None) -> dict[str, Any]:
    """An element of `channels` in the original's `/proxy/ts/status`."""
    now = now or view.started_at
    uptime = max(0.0, (now - view.started_at).total_seconds())
    average = view.received_bytes * 8 / uptime / 1000 if uptime > 0 else view.rate_bps / 1000
    stats = view.stats
    return {
        "channel_id": view.target.ref,
        "state": view.state.value,
        "url": view.url,
        "stream_profile": view.stream_profile,
        "owner": view.node,
        "buffer_index": view.chunks,
        "client_count": len(view.clients),
        "uptime": round(uptime, 1),
        "started_at": view.started_at.timestamp(),
        "channel_name": view.target.name,
        "logo_id": view.target.logo_id,
        "m3u_profile_id": view.account_profile_id,
        "stream_id": view.stream_id,
        "stream_name": view.stream_name,
        "total_bytes": view.received_bytes,
        "avg_bitrate_kbps": round(average, 2),
        "avg_bitrate": bitrate_words(average),
        "healthy": view.is_healthy,
        "clients": [client_status(client) for client in view.clients[:CLIENTS_SHOWN]],
        "video_codec": stats.get("video_codec"),
        "resolution": stats.get("resolution"),
        "source_fps": stats.get("source_fps"),
        "ffmpeg_speed": round(view.speed, 2) if view.speed else None,
        "audio_codec": stats.get("audio_codec"),
        "audio_channels": stats.get("audio_channels"),
        "stream_type": stats.get("stream_type"),
    }


def client_status(client: ClientView) -> dict[str, Any]:
    """A client in short, in the original's words."""
    return {
        "client_id": client.client_id,
        "user_agent": client.guest.user_agent,
        "output_format": client.outlet.format.value,
        "ip_address": client.guest.address,
        "connected_at": client.connected_at.timestamp(),
        "user_id": str(client.guest.user_id or 0),
        "output_profile_id": client.outlet.profile_id,
    }


def bitrate_words(kbps: float) -> str:
    """As people read it: "4.21 Mbps", "820.00 Kbps"."""
    return f"{kbps / 1000:.2f} Mbps" if kbps >= 1000 else f"{kbps:.2f} Kbps"


def number_words(thousandths: int | None) -> str | None:
    """A channel number without trailing zeros."""
    return None if thousandths is None else f"{thousandths / 1000:.3f}".rstrip("0").rstrip(".")


def session_shape(view: SessionView, streams: list[tuple[int, str]] | None = None) -> dict[str, Any]:
    """The pages' `LiveSession`."""
    stats = view.stats
    named = {"id": view.stream_id, "name": view.stream_name} if view.stream_id else None
    logo_id = view.target.logo_id
    return {
        "uuid": view.target.ref,
        "channel_id": view.target.channel_id or 0,
        "number": number_words(view.target.number),
        "name": view.target.name,
        "logo_url": f"/api/channels/logos/{logo_id}/cache/" if logo_id else None,
        "state": "switching" if view.state is State.CONNECTING and view.switches else STATE_WORDS[view.state],
        "message": view.message,
        "stream": named,
        "source": view.account_name,
        "streams": [{"id": one, "name": name} for one, name in streams]
        if streams is not None
        else [named]
        if named
        else [],
        "started_at": view.started_at,
        "rate_bps": round(view.rate_bps),
        "received_bytes": view.received_bytes,
        "switches": view.switches,
        "video": " ".join(str(stats[key]) for key in ("video_codec", "resolution") if stats.get(key)),
        "audio": " ".join(str(stats[key]) for key in ("audio_codec", "audio_channels") if stats.get(key)),
        "clients": [client_shape(client) for client in view.clients],
    }


def client_shape(client: ClientView) -> dict[str, Any]:
    """The pages' `Client`."""
    return {
        "id": client.client_id,
        "user": client.guest.username,
        "address": client.guest.address,
        "agent": client.guest.user_agent,
        "connected_at": client.connected_at,
        "sent_bytes": client.sent_bytes,
        "rate_bps": round(client.rate_bps),
        "behind_ms": round(client.behind_s * 1000),
    }
