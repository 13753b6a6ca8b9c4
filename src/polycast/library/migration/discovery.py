"""Who answers on our network: Jellyfin and Emby by their question on UDP 7359, Plex by GDM. Source: specs/library.md 4.8."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import msgspec

from polycast.core.clock import Clock
from polycast.core.net import Datagrams, Peer, open_datagrams

QUESTIONS: Final = ((b"who is JellyfinServer?", "jellyfin"), (b"who is EmbyServer?", "emby"))
PORT: Final = 7359
GDM: Final = ("239.0.0.250", 32414)
GDM_ASK: Final = b"M-SEARCH * HTTP/1.0\r\n\r\n"
EVERYBODY: Final = "255.255.255.255"
MOST: Final = 50


class Neighbours:
    """Asks the network of our own address; on loopback only this machine."""

    def __init__(self, *, clock: Clock, host: Callable[[], str]) -> None:
        self._clock = clock
        self._host = host

    async def ask(self, *, seconds: float) -> list[dict[str, Any]]:
        """Type, name, address, id and version of whoever answered in time."""
        found: dict[str, dict[str, Any]] = {}

        def heard(_talk: Datagrams, data: bytes, peer: Peer) -> None:
            told = read_answer(data, peer.host)
            if told is not None and len(found) < MOST:
                found.setdefault(f"{told['type']} {told['id']}", told)

        host = self._host()
        is_local = host.startswith("127.")
        async with open_datagrams(0, host=host, heard=heard, clock=self._clock) as talk:
            for question, _ in QUESTIONS:
                talk.announce(question, host if is_local else EVERYBODY, PORT)
            talk.announce(GDM_ASK, host if is_local else GDM[0], GDM[1])
            await self._clock.sleep(timedelta(seconds=seconds))
        return sorted(found.values(), key=lambda one: str(one["name"]))


def read_answer(data: bytes, host: str) -> dict[str, Any] | None:
    """An answer of either kind; None for what is none."""
    if data.startswith(b"HTTP/1."):
        lines = data.decode("utf-8", "replace").split("\r\n")[1:]
        told = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if "resource-identifier" not in told:
            return None
        port = told.get("port", "32400")
        url = f"http://{host}:{port if port.isdigit() else '32400'}"
        return {"type": "plex", "name": told.get("name", "")[:200], "url": url, "id": told["resource-identifier"][:200],
                "version": told.get("version", "")[:50]}  # fmt: skip
    try:
        answer = msgspec.json.decode(data, type=dict[str, Any])
    except msgspec.MsgspecError:
        return None
    address = answer.get("Address")
    if not isinstance(address, str) or not address.startswith(("http://", "https://")) or not answer.get("Id"):
        return None
    kind = "emby" if "emby" in str(answer.get("Name", "")).lower() else "jellyfin"
    return {"type": kind, "name": str(answer.get("Name", ""))[:200], "url": address[:500], "id": str(answer["Id"])[:200],
            "version": ""}  # fmt: skip
