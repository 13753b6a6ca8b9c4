"""The server watches itself: its live TV's viewers, by its own events."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from polycast.acquire.transfers import events as transfers
from polycast.core.identity.scopes import Role
from polycast.library.playback import events as playback
from polycast.live.activity.model import SystemEventAdded
from polycast.live.relay.events import SessionChanged, SessionEnded
from polycast.monitor import ports
from polycast.radio.engine import events as radio
from polycast.radio.events import StationRemoved
from tests.monitor.world import Reader, until
from tests.server import Server, running

SESSION = {
    "uuid": "c1", "number": "5.1", "name": "First Light", "source": "Provider",
    "clients": [{"id": "client_1", "user": "ada", "address": "192.168.1.9", "agent": "VLC/3.0.20 LibVLC"}],
}  # fmt: skip


class TestItsOwnLiveTelevision:
    async def test_a_viewer_is_a_session_like_any_other(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            owner = await server.client(Role.OWNER)
            assert (await owner.get("/api/v1/monitor/overview")).json()["servers"] == []
            server.house.core.events.tell(SessionChanged(uuid="c1", session=SESSION))
            reader = Reader(server)
            found = await until(lambda: cards(reader, watching=1))
            [one] = found["watching"]
            assert (found["id"], found["provider"]) == ("polycast", "polycast")
            assert (one["device"], one["channel"], one["user"], one["ip"]) == (
                "VLC",
                "First Light",
                "ada",
                "192.168.1.9",
            )
            server.house.core.events.tell(SessionEnded(uuid="c1"))
            await until(lambda: cards(reader, watching=0))
            lines = (await owner.get("/api/activity-history")).json()["items"]
            assert [line["message"] for line in lines] == ["Watching First Light on VLC"]
            assert (await owner.get("/api/v1/dvrs")).json() == []


async def cards(reader: Reader, *, watching: int) -> Any:
    found = (await reader.get("/api/v1/monitor/overview"))["servers"]
    return found[0] if found and len(found[0]["watching"]) == watching else None


def tell(server: Server, *events: Any) -> None:
    for event in events:
        server.house.core.events.tell(event)


async def card(reader: Reader, name: str) -> Any:
    found = (await reader.get("/api/v1/monitor/overview"))["servers"]
    return next((one for one in found if one["id"] == name), None)


async def lines_of(reader: Reader, name: str, count: int) -> Any:
    found = (await reader.get("/api/activity-history?sort=asc&limit=100"))["items"]
    found = [line for line in found if line["dvr_id"] == name]
    return found if len(found) >= count else None


async def incident(reader: Reader, state: str) -> Any:
    found = (await reader.get("/api/v1/monitor/incidents"))["items"]
    return found[0] if found and found[0]["state"] == state else None


class TestItsOtherModules:
    async def test_a_recording_of_live_television(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            reader = Reader(server)
            details = {"recording_id": 7, "title": "Evening News"}
            tell(server, SystemEventAdded(event_type="recording_start", channel_name="First Light", details=details))
            found = await until(lambda: recording(reader, "polycast", 1))
            assert found["recording"] == [{"title": "Evening News", "until": "", "channel": "First Light"}]
            assert found["disk_total"] > found["disk_free"] > 0
            tell(server, SystemEventAdded(event_type="recording_end", channel_name="First Light", details=details))
            await until(lambda: recording(reader, "polycast", 0))
            lines = await until(lambda: lines_of(reader, "polycast", 2))
            assert [line["message"] for line in lines] == [
                "Recording: Evening News on First Light",
                "Recorded: Evening News on First Light",
            ]

    async def test_a_playback_of_the_library(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            reader = Reader(server)
            owner = await server.client(Role.OWNER)
            user = await server.house.core.identity.users.find("owner")
            start = playback.PlaybackStarted(
                user_id=user.id, session="s1", item="i1", title="Lost - Pilot", mode="direct_play", device="Apple TV"
            )
            tell(server, start)
            tell(server, playback.PlaybackProgressed(user_id=user.id, session="s1", position=61.5, paused=False))
            one = await until(lambda: at(reader, 61))
            assert (one["device"], one["user"], one["channel"], one["source"]) == ("Apple TV", "owner", "Lost - Pilot", "Direct play")  # fmt: skip
            tell(server, playback.PlaybackStopped(user_id=user.id, session="s1", item="i1", position=70.0))
            await until(lambda: ended(reader, "polycast_library"))
            [line] = await until(lambda: lines_of(reader, "polycast_library", 1))
            assert (line["type"], line["message"]) == ("watching_vod", "Watching Lost - Pilot on Apple TV")
            assert (await owner.get("/api/v1/dvrs")).json() == []

    async def test_a_station_that_falls_silent_and_comes_back(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            reader = Reader(server)
            who = {"account_id": 1, "station_id": 7}
            tell(server, radio.AudienceChanged(**who, listeners=12))
            tell(server, radio.NowPlayingChanged(**who, text="Ella - Blue Skies", at=datetime.now(UTC)))
            found = await until(lambda: detail(reader, "polycast_radio", "station 7", "Ella - Blue Skies"))
            assert (found["details"]["stations"], found["details"]["listeners"]) == ("1", "12")
            tell(server, radio.StreamDown(**who, why="The disk is full"))
            await until(lambda: detail(reader, "polycast_radio", "station 7", "off air"))
            found = await until(lambda: incident(reader, "open"))
            assert (found["title"], found["severity"], found["dvr_id"]) == (
                "Station Off Air",
                "warning",
                "polycast_radio",
            )
            tell(server, radio.StreamUp(**who))
            await until(lambda: incident(reader, "resolved"))
            lines = await until(lambda: lines_of(reader, "polycast_radio", 2))
            assert [line["message"] for line in lines] == [
                "Station 7 is off air: The disk is full",
                "Station 7 is on air again",
            ]

    async def test_a_transfer_that_fails_and_then_succeeds(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            reader = Reader(server)
            entry = {"info_hash": "a" * 40, "title": "Big Film", "category": "films"}
            tell(server, transfers.EntryChanged(**entry, state="downloading"))
            await until(lambda: recording(reader, "polycast_acquire", 1))
            moved = transfers.Progressed(info_hash="a" * 40, state="downloading", progress=0.5, speed_bps=2_000_000, seeders=1)  # fmt: skip
            tell(server, moved)
            found = await until(lambda: detail(reader, "polycast_acquire", "speed", "2.0 MB/s"))
            assert found["recording"] == [{"title": "Big Film", "until": "50%", "channel": ""}]
            tell(server, transfers.EntryChanged(**entry, state="failed", error="No seeds", provider="rd"))
            await until(lambda: detail(reader, "polycast_acquire", "failed", "1"))
            assert (await until(lambda: incident(reader, "open")))["title"] == "Transfer Failed"
            tell(server, transfers.EntryChanged(**entry, state="done"))
            await until(lambda: incident(reader, "resolved"))
            lines = await until(lambda: lines_of(reader, "polycast_acquire", 2))
            assert [line["message"] for line in lines] == ["Big Film: No seeds", "Big Film"]


async def recording(reader: Reader, name: str, count: int) -> Any:
    found = await card(reader, name)
    return found if found and len(found["recording"]) == count else None


async def at(reader: Reader, position: int) -> Any:
    found = await card(reader, "polycast_library")
    return (
        found["watching"][0] if found and found["watching"] and found["watching"][0]["position_s"] == position else None
    )


async def ended(reader: Reader, name: str) -> bool:
    found = await card(reader, name)
    return bool(found) and not found["watching"]


async def detail(reader: Reader, name: str, key: str, value: str) -> Any:
    found = await card(reader, name)
    return found if found and found["details"].get(key) == value else None


def test_what_is_heard_is_what_is_told() -> None:
    pairs = (
        (ports.LiveSessionChanged, SessionChanged),
        (ports.LiveSessionEnded, SessionEnded),
        (ports.LiveHappened, SystemEventAdded),
        (ports.PlaybackStarted, playback.PlaybackStarted),
        (ports.PlaybackProgressed, playback.PlaybackProgressed),
        (ports.PlaybackStopped, playback.PlaybackStopped),
        (ports.StationUp, radio.StreamUp),
        (ports.StationDown, radio.StreamDown),
        (ports.StationSilent, radio.SilenceDetected),
        (ports.StationAudience, radio.AudienceChanged),
        (ports.StationTitle, radio.NowPlayingChanged),
        (ports.StationRemoved, StationRemoved),
        (ports.TransferChanged, transfers.EntryChanged),
        (ports.TransferProgressed, transfers.Progressed),
        (ports.TransferRemoved, transfers.EntryRemoved),
    )
    for ours, theirs in pairs:
        assert ours.name == theirs.name
        assert set(ours.__struct_fields__) <= set(theirs.__struct_fields__), ours
