"""A library put in order, many tracks at once, and tracks from elsewhere. Source: `specs/radio.md` 3.14."""

import pytest
import pytest_asyncio

from tests.radio.panel.world import V2, Station, customer
from tests.radio.world import NOBODY, NOT_FOUND, World

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def at(books: World) -> Station:
    return await customer(books, "tidyfm")


class TestFiles:
    async def test_are_renamed_with_their_ending(self, at: Station) -> None:
        one, other = await at.track("Old"), await at.track("Taken")
        place = f"music/{one['id']}/rename/"
        status, shown = await at.status("POST", place, {"new_name": "Ganz ../neu"})
        assert (status, shown["path"], shown["filename"], shown["title"]) == (
            200,
            "Ganz .._neu.mp3",
            "Ganz .._neu",
            "Old",
        )
        assert (await at.owner.get(f"{V2}/music/{one['id']}/download/")).status == 200
        assert await at.status("POST", place, {"new_name": "Taken.mp3"}) == (400, {"new_name": ["unique"]})
        assert await at.status("POST", place, {"new_name": "  "}) == (400, {"new_name": ["required"]})
        await at.status("POST", "music/remove/", {"server_id": at.server, "files": [one["id"], other["id"]]})

    async def test_move_to_a_folder_and_go_with_it(self, at: Station) -> None:
        one, other = await at.track("A"), await at.track("B")
        ids, sent = [one["id"], other["id"]], {"target_directory": "/Rock/Hard/", "server_id": at.server}
        status, told = await at.status("POST", "music/move_files/", {"file_ids": ids} | sent)
        assert (status, told["moved_count"], told["failed_count"]) == (200, 2, 0)
        assert told["moved_files"][0] == {
            "id": one["id"], "old_path": "A.mp3", "new_path": "Rock/Hard/A.mp3", "filename": "A",
        }  # fmt: skip
        status, rows = await at.status("POST", "music/folder_files/", {"folders": ["/Rock/Hard/"], "server": at.server})
        assert (status, [row["filename"] for row in rows]) == (200, ["A", "B"])
        assert (await at.status("POST", "music/folder_files/", {"text": "Hard/B", "server_id": at.server}))[1] == rows[
            1:
        ]
        assert await at.status("POST", "music/folder_files/", {}) == (400, {"server": ["required"]})
        tree = (await at.public.get(f"{V2}/music/tree/?server_id={at.server}")).json()
        hard = {"name": "Hard", "path": "/Rock/Hard/", "children": []}
        assert tree == {"tree": [{"name": "Rock", "path": "/Rock/", "children": [hard]}], "open": ["/"], "root": "/"}
        bad = {"file_ids": ids} | sent | {"target_directory": "../../etc"}
        assert await at.status("POST", "music/move_files/", bad) == (400, {"target_directory": ["invalid"]})
        wrong = {"server_id": at.server, "files": [9999999]}
        assert await at.status("POST", "music/remove/", wrong) == (404, NOT_FOUND)
        gone = {"server_id": at.server, "files": ["Rock/Hard/A.mp3"], "directories": ["/Rock/"]}
        assert await at.status("POST", "music/remove/", gone) == (200, {"result": "ok", "removed": 2})
        assert (await at.public.get(f"{V2}/music/?server={at.server}")).json()["count"] == 0


class TestManyAtOnce:
    async def test_words_fill_or_replace(self, at: Station) -> None:
        one, other = await at.track("Full", artist="Known"), await at.track("Empty", artist="")
        ids = [one["id"], other["id"]]
        sent = {"update_mode": "fill-empty", "track_ids": ids, "fields": {"author": "New", "genre": ""}}
        assert await at.status("POST", "music/batch_update/", sent) == (200, {"result": "ok", "updated": 1})
        authors = [(await at.public.get(f"{V2}/music/{pk}/")).json()["author"] for pk in ids]
        assert authors == ["Known", "New"]
        sent["update_mode"] = "overwrite"
        assert (await at.status("POST", "music/batch_update/", sent))[1]["updated"] == 1
        for bad, body in (({"fields": {"path": "x"}}, "fields"), ({"update_mode": "x"}, "update_mode")):
            status, told = await at.status("POST", "music/batch_update/", sent | bad)
            assert (status, list(told)) == (400, [body])
        marks = [{"id": pk, "requestable": False} for pk in ids]
        assert await at.status("PUT", "music/toggle_requestable/", marks) == (200, {"result": "ok"})
        page = (await at.public.get(f"{V2}/music/?server={at.server}&requestable=true")).json()
        assert page["count"] == 0
        assert (await at.status("PUT", "music/toggle_requestable/", [{"id": 1}]))[0] == 400
        await at.public.post(f"{V2}/music/{ids[0]}/like/")
        assert await at.status("POST", "music/reset_top/", {"server_id": at.server}) == (200, {"result": "ok"})
        assert (await at.public.post(f"{V2}/music/{ids[0]}/like/")).json() == {"up": 1, "down": 0}
        assert await at.status("POST", "music/reset_top/", {}) == (400, {"server_id": ["required"]})
        await at.status("POST", "music/remove/", {"server_id": at.server, "files": ids})

    async def test_playlists_of_a_track(self, at: Station) -> None:
        one, extra = await at.track("Listed"), await at.playlist("Extra")
        place = f"music/{one['id']}/playlists/"
        [default] = (await at.public.get(f"{V2}/{place}")).json()["playlists"]
        told = await at.status("POST", place, {"playlists": [extra["id"]]})
        assert told == (200, {"added": [extra["id"]], "removed": []})
        assert (await at.status("GET", place))[1] == {"playlists": [default, extra["id"]]}
        assert (await at.status("POST", place, {"playlists": []}))[1] == {"added": [], "removed": [extra["id"]]}
        assert await at.status("POST", place, {"playlists": [999999]}) == (400, {"playlists": ["does_not_exist"]})
        assert await at.status("GET", "music/9999999/playlists/") == (404, NOT_FOUND)
        await at.owner.delete(f"{V2}/music/{one['id']}/")


class TestATrack:
    async def test_plays_a_region_of_itself(self, at: Station) -> None:
        one = await at.track("Region")
        place = f"music/{one['id']}/regions/"
        status, shown = await at.status("PUT", place, {"playback_start_time": 0.5, "playback_end_time": 1.5})
        assert (status, shown["playback_start_time"], shown["region_length"]) == (200, 0.5, 1000)
        assert shown["playback_region_calculation_status"] == "done"
        for bad, field in (((3.0, None), "playback_start_time"), ((1.0, 0.5), "playback_end_time")):
            sent = dict(zip(("playback_start_time", "playback_end_time"), bad, strict=True))
            assert await at.status("PUT", place, sent) == (400, {field: ["invalid"]})
        assert (await at.status("PUT", place, {}))[1]["playback_start_time"] is None
        await at.owner.delete(f"{V2}/music/{one['id']}/")

    async def test_is_drawn_once_it_was_measured(self, at: Station) -> None:
        one = await at.track("Drawn")
        place = f"music/{one['id']}/waveform/"
        assert await at.status("POST", place) == (200, {"result": "queued"})
        await at.world.server.idle()
        drawn = await at.public.get(f"{V2}/{place}")
        assert (drawn.status, drawn.headers["content-type"]) == (200, "application/octet-stream")
        assert 19 <= len(drawn.body) <= 22  # two seconds, a byte for each tenth
        assert all(20 < each < 60 for each in drawn.body[2:18])  # ffmpeg's sine is an eighth of full scale
        assert (await at.status("GET", f"music/{one['id']}/"))[1]["has_waveform"] is True
        await at.owner.delete(f"{V2}/music/{one['id']}/")
        assert await at.status("GET", place) == (404, NOT_FOUND)
        assert await at.status("POST", place) == (404, NOT_FOUND)


class TestTracksFromElsewhere:
    async def test_are_looked_at_before_they_are_taken_in(self, at: Station, shelf: str) -> None:
        sent = {"server": at.server, "path": f"{shelf}/tone.mp3", "author": "Far", "title": "Away", "album": "Out"}
        status, one = await at.status("POST", "music/remote_file/", sent)
        assert (status, one["path"], one["meta"], one["audio_format"]) == (201, sent["path"], "Far - Away", 1)
        assert (await at.public.get(f"{V2}/music/remote/?server_id={at.server}")).json() == [one]
        for path, code in (
            (f"{shelf}/page", "invalid_format"),
            (f"{shelf}/gone.mp3", "unreachable"),
            ("http://10.0.0.1/a.mp3", "unreachable"),
            ("file:///etc/passwd", "invalid"),
        ):
            assert await at.status("POST", "music/remote_file/", sent | {"path": path}) == (400, {"path": [code]})
        many = {"server": at.server, "files": [{"path": f"{shelf}/tone.mp3"}, {"path": f"{shelf}/page"}]}
        assert (await at.status("POST", "music/bulk_add_remote_files/", many))[0] == 400
        many["files"] = many["files"][:1]
        status, [again] = await at.status("POST", "music/bulk_add_remote_files/", many)
        assert (status, again["id"], again["title"]) == (201, one["id"], "tone.mp3")
        assert await at.status("GET", f"music/{one['id']}/download/") == (404, NOT_FOUND)
        assert await at.status("POST", f"music/{one['id']}/rename/", {"new_name": "x"}) == (404, NOT_FOUND)
        await at.owner.delete(f"{V2}/music/{one['id']}/")


class TestTwoTenants:
    async def test_neither_touches_what_is_the_others(self, at: Station) -> None:
        one = await at.track("Mine")
        pk, server = one["id"], {"server_id": at.server}
        for method, path, sent in (
            ("POST", f"music/{pk}/rename/", {"new_name": "x"}),
            ("PUT", f"music/{pk}/regions/", {}),
            ("POST", f"music/{pk}/waveform/", None),
            ("POST", f"music/{pk}/playlists/", {"playlists": []}),
            ("POST", "music/batch_update/", {"track_ids": [pk], "fields": {}}),
            ("POST", "music/folder_files/", {"server": at.server}),
            ("POST", "music/reset_top/", server),
            ("PUT", "music/toggle_requestable/", [{"id": pk, "requestable": True}]),
            ("POST", "music/move_files/", server | {"file_ids": [pk], "target_directory": "/"}),
            ("POST", "music/remove/", server | {"files": [pk]}),
            ("POST", "music/remote_file/", {"server": at.server, "path": "http://127.0.0.1/x"}),
            ("POST", "music/bulk_add_remote_files/", {"server": at.server, "files": [{"path": "http://127.0.0.1/x"}]}),
        ):
            assert await at.status(method, path, sent, by=at.other) == (404, NOT_FOUND), path
            assert await at.status(method, path, sent, by=at.public) == (401, NOBODY), path
        await at.owner.delete(f"{V2}/music/{pk}/")
