"""What the edge tells about itself, in the shapes that readers of Icecast and SHOUTcast know. Source: specs/radio.md 4.2, 4.8."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any, Final
from urllib.parse import quote

import msgspec

from polycast.radio.edge.answers import SERVER
from polycast.radio.edge.listener import Listener
from polycast.radio.edge.model import MIME
from polycast.radio.edge.mount import Mount

XML: Final = "text/xml; charset=utf-8"
HTML: Final = "text/html; charset=utf-8"
JSON: Final = "application/json; charset=UTF-8"
XML_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def _long(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def address(host: str, path: str) -> str:
    """Where a mount is heard."""
    return f"http://{host}{quote(path)}"


def status_json(
    mounts: Sequence[Mount], *, host: str, admin: str, location: str, started_at: datetime, only: str = ""
) -> bytes:
    """`/status-json.xsl`: `source` is absent without one, an object for one, an array for more."""
    sources = [_source(one, host) for one in mounts if one.is_live and only in ("", one.spec.path)]
    stats: dict[str, Any] = {
        "admin": admin,
        "host": host.rpartition(":")[0] or host,
        "location": location,
        "server_id": SERVER,
        "server_start": _long(started_at),
        "server_start_iso8601": _iso(started_at),
    }
    if len(sources) == 1:
        stats["source"] = sources[0]
    elif sources:
        stats["source"] = sources
    return msgspec.json.encode({"icestats": stats})


def _source(mount: Mount, host: str) -> dict[str, Any]:
    spec = mount.spec
    told: dict[str, Any] = {
        "audio_info": mount.audio_info or f"bitrate={spec.bitrate_kbps}",
        "bitrate": spec.bitrate_kbps,
        "genre": spec.genre,
        "listener_peak": mount.peak,
        "listeners": len(mount.listeners),
        "listenurl": address(host, spec.path),
        "server_description": spec.description,
        "server_name": spec.name,
        "server_type": MIME[spec.format],
        "server_url": spec.url,
        "stream_start": _long(mount.started_at),
        "stream_start_iso8601": _iso(mount.started_at),
    }
    if mount.title.text:
        told["title"] = mount.title.text
    return told | {"dummy": None}


def stats_xml(mounts: Sequence[Mount], *, host: str, started_at: datetime) -> bytes:
    """`/admin/stats`."""
    top = [("host", host.rpartition(":")[0] or host), ("server_id", SERVER), ("server_start", _long(started_at))]
    top += [("server_start_iso8601", _iso(started_at)), ("listeners", str(sum(len(one.listeners) for one in mounts)))]
    top.append(("sources", str(sum(one.is_live for one in mounts))))
    body = _elements(top) + "".join(_source_xml(one, host) for one in mounts if one.is_live)
    return f"{XML_HEAD}<icestats>{body}</icestats>\n".encode()


def _source_xml(mount: Mount, host: str) -> str:
    spec = mount.spec
    fields = [
        ("audio_info", mount.audio_info),
        ("genre", spec.genre),
        ("listener_peak", str(mount.peak)),
        ("listeners", str(len(mount.listeners))),
        ("listenurl", address(host, spec.path)),
        ("max_listeners", str(spec.most_listeners) if spec.most_listeners else "unlimited"),
        ("public", "1" if spec.is_public else "0"),
        ("server_description", spec.description),
        ("server_name", spec.name),
        ("server_type", MIME[spec.format]),
        ("server_url", spec.url),
        ("slow_listeners", str(mount.slow_count)),
        ("source_ip", mount.source_address),
        ("stream_start", _long(mount.started_at)),
        ("stream_start_iso8601", _iso(mount.started_at)),
        ("title", mount.title.text),
        ("total_bytes_read", str(mount.received_bytes)),
        ("total_bytes_sent", str(mount.sent_bytes)),
        ("user_agent", mount.source_agent),
    ]
    return f"<source mount={_quoted(spec.path)}>{_elements(fields)}</source>"


def mounts_xml(mounts: Sequence[Mount], *, now: datetime) -> bytes:
    """`/admin/listmounts`."""
    body = ""
    for one in (mount for mount in mounts if mount.is_live):
        fields = [("fallback", one.spec.fallback), ("listeners", str(len(one.listeners)))]
        fields += [
            ("Connected", str(int((now - one.started_at).total_seconds()))),
            ("content-type", MIME[one.spec.format]),
        ]
        body += f"<source mount={_quoted(one.spec.path)}>{_elements(fields)}</source>"
    return f"{XML_HEAD}<icestats>{body}</icestats>\n".encode()


def clients_xml(mount: Mount, *, now: datetime) -> bytes:
    """`/admin/listclients`."""
    body = f"<Listeners>{len(mount.listeners)}</Listeners>"
    body += "".join(_client(one, now) for one in mount.listeners.values())
    return f"{XML_HEAD}<icestats><source mount={_quoted(mount.spec.path)}>{body}</source></icestats>\n".encode()


def _client(one: Listener, now: datetime) -> str:
    fields = [
        ("IP", one.guest.address),
        ("UserAgent", one.guest.agent),
        ("Connected", str(int((now - one.since).total_seconds()))),
        ("ID", str(one.id)),
    ]
    return f"<listener>{_elements(fields)}</listener>"


def response_xml(message: str, *, ok: bool) -> bytes:
    """What an administrative request is answered with."""
    body = _elements([("message", message), ("return", "1" if ok else "0")])
    return f"{XML_HEAD}<iceresponse>{body}</iceresponse>\n".encode()


def stream_list(mounts: Sequence[Mount]) -> bytes:
    """`/admin/streamlist.txt`: what a slave is to relay."""
    return "".join(f"{one.spec.path}\r\n" for one in mounts if one.is_live).encode()


def m3u(host: str, path: str) -> bytes:
    """One line."""
    return f"{address(host, path)}\r\n".encode()


def pls(host: str, path: str, title: str) -> bytes:
    """As Winamp wrote it."""
    lines = ["[playlist]", "NumberOfEntries=1", f"File1={address(host, path)}", f"Title1={_line(title)}", "Length1=-1"]
    return ("\r\n".join([*lines, "Version=2"]) + "\r\n").encode()


def xspf(host: str, path: str, title: str) -> bytes:
    """Of `application/xspf+xml`."""
    track = f"<track><location>{escape(address(host, path))}</location><title>{_text(title)}</title></track>"
    body = f"<title/><creator/><trackList>{track}</trackList>"
    return f'{XML_HEAD}<playlist xmlns="http://xspf.org/ns/0/" version="1">{body}</playlist>\n'.encode()


def seven_html(mount: Mount) -> bytes:
    """`/7.html` of SHOUTcast: listeners, status, peak, most, unique, bitrate, song."""
    words = [len(mount.listeners), 1 if mount.is_live else 0, mount.peak, mount.spec.most_listeners or 9999]
    words += [unique(mount), mount.spec.bitrate_kbps]
    return f"<html><body>{','.join(map(str, words))},{escape(mount.title.text)}</body></html>".encode()


def shoutcast_json(mount: Mount, *, now: datetime, manner: str) -> bytes:
    """`/stats?json=1`."""
    times = [(now - one.since).total_seconds() for one in mount.listeners.values()]
    spec = mount.spec
    return msgspec.json.encode(
        {
            "currentlisteners": len(mount.listeners),
            "peaklisteners": mount.peak,
            "maxlisteners": spec.most_listeners or 9999,
            "uniquelisteners": unique(mount),
            "averagetime": int(sum(times) / len(times)) if times else 0,
            "servergenre": spec.genre,
            "serverurl": spec.url,
            "servertitle": spec.name,
            "songtitle": mount.title.text,
            "streamhits": 0,
            "streamstatus": 1 if mount.is_live else 0,
            "streampath": spec.path,
            "streamuptime": int((now - mount.started_at).total_seconds()),
            "bitrate": str(spec.bitrate_kbps),
            "samplerate": "44100",
            "content": MIME[spec.format],
            "version": manner,
        }
    )


def status_html(mounts: Sequence[Mount]) -> bytes:
    """For a person with a browser."""
    rows = "".join(
        f"<tr><td>{_text(one.spec.name)}</td><td>{_text(one.spec.path)}</td><td>{len(one.listeners)}</td>"
        f"<td>{one.spec.bitrate_kbps}</td><td>{_text(one.title.text)}</td></tr>"
        for one in mounts
    )
    return f"<!doctype html><meta charset=utf-8><title>Streams</title><table>{rows}</table>".encode()


def unique(mount: Mount) -> int:
    """Different addresses among the listeners."""
    return len({one.guest.address for one in mount.listeners.values()})


def _elements(fields: Sequence[tuple[str, str]]) -> str:
    return "".join(f"<{name}>{_text(value)}</{name}>" for name, value in fields)


def _text(value: str) -> str:
    return escape("".join(one for one in value if one >= " "), quote=False)


def _quoted(value: str) -> str:
    return f'"{escape(value, quote=True)}"'


def _line(value: str) -> str:
    return " ".join(value.split())
