"""Kodi's add-on, and the tools of an Arr household, by the calls they make. Sources: specs/library.md 4.10 and 4.6; the add-on's
own request code, read for the order, the spelling of its headers and what it does to addresses."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from msgspec import Struct

from tests.library.media import film, put
from tests.library.playback.cinema import Cinema, cinema
from tests.library.playback.player import Player, tracks_of
from tests.server import PASSWORD, Answer

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIELDS: Final = (
    "Path,Genres,SortName,Studios,Writer,Taglines,LocalTrailerCount,OfficialRating,CumulativeRunTimeTicks,ItemCounts,Metascore,"
    "AirTime,DateCreated,People,Overview,Etag,ShortOverview,ProductionLocations,Tags,ProviderIds,ParentId,RemoteTrailers,"
    "SpecialEpisodeNumbers,MediaSources,VoteCount,RecursiveItemCount,PrimaryImageAspectRatio"
)
SUBTITLES: Final = [
    {"Format": form, "Method": method}
    for form in ("srt", "ass", "ssa", "sub", "smi", "pgssub", "dvdsub")
    for method in ("External", "Embed")
]
WHOLE: Final = 2_147_483_000
PATIENCE_S: Final = 60


def profile(*, force_transcode: bool = False) -> dict[str, Any]:
    """Without containers, transcoding to `m3u8`, numbers as text."""
    direct = [
        {"Type": "Video", "VideoCodec": "h264,hevc,h265,mpeg4,mpeg2video,vc1,vp9,av1"},
        {"Type": "Audio"},
        {"Type": "Photo"},
    ]
    turned = {
        "Type": "Video",
        "Container": "m3u8",
        "AudioCodec": "aac,mp3,ac3,opus,flac,vorbis",
        "VideoCodec": "h264,hevc",
        "MaxAudioChannels": "6",
    }
    return {
        "Name": "Kodi", "MaxStaticBitrate": WHOLE, "MaxStreamingBitrate": WHOLE, "TimelineOffsetSeconds": 5,
        "TranscodingProfiles": [turned, {"Type": "Audio"}, {"Type": "Photo", "Container": "jpeg"}],
        "DirectPlayProfiles": [] if force_transcode else direct, "ResponseProfiles": [], "ContainerProfiles": [],
        "CodecProfiles": [], "SubtitleProfiles": SUBTITLES,
    }  # fmt: skip


class Addon(Struct, frozen=True, kw_only=True):
    """The add-on, signed in."""

    house: Cinema
    user: str
    token: str

    def head(self) -> dict[str, str]:
        return {"authorization": f"{BARE}, Token={self.token}", "x-application": "Kodi/1.0"}

    async def get(self, path: str, **params: Any) -> Answer:
        told = {name: str(value) for name, value in params.items() if value is not None}
        return await self.house.server.get(f"/{path}", params=told, headers=self.head())

    async def post(self, path: str, sent: Any = None) -> Answer:
        return await self.house.server.post(f"/{path}", sent, headers=self.head())

    async def items(self, **params: Any) -> dict[str, Any]:
        answer = await self.get(f"Users/{self.user}/Items", **params)
        assert answer.status == 200
        found: dict[str, Any] = answer.json()
        return found

    async def play(self, item: str, *, force_transcode: bool = False) -> dict[str, Any]:
        sent = {
            "UserId": self.user,
            "DeviceProfile": profile(force_transcode=force_transcode),
            "AutoOpenLiveStream": True,
        }
        found: dict[str, Any] = (await self.post(f"Items/{item}/PlaybackInfo", sent)).json()
        return found


BARE: Final = "MediaBrowser Client=Kodi, Device=W%C3%B6hn%2Czimmer, DeviceId=kodi-bench, Version=1.0.0"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cinema]:
    async with cinema(tmp_path_factory.mktemp("cinema"), library__settle_s="0") as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def kodi(house: Cinema) -> Addon:
    sent = {"username": "owner", "Pw": PASSWORD}
    given = (await house.server.post("/Users/AuthenticateByName", sent, headers={"authorization": BARE})).json()
    return Addon(house=house, user=given["User"]["Id"], token=given["AccessToken"])


class TestSynchronising:
    async def test_it_starts(self, house: Cinema, kodi: Addon) -> None:
        public = await house.server.get("/System/Info/Public", headers={"authorization": BARE})
        settings = (await kodi.get("System/Configuration/encoding")).json()
        plugin = await kodi.get("Jellyfin.Plugin.KodiSyncQueue/GetPluginSettings")
        told = await kodi.post(
            "Sessions/Capabilities/Full",
            {
                "PlayableMediaTypes": "Audio,Video",
                "SupportsMediaControl": True,
                "SupportedCommands": "MoveUp,MoveDown,Back,Mute,SetVolume,Nonsense",
            },
        )
        [device] = (await kodi.get("Sessions", DeviceId="kodi-bench")).json()
        assert (public.json()["ProductName"], "date" in public.headers) == ("Jellyfin Server", True)
        assert settings["EnableSubtitleExtraction"] is True
        assert (plugin.status, told.status) == (404, 204)
        assert (device["DeviceName"], device["SupportsRemoteControl"]) == ("Wöhn,zimmer", True)
        assert device["SupportedCommands"] == ["MoveUp", "MoveDown", "Back", "Mute", "SetVolume"]

    async def test_it_counts_and_then_reads_windows(self, kodi: Addon) -> None:
        [view] = (await kodi.get(f"Users/{kodi.user}/Views")).json()["Items"]
        asked = {
            "ParentId": view["Id"], "IncludeItemTypes": "Movie", "SortBy": "SortName", "SortOrder": "Ascending", "Fields": FIELDS,
            "CollapseBoxSetItems": False, "IsVirtualUnaired": False, "LocationTypes": "FileSystem,Remote,Offline", "IsMissing": False,
            "Recursive": True,
        }  # fmt: skip
        count = (await kodi.items(**asked, Limit=1, EnableTotalRecordCount=True))["TotalRecordCount"]
        windows = [
            await kodi.items(**asked, EnableTotalRecordCount=False, StartIndex=at, Limit=3) for at in range(0, count, 3)
        ]
        found = [one for window in windows for one in window["Items"]]
        assert [one["Name"] for one in found] == ["Bright", "Broadcast", "Plain", "Surround"]
        for one in found:
            assert one["Path"] == one["MediaSources"][0]["Path"]
            for stream in one["MediaSources"][0]["MediaStreams"]:
                assert {"Type", "Index", "IsExternal", "SupportsExternalStream", "IsDefault"} <= stream.keys()

    async def test_it_asks_for_a_hundred_and_fifty_by_name(self, kodi: Addon) -> None:
        known = [one["Id"] for one in (await kodi.items(Recursive=True, IncludeItemTypes="Movie"))["Items"]]
        wanted = [*known, *(f"{number:032x}" for number in range(146))]
        found = (await kodi.items(Ids=",".join(wanted), Fields=FIELDS))["Items"]
        assert {one["Id"] for one in found} == set(known)

    async def test_lists_given_by_repeating_the_name_are_lists(self, kodi: Addon) -> None:
        path = f"/Users/{kodi.user}/Items?Recursive=true&IncludeItemTypes=Movie&IncludeItemTypes=Series&Genres=Crime&Genres=A,b"
        many = path + "".join(f"&Fields={number}" for number in range(1200))
        assert (await kodi.house.server.get(path, headers=kodi.head())).json()["Items"] == []
        refused = await kodi.house.server.get(many, headers=kodi.head())
        assert (refused.status, refused.body) == (400, b"")


class TestPlaying:
    async def test_what_it_plays_itself_comes_as_it_is(self, kodi: Addon) -> None:
        [item] = (await kodi.items(SearchTerm="Surround", Recursive=True))["Items"]
        info = await kodi.play(item["Id"])
        source = info["MediaSources"][0]
        path = f"Videos/{item['Id']}/stream?static=true&MediaSourceId={source['Id']}&api_key={kodi.token}"
        piece = await kodi.house.server.get(f"/{path}", headers={"range": "bytes=10-19"})
        words = [one for one in source["MediaStreams"] if one["Type"] == "Subtitle"]
        text = await kodi.house.server.get(f"{words[0]['DeliveryUrl']}?api_key={kodi.token}".replace(".vtt", ".srt"))
        assert (source["SupportsDirectStream"], piece.status, len(piece.body)) == (True, 206, 10)
        assert text.text().startswith("1\n00:00:01,000")

    # It takes the address apart, drops the rates, adds the chosen tracks and its own rates and size.
    async def test_a_transcode_has_the_track_that_it_wrote_into_the_address(self, kodi: Addon) -> None:
        [item] = (await kodi.items(SearchTerm="Surround", Recursive=True))["Items"]
        info = await kodi.play(item["Id"], force_transcode=True)
        source = info["MediaSources"][0]
        german = next(one["Index"] for one in source["MediaStreams"] if one.get("Language") == "ger")
        base, words = source["TranscodingUrl"].split("?")
        kept = [
            one for one in words.split("&") if not one.startswith(("AudioBitrate", "VideoBitrate", "AudioStreamIndex"))
        ]
        base = base.replace("stream" if "stream" in base else "master", "master", 1)
        query = "&".join(
            [
                *kept,
                f"AudioStreamIndex={german}",
                f"VideoBitrate={WHOLE - 384_000}",
                "AudioBitrate=384000",
                "maxWidth=1920",
                "maxHeight=1080",
            ]
        )
        master = await kodi.house.server.get(f"{base}?{query}")
        [variant] = [line for line in master.text().splitlines() if line.startswith("/api/stream/")]
        player = Player(client=kodi.house.server, session={"id": info["PlaySessionId"], "url": ""})
        playlist = await player.playlist(variant)
        content = await player.fetch(playlist.init) + await player.fetch(playlist.segments[0][0])
        playing = (await kodi.house.owner.get(f"/v1/playback/sessions/{info['PlaySessionId']}")).json()
        chosen = [one["index"] for one in playing["audioTracks"] if one["selected"]]
        assert urlsplit(variant).path.startswith("/api/stream/")
        assert {one.codec for one in tracks_of(content)} >= {"h264"}
        assert chosen == [german]

    async def test_its_reports_move_the_resume_point_and_end_the_session(self, kodi: Addon) -> None:
        [item] = (await kodi.items(SearchTerm="Plain", Recursive=True))["Items"]
        info = await kodi.play(item["Id"])
        told = {
            "ItemId": item["Id"],
            "MediaSourceId": info["MediaSources"][0]["Id"],
            "PlaySessionId": info["PlaySessionId"],
            "QueueableMediaTypes": "Video",
            "CanSeek": True,
            "PositionTicks": 0,
            "VolumeLevel": 100,
            "IsPaused": False,
            "IsMuted": False,
            "PlayMethod": "DirectStream",
        }
        statuses = [(await kodi.post("Sessions/Playing", told)).status]
        statuses.append(
            (
                await kodi.post("Sessions/Playing/Progress", told | {"PositionTicks": 115_000_000, "IsPaused": True})
            ).status
        )
        [mine] = (await kodi.get("Sessions", DeviceId="kodi-bench")).json()
        statuses.append((await kodi.post("Sessions/Playing/Stopped", told | {"PositionTicks": 118_000_000})).status)
        statuses.append(
            (
                await kodi.house.server.delete(
                    f"/Videos/ActiveEncodings?DeviceId=kodi-bench&PlaySessionId={info['PlaySessionId']}",
                    headers=kodi.head(),
                )
            ).status
        )
        [after] = (await kodi.get("Sessions", DeviceId="kodi-bench")).json()
        seen = (await kodi.get(f"Users/{kodi.user}/Items/{item['Id']}")).json()["UserData"]
        assert statuses == [204, 204, 204, 204]
        assert (mine["NowPlayingItem"]["Name"], mine["PlayState"]["IsPaused"], mine["PlayState"]["PositionTicks"]) == (
            "Plain",
            True,
            115_000_000,
        )
        assert "NowPlayingItem" not in after
        assert (seen["Played"], seen["PlayCount"]) == (True, 1)


class TestTools:
    async def test_seerr_makes_a_key_and_finds_it_again(self, house: Cinema, kodi: Addon) -> None:
        assert (await kodi.post("Auth/Keys?App=Seerr")).status == 204
        listed = (await kodi.get("Auth/Keys")).json()["Items"]
        key = next(one["AccessToken"] for one in reversed(listed) if one["AppName"] == "Seerr")
        head = {"x-emby-token": key}
        folders = (await house.server.get("/Library/MediaFolders", headers=head)).json()["Items"]
        dropped = await house.server.delete(f"/Auth/Keys/{key}", headers=kodi.head())
        again = await house.server.delete(f"/Auth/Keys/{key}", headers=kodi.head())
        gone = await house.server.get("/Library/MediaFolders", headers=head)
        assert [one["Type"] for one in folders] == ["CollectionFolder"]
        assert (dropped.status, again.status, gone.status) == (204, 404, 401)
        assert (await kodi.post("Auth/Keys")).status == 400
        assert (await house.member.get("/Auth/Keys")).status == 403

    async def test_radarr_tells_of_a_file_and_it_is_there(self, house: Cinema, kodi: Addon) -> None:
        made = await asyncio.to_thread(film, tone=733)
        place = put(house.films, "Tron (1982)/Tron (1982).mkv", made)
        key = {"x-mediabrowser-token": kodi.token}
        sent = {
            "Updates": [
                {"Path": str(place.parent), "UpdateType": "Created"},
                {"Path": 7},
                "nonsense",
                {"path": "../../etc"},
            ]
        }
        answer = await house.server.post("/Library/Media/Updated", sent, headers=key)
        await house.server.idle()
        found = (await kodi.items(SearchTerm="Tron", Recursive=True))["Items"]
        note = await house.server.post("/Notifications/Admin", {"Name": "Radarr", "Description": "Test"}, headers=key)
        place.unlink()
        await house.server.post("/Library/Refresh", headers=key)
        await house.server.idle()
        left = (await kodi.items(SearchTerm="Tron", Recursive=True))["Items"]
        assert (answer.status, [one["Name"] for one in found], note.status, left) == (204, ["Tron"], 204, [])
        assert (await house.server.post("/Library/Media/Updated", {}, headers=key)).status == 400
        assert (await house.member.post("/Library/Media/Updated", sent)).status == 403

    async def test_a_device_is_signed_out_by_its_name(self, house: Cinema) -> None:
        head = {"authorization": 'MediaBrowser Client="x", Device="Old phone", DeviceId="old-phone", Version="1"'}
        given = (
            await house.server.post("/Users/AuthenticateByName", {"Username": "owner", "Pw": PASSWORD}, headers=head)
        ).json()
        listed = [one["Name"] for one in (await house.owner.get("/Devices")).json()["Items"]]
        dropped = await house.owner.delete("/Devices?Id=old-phone")
        gone = await house.server.get("/System/Info", headers={"x-emby-token": given["AccessToken"]})
        assert "Old phone" in listed
        assert (dropped.status, gone.status) == (204, 401)
        assert (await house.owner.delete("/Devices?Id=nobody")).status == 404
        assert (await house.member.get("/Devices")).status == 403
