"""The addresses under which players find the line-up, for a person to copy."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final
from urllib.parse import quote, urlsplit

from msgspec import Struct

from polycast.core.errors import NotFound
from polycast.core.http import Docs, Request, Route, get
from polycast.core.identity.caller import Caller, Policy, needs
from polycast.core.identity.scopes import Scope
from polycast.live.lineup.room import LineUp
from polycast.live.outputs.room import Outputs

PLAY: Final[Policy] = needs(Scope.LIVE_PLAY)
TAGS: Final = Docs(tags=["outputs"])
PASSWORD: Final = "{password}"  # of a device: we know only its hash, the page puts it in  # noqa: S105
HERE_ONLY: Final = (
    "This address works on this machine only. Start the server with HOST=0.0.0.0, or set the public address, and open "
    "this page under the address that your players will use."
)


class Output(Struct, frozen=True, kw_only=True):
    """One way for players to find the line-up; `{password}` stands for a device password."""

    kind: str  # m3u, xmltv, hdhr, xtream
    title: str
    about: str
    url: str
    needs_password: bool


class OutputList(Struct, frozen=True, kw_only=True):
    """All of them, under the address this page was reached by, or the public one."""

    origin: str
    username: str
    reachable: bool
    warning: str
    items: list[Output]


def routes() -> Sequence[Route]:
    """Takes the services `outputs` and `lineup`."""
    return [addresses]


@get("/polycast/v1/live/outputs", policy=PLAY, docs=TAGS)
async def addresses(
    caller: Caller, request: Request, outputs: Outputs, lineup: LineUp, profile: int | None = None
) -> OutputList:
    """Addresses for the caller's devices; `profile` narrows those that need no password to a channel profile."""
    origin = outputs.origins.of(request.scope)
    only = await _profile(lineup, profile)
    is_here = _is_loopback(urlsplit(origin).hostname or "")
    return OutputList(
        origin=origin,
        username=caller.username,
        reachable=not is_here,
        warning=HERE_ONLY if is_here else "",
        items=_items(origin, quote(caller.username, safe=""), only),
    )


async def _profile(lineup: LineUp, profile_id: int | None) -> str:
    """The part of a path that names the profile. Raises: NotFound."""
    if profile_id is None:
        return ""
    found = next((one for one in await lineup.profiles.list() if one.id == profile_id), None)
    if found is None:
        raise NotFound("The profile")
    return "/" + quote(found.name, safe="")


def _items(origin: str, user: str, profile: str) -> list[Output]:
    login = f"username={user}&password={PASSWORD}"
    return [
        Output(
            kind="xtream",
            title="Xtream",
            about="Server, user name and password for TiviMate, IPTV Smarters and other Xtream players.",
            url=origin,
            needs_password=True,
        ),
        Output(
            kind="m3u",
            title="Playlist of yours",
            about="With your channels, from anywhere; for Kodi, VLC and Jellyfin.",
            url=f"{origin}/get.php?{login}&type=m3u_plus&output=ts",
            needs_password=True,
        ),
        Output(
            kind="xmltv",
            title="Guide of yours",
            about="The programme guide that goes with your playlist.",
            url=f"{origin}/xmltv.php?{login}",
            needs_password=True,
        ),
        Output(
            kind="m3u",
            title="Playlist for the home network",
            about="Without a password, only from private networks.",
            url=f"{origin}/output/m3u{profile}",
            needs_password=False,
        ),
        Output(
            kind="xmltv",
            title="Guide for the home network",
            about="Without a password, only from private networks.",
            url=f"{origin}/output/epg{profile}",
            needs_password=False,
        ),
        Output(
            kind="hdhr",
            title="HDHomeRun tuner",
            about="For Plex, Jellyfin, Emby and Channels DVR: enter it as the address of a tuner.",
            url=f"{origin}/hdhr{profile}" if profile else origin,
            needs_password=False,
        ),
    ]


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
