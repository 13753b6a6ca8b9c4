"""What other programs push, as lines of history. Only a handful of fields of each is read. Source: specs/monitor.md 4.2."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct

from polycast.monitor.providers.reading import mapping, text


class Pushed(Struct, frozen=True, kw_only=True):
    """One event as its program words it."""

    event: str  # the program's own word: "media.play", "Download", "down"
    message: str
    program_title: str = ""
    device: str = ""
    user: str = ""
    ip: str = ""
    is_bad: bool = False  # something is wrong: told as a warning


Read = Callable[[Mapping[str, Any]], Pushed | None]


def read_plex(body: Mapping[str, Any]) -> Pushed | None:
    """Plex's webhooks."""
    event, item = text(body.get("event"), 60), mapping(body.get("Metadata"))
    player, account = mapping(body.get("Player")), text(mapping(body.get("Account")).get("title"))
    show, title = text(item.get("grandparentTitle")), text(item.get("title"))
    what = f"{show} - {title}" if show and title else title or show
    device = text(player.get("title"))
    return _made(
        event, _sentence(event, what, device or account), what, device, account, text(player.get("publicAddress"), 64)
    )


def read_jellyfin(body: Mapping[str, Any]) -> Pushed | None:
    """The webhook plug-in of Jellyfin, with its own names or Emby's."""
    event = text(body.get("NotificationType") or body.get("Event"), 60)
    item = mapping(body.get("Item"))
    name = text(body.get("Name") or item.get("Name"))
    show = text(body.get("SeriesName") or item.get("SeriesName"))
    what = f"{show} - {name}" if show and name else name or show
    device = text(body.get("DeviceName") or mapping(body.get("Session")).get("DeviceName"))
    user = text(body.get("NotificationUsername") or mapping(body.get("User")).get("Name"))
    ip = text(body.get("RemoteEndPoint") or mapping(body.get("Session")).get("RemoteEndPoint"), 64)
    return _made(event, text(body.get("Title")) or _sentence(event, what, device or user), what, device, user, ip)


def read_arr(body: Mapping[str, Any]) -> Pushed | None:
    """Sonarr, Radarr and their kin."""
    event = text(body.get("eventType"), 60)
    what = text(mapping(body.get("series")).get("title") or mapping(body.get("movie")).get("title"))
    message = text(body.get("message")) or _sentence(event, what, "")
    is_bad = event in ("DownloadFailure", "ManualInteractionRequired") or (
        event == "Health" and text(body.get("level")) in ("warning", "error", "Warning", "Error")
    )
    return _made(event, message, what, "", "", "", is_bad=is_bad)


def read_kuma(body: Mapping[str, Any]) -> Pushed | None:
    """Uptime Kuma."""
    beat, name = mapping(body.get("heartbeat")), text(mapping(body.get("monitor")).get("name"))
    status = beat.get("status")
    if status not in (0, 1, 2, 3) and not text(body.get("msg")):
        return None
    event = {0: "down", 1: "up", 2: "pending", 3: "maintenance"}.get(status, "message") if isinstance(status, int) else "message"  # fmt: skip
    return _made(event, text(body.get("msg")) or f"{name} is {event}", name, "", "", "", is_bad=event == "down")


def read_any(body: Mapping[str, Any]) -> Pushed | None:
    """`{"event", "message"}` of one's own scripts; "title", "device" and "severity" if there are."""
    event = text(body.get("event") or body.get("eventType") or body.get("type"), 60)
    message = text(body.get("message") or body.get("msg") or body.get("text"))
    what = text(body.get("title"))
    is_bad = text(body.get("severity")) in ("warning", "error", "critical")
    return _made(event, message or what, what, text(body.get("device")), text(body.get("user")), "", is_bad=is_bad)


READERS: Final[Mapping[str, tuple[str, Read]]] = {
    "plex": ("Plex", read_plex),
    "jellyfin": ("Jellyfin", read_jellyfin),
    "emby": ("Emby", read_jellyfin),
    "sonarr": ("Sonarr", read_arr),
    "radarr": ("Radarr", read_arr),
    "arr": ("Arr", read_arr),
    "uptime-kuma": ("Uptime Kuma", read_kuma),
    "generic": ("Webhook", read_any),
}


def _made(
    event: str, message: str, what: str, device: str, user: str, ip: str, *, is_bad: bool = False
) -> Pushed | None:
    """None for what names no event: it is none."""
    if not event or not message:
        return None
    return Pushed(event=event, message=message, program_title=what, device=device, user=user, ip=ip, is_bad=is_bad)


def _sentence(event: str, what: str, who: str) -> str:
    return f"{event}: {what or 'nothing'}" + (f" on {who}" if who else "") if event else ""
