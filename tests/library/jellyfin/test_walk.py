"""Every route of Jellyfin's face: a good answer, and the answer to an id that nobody has."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from msgspec import Struct

from tests.library.media import film, put
from tests.library.playback.cinema import Cinema, cinema

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOBODY = "0" * 32


class Found(Struct, frozen=True, kw_only=True):
    """The house, and names of what is in it."""

    house: Cinema
    user: str
    movie: str
    source: str
    show: str
    season: str
    episode: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def found(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Found]:
    folder = tmp_path_factory.mktemp("cinema")
    shows = folder / "media" / "shows"
    for number in (1, 2, 3):
        put(shows, f"Scrubs (2001)/Season 1/Scrubs - S01E0{number}.mkv", film(tone=400 + number))
    async with cinema(folder) as house:
        await house.owner.post("/v1/libraries", {"name": "Shows", "type": "tv", "paths": [str(shows)]})
        await house.server.idle()
        movie = await one(house, "IncludeItemTypes=Movie&SearchTerm=surround&Fields=MediaSources")
        yield Found(
            house=house,
            user=(await house.owner.get("/Users/Me")).json()["Id"],
            movie=movie["Id"],
            source=movie["MediaSources"][0]["Id"],
            show=(await one(house, "IncludeItemTypes=Series"))["Id"],
            season=(await one(house, "IncludeItemTypes=Season"))["Id"],
            episode=(await one(house, "IncludeItemTypes=Episode&SortBy=IndexNumber"))["Id"],
        )


async def one(house: Cinema, query: str) -> Any:
    return (await house.owner.get(f"/Items?Recursive=true&{query}")).json()["Items"][0]


PLAIN = [
    "/System/Info",
    "/System/Endpoint",
    "/System/Configuration",
    "/System/Configuration/encoding",
    "/Users",
    "/Users/Me",
    "/UserViews",
    "/Items/Latest",
    "/UserItems/Resume",
    "/Items/Filters",
    "/Items/Filters2",
    "/Items/Counts",
    "/Items/Suggestions",
    "/Shows/NextUp",
    "/Shows/Upcoming",
    "/Genres",
    "/Studios",
    "/Years",
    "/Persons",
    "/Artists",
    "/Artists/AlbumArtists",
    "/Search/Hints?searchTerm=scr",
    "/Movies/Recommendations",
    "/LiveTv/Info",
    "/LiveTv/Channels",
    "/LiveTv/Programs",
    "/LiveTv/Programs/Recommended",
    "/LiveTv/Recordings",
    "/LiveTv/Timers",
    "/LiveTv/SeriesTimers",
    "/Sessions",
    "/SyncPlay/List",
    "/Plugins",
    "/Packages",
    "/Channels",
    "/Playlists",
    "/Collections",
    "/Devices",
    "/ScheduledTasks",
    "/System/ActivityLog/Entries",
    "/Localization/Cultures",
    "/Localization/Countries",
    "/Localization/ParentalRatings",
    "/Localization/Options",
    "/Library/MediaFolders",
    "/Library/VirtualFolders",
    "/DisplayPreferences/usersettings?client=emby",
    "/Playback/BitrateTest?Size=10",
    "/GetUTCTime",
    "/Branding/Configuration",
    "/QuickConnect/Enabled",
    "/Users/Public",
    "/System/Ping",
]
OF_ITEM = [
    "/Items/{item}",
    "/Users/{user}/Items/{item}",
    "/Items/{item}/Similar",
    "/Items/{item}/Ancestors",
    "/Items/{item}/PlaybackInfo",
    "/Videos/{item}/stream?static=true",
    "/Videos/{item}/stream.mkv",
    "/Audio/{item}/stream",
    "/Audio/{item}/stream.mkv",
    "/Audio/{item}/universal",
    "/Items/{item}/File",
    "/Items/{item}/Download",
    "/Videos/{item}/master.m3u8",
    "/Videos/{item}/main.m3u8",
    "/MediaSegments/{item}",
    "/UserItems/{item}/UserData",
    "/Videos/{item}/Trickplay/320/0.jpg",
    "/Videos/{item}/{source}/Subtitles/3/Stream.vtt",
    "/Videos/{item}/{source}/Subtitles/3/0/Stream.srt",
]
EMPTY = [
    "/Items/{item}/Intros",
    "/Users/{user}/Items/{item}/Intros",
    "/Items/{item}/LocalTrailers",
    "/Users/{user}/Items/{item}/LocalTrailers",
    "/Items/{item}/SpecialFeatures",
    "/Users/{user}/Items/{item}/SpecialFeatures",
    "/Items/{item}/ThemeMedia",
    "/Videos/{item}/AdditionalParts",
]
OF_USER = [
    "/Users/{user}",
    "/Users/{user}/Views",
    "/Users/{user}/Items",
    "/Users/{user}/Items/Latest",
    "/Users/{user}/Items/Resume",
]


class TestTheWalk:
    async def test_every_question_has_an_answer(self, found: Found) -> None:
        names = {"user": found.user, "item": found.movie, "source": found.source}
        for path in [*PLAIN, *(path.format(**names) for path in (*OF_ITEM, *EMPTY, *OF_USER))]:
            answer = await found.house.owner.get(path)
            assert answer.status == 200, (path, answer.status)

    async def test_a_title_that_is_not_there_is_not_found(self, found: Found) -> None:
        names = {"user": found.user, "item": NOBODY, "source": NOBODY}
        for path in OF_ITEM:
            answer = await found.house.owner.get(path.format(**names))
            assert (answer.status, answer.body) == (404, b""), path

    async def test_a_title_one_may_not_see_is_not_there_either(self, found: Found) -> None:
        names = {"user": found.user, "item": found.movie, "source": found.source}
        for path in OF_ITEM:
            answer = await found.house.member.get(path.format(**names))
            assert answer.status == 404, path

    async def test_marks_are_made_and_taken_back(self, found: Found) -> None:
        for path in (
            "/UserPlayedItems/{0}",
            "/UserFavoriteItems/{0}",
            "/Users/{1}/PlayedItems/{0}",
            "/Users/{1}/FavoriteItems/{0}",
        ):
            for method in ("POST", "DELETE"):
                good = await found.house.owner.ask(method, path.format(found.episode, found.user))
                wrong = await found.house.owner.ask(method, path.format(NOBODY, found.user))
                assert (good.status, wrong.status) == (200, 404), (method, path)
        written = await found.house.owner.post(f"/UserItems/{found.episode}/UserData", {"Played": True})
        assert written.json()["Played"] is True
        assert (await found.house.owner.post(f"/UserItems/{NOBODY}/UserData", {"Played": True})).status == 404

    async def test_what_a_client_keeps_here_is_given_back(self, found: Found) -> None:
        path = "/DisplayPreferences/usersettings?client=emby"
        sent = {"SortBy": "DateCreated", "CustomPrefs": {"homesection0": "resume"}}
        assert (await found.house.owner.post(path, sent)).status == 204
        kept = (await found.house.owner.get(path)).json()
        assert (kept["SortBy"], kept["CustomPrefs"]) == ("DateCreated", {"homesection0": "resume"})

    async def test_calls_without_an_answer_are_accepted(self, found: Found) -> None:
        for path in (
            "/Sessions/Capabilities",
            "/Sessions/Capabilities/Full",
            "/Sessions/Playing/Ping",
            "/LiveStreams/Close",
        ):
            assert (await found.house.owner.post(path, {"PlayableMediaTypes": ["Video"]})).status == 204, path
        assert (await found.house.owner.post("/ClientLog/Document")).status == 200
        assert (await found.house.owner.delete("/Videos/ActiveEncodings?playSessionId=none")).status == 204


class TestAShow:
    async def test_its_seasons_and_episodes_follow_each_other(self, found: Found) -> None:
        owner = found.house.owner
        [season] = (await owner.get(f"/Shows/{found.show}/Seasons")).json()["Items"]
        episodes = (await owner.get(f"/Shows/{found.show}/Episodes?SeasonId={season['Id']}")).json()["Items"]
        later = (await owner.get(f"/Shows/{found.show}/Episodes?StartItemId={episodes[1]['Id']}&Limit=1")).json()[
            "Items"
        ]
        beside = (await owner.get(f"/Shows/{found.show}/Episodes?AdjacentTo={episodes[0]['Id']}")).json()["Items"]
        assert (season["Id"], season["IndexNumber"], season["SeriesName"]) == (found.season, 1, "Scrubs")
        assert [(one["ParentIndexNumber"], one["IndexNumber"]) for one in episodes] == [(1, 1), (1, 2), (1, 3)]
        assert [one["IndexNumber"] for one in later] == [2]
        assert [one["IndexNumber"] for one in beside] == [1, 2]
        assert (await owner.get(f"/Shows/{NOBODY}/Seasons")).status == 404
        assert (await owner.get(f"/Shows/{NOBODY}/Episodes")).status == 404

    async def test_the_next_one_follows_what_was_seen(self, found: Found) -> None:
        await found.house.owner.post(f"/UserPlayedItems/{found.episode}")
        [following] = (await found.house.owner.get("/Shows/NextUp")).json()["Items"]
        [up, home] = (await found.house.owner.get(f"/Items/{found.season}/Ancestors")).json()
        assert (following["SeriesName"], following["IndexNumber"]) == ("Scrubs", 2)
        assert (up["Type"], home["Type"]) == ("Series", "CollectionFolder")
