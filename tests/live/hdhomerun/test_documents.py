"""A tuner's documents, as Plex, Emby and Jellyfin fetch them."""

from typing import Any

import pytest
from sqlalchemy import update

from polycast.core.storage import Unit
from polycast.live import tables
from polycast.live.hdhomerun.model import is_valid
from tests.live.outputs.world import ADDED, World


def account(unit: Unit, name: str, *limits: int, **values: Any) -> None:
    found = unit.insert(
        tables.accounts, name=name, name_key=name, account_type="STD", custom_properties={}, created_at=ADDED, **values
    )
    for place, limit in enumerate(limits):
        unit.insert(
            tables.account_profiles, account_id=found, name=f"{name} {place}", max_streams=limit, custom_properties={}
        )


class TestSomebodyAsksWhoWeAre:
    async def test_the_plain_tuner(self, world: World) -> None:
        told = (await world.get("/discover.json")).json()
        assert is_valid(int(told.pop("DeviceID"), 16))
        assert told == {
            "FriendlyName": "Polycast", "ModelNumber": "HDTC-2US", "FirmwareName": "hdhomerun3_atsc",
            "FirmwareVersion": "20200101", "DeviceAuth": "test_auth_token", "BaseURL": world.url,
            "LineupURL": f"{world.url}/lineup.json", "TunerCount": 1, "Manufacturer": "Polycast",
        }  # fmt: skip

    async def test_each_face_has_its_own_id_for_ever(self, world: World) -> None:
        faces = ["/hdhr", "/hdhr/kids", "/hdhr/output_profile/2", "/hdhr/kids/output_profile/2"]
        told = [(await world.get(f"{face}/discover.json")).json() for face in faces]
        again = [(await world.get(f"{face}/discover.json")).json() for face in faces]
        assert told == again
        assert len({one["DeviceID"] for one in told}) == 4
        assert all(is_valid(int(one["DeviceID"], 16)) for one in told)
        assert [one["BaseURL"] for one in told] == [world.url + face for face in faces]
        assert [one["FriendlyName"] for one in told] == [
            "Polycast", "Polycast - kids", "Polycast / 2", "Polycast - kids / 2",
        ]  # fmt: skip

    async def test_one_set_up_by_hand_names_the_plain_one(self, world: World) -> None:
        row = {"friendly_name": "Attic", "device_id": "1010CC54", "tuner_count": 3}
        await world.core.db.write(lambda unit: unit.insert(tables.hdhr_devices, **row))
        told = (await world.get("/api/hdhr/discover.json")).json()
        assert (told["FriendlyName"], told["DeviceID"], told["BaseURL"]) == (
            "Attic", "1010CC54", f"{world.url}/api/hdhr",
        )  # fmt: skip

    @pytest.mark.parametrize(("limits", "tuners"), [((), 1), ((2,), 2), ((2, 3), 5), ((2, 0), 10), ((400,), 255)])
    async def test_tuners_are_what_the_sources_allow(self, world: World, limits: tuple[int, ...], tuners: int) -> None:
        await world.core.db.write(account, "Provider", *limits)
        await world.core.db.write(account, "Off", 7, is_active=False)
        assert (await world.get("/discover.json")).json()["TunerCount"] == tuners

    async def test_the_description_is_for_upnp(self, world: World) -> None:
        answer = await world.get("/hdhr/device.xml")
        number = (await world.get("/hdhr/discover.json")).json()["DeviceID"]
        assert answer.headers["content-type"] == "application/xml"
        assert f"<serialNumber>{number}</serialNumber><UDN>uuid:" in answer.text()
        assert answer.text().endswith(
            f"<DeviceAuth>test_auth_token</DeviceAuth><BaseURL>{world.url}/hdhr</BaseURL>"
            f"<LineupURL>{world.url}/hdhr/lineup.json</LineupURL>\n</root>\n"
        )


class TestSomebodyReadsTheLineUp:
    async def test_channels_with_a_number_by_number(self, world: World) -> None:
        listed = (await world.get("/lineup.json")).json()
        assert listed[0] == {
            "GuideNumber": "2", "GuideName": "News",
            "URL": f"{world.url}/proxy/ts/stream/9f0c0000-0000-4000-8000-000000000001", "Guide_ID": "2", "Station": "2",
        }  # fmt: skip
        assert [one["GuideNumber"] for one in listed] == ["2", "2.1", "5"]

    async def test_an_unknown_profile_has_none(self, world: World) -> None:
        assert (await world.get("/hdhr/none/lineup.json")).json() == []

    async def test_an_active_output_profile_is_in_each_address(self, world: World) -> None:
        await world.core.db.write(lambda unit: unit.insert(tables.output_profiles, name="Small", command="ffmpeg"))
        listed = (await world.get("/hdhr/output_profile/1/lineup.json")).json()
        assert listed[0]["URL"].endswith("?output_profile=1")
        unknown = (await world.get("/hdhr/output_profile/9/lineup.json")).json()
        assert "?" not in unknown[0]["URL"]

    async def test_it_comes_as_xml_and_as_a_playlist_too(self, world: World) -> None:
        xml = (await world.get("/lineup.xml")).text()
        assert '<GuideNumber>2.1</GuideNumber><GuideName>The "Quoted", One</GuideName>' in xml
        playlist = (await world.get("/lineup.m3u")).text()
        assert playlist.splitlines()[1] == '#EXTINF:-1 channel-id="2" channel-number="2" tvg-name="News",2 News'

    async def test_a_scan_is_over_at_once(self, world: World) -> None:
        assert (await world.ask("POST", "/lineup.post?scan=start&source=Cable")).status == 200
        assert (await world.get("/lineup_status.json")).json() == {
            "ScanInProgress": 0, "ScanPossible": 0, "Source": "Cable", "SourceList": ["Cable"],
        }  # fmt: skip

    async def test_pictures_that_are_known_are_told(self, world: World) -> None:
        def learn(unit: Unit) -> None:
            values = {"name": "N", "hash": b"h", "content_key": 1, "created_at": ADDED, "updated_at": ADDED}
            stream = unit.insert(tables.streams, account_id=1, **values)
            unit.insert_rows(tables.channel_streams, ["channel_id", "stream_id", "position"], [(1, stream, 0)])
            stats = {"video_codec": "h264", "audio_codec": "aac", "resolution": "1920x1080"}
            unit.execute(tables.stream_stats.insert().values(stream_id=stream, stats=stats))

        await world.core.db.write(learn)
        told = (await world.get("/lineup.json")).json()[0]
        assert (told["HD"], told["VideoCodec"], told["AudioCodec"]) == (1, "H264", "AAC")

    async def test_strangers_get_nothing(self, world: World) -> None:
        await world.core.db.write(
            lambda unit: world.preferences.change_in(unit, "network_access", {"M3U_EPG": "10.9.0.0/16"})
        )
        await world.settle()
        for path in ("/discover.json", "/hdhr/lineup.json", "/api/hdhr/device.xml"):
            answer = await world.get(path)
            assert (answer.status, answer.json()) == (403, {"error": "Forbidden"})


class TestSomebodyTunes:
    @pytest.mark.parametrize("path", ["/auto/v2.1", "/tuner0/v2.1", "/tuner3/v2.1?transcode=heavy"])
    async def test_bytes_come(self, world: World, path: str) -> None:
        answer = await world.get(path)
        assert (answer.status, answer.body[:1]) == (200, b"\x47")
        assert world.tuner.asked[0][1].endswith("2")

    @pytest.mark.parametrize("path", ["/auto/v77", "/auto/v9", "/auto/ch57000", "/tuner0/v"])
    async def test_an_unknown_channel_is_told_as_tuners_do(self, world: World, path: str) -> None:
        answer = await world.get(path)
        assert (answer.status, answer.headers["x-hdhomerun-error"]) == (404, "801 Unknown Channel")

    async def test_no_free_tuner_is_told_as_tuners_do(self, world: World) -> None:
        world.tuner.is_full = True
        answer = await world.get("/auto/v2")
        assert (answer.status, answer.headers["x-hdhomerun-error"]) == (503, "805 All Tuners In Use")


class TestHiddenOnesStayHidden:
    async def test_they_cannot_be_tuned(self, world: World) -> None:
        await world.core.db.write(lambda unit: unit.execute(update(tables.channels).values(is_hidden=True)))
        world.outputs.lineups._kept.clear()
        assert (await world.get("/auto/v2")).status == 404
