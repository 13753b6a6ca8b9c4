"""`/output/m3u`, as players fetch it."""

from polycast.core.identity.scopes import Role
from polycast.live import tables
from polycast.live.lineup.events import ChannelCreated
from tests.live.outputs.world import World, attribute_values, channel

GOLDEN = """#EXTM3U x-tvg-url="{o}/output/epg" url-tvg="{o}/output/epg"
#EXTINF:-1 tvg-id="2" tvg-name="News" tvg-logo="{o}/api/channels/logos/1/cache/" tvg-chno="2" \
tvc-guide-stationid="11331" group-title="US News",News
{o}/proxy/ts/stream/9f0c0000-0000-4000-8000-000000000001
#EXTINF:-1 tvg-id="2.1" tvg-name="The 'Quoted', One" tvg-logo="" tvg-chno="2.1" group-title="Default",The 'Quoted', One
{o}/proxy/ts/stream/9f0c0000-0000-4000-8000-000000000002
#EXTINF:-1 tvg-id="5" tvg-name="Radio Five" tvg-logo="" tvg-chno="5" radio="true" group-title="US News",Radio Five
{o}/proxy/ts/stream/9f0c0000-0000-4000-8000-000000000003
#EXTINF:-1 tvg-id="4" tvg-name="Numberless" tvg-logo="" tvg-chno="" group-title="Default",Numberless
{o}/proxy/ts/stream/9f0c0000-0000-4000-8000-000000000004
"""


class TestSomebodyFetchesThePlaylist:
    async def test_it_is_as_players_know_it(self, world: World) -> None:
        answer = await world.get("/output/m3u")
        assert answer.text() == GOLDEN.format(o=world.url)
        assert answer.headers["content-type"] == "audio/x-mpegurl"
        assert answer.headers["content-disposition"] == 'attachment; filename="channels.m3u"'

    async def test_whoever_has_it_already_gets_nothing_twice(self, world: World) -> None:
        first = await world.get("/output/m3u/")
        again = await world.get("/output/m3u", headers={"if-none-match": first.headers["etag"]})
        assert (first.status, again.status, again.body) == (200, 304, b"")

    # Some players post instead, with an empty form.
    async def test_an_empty_post_is_as_good(self, world: World) -> None:
        assert (await world.ask("POST", "/output/m3u", data=b"{}")).status == 200
        refused = await world.ask("POST", "/output/m3u", data=b"a=1")
        assert (refused.status, refused.json()) == (403, {"error": "Forbidden"})

    async def test_head_says_the_same_without_a_body(self, world: World) -> None:
        answer = await world.ask("HEAD", "/output/m3u")
        assert (answer.status, answer.headers["content-type"], answer.body) == (200, "audio/x-mpegurl", b"")

    async def test_its_guide_is_asked_for_the_same_way(self, world: World) -> None:
        answer = await world.get("/output/m3u?tvg_id_source=gracenote&days=3&cachedlogos=false&strange=1")
        guide = f"{world.url}/output/epg?tvg_id_source=gracenote&cachedlogos=false&days=3"
        assert attribute_values(answer.text(), "x-tvg-url") == [guide]
        assert attribute_values(answer.text(), "tvg-id")[0] == "11331"
        assert attribute_values(answer.text(), "tvg-logo")[0] == "http://pictures.example/n.png"

    async def test_streams_are_asked_for_in_the_wanted_form(self, world: World) -> None:
        text = (await world.get("/output/m3u?output_profile=2&output=fmp4")).text()
        assert "000000000001?output_profile=2&output_format=fmp4\n" in text
        assert "?" not in (await world.get('/output/m3u?output_profile=x&output_format="%0Aevil')).text()


class TestAProfile:
    async def test_only_its_channels_are_listed(self, world: World) -> None:
        await world.core.db.write(lambda unit: unit.insert(tables.channel_profiles, name="Kids & co"))
        await world.core.db.write(
            lambda unit: [
                unit.execute(tables.channel_profile_members.insert().values(profile_id=1, channel_id=one, enabled=on))
                for one, on in ((1, True), (3, False))
            ]
        )
        text = (await world.get("/output/m3u/Kids%20&%20co")).text()
        assert attribute_values(text, "tvg-name") == ["News"]
        assert attribute_values(text, "url-tvg") == [f"{world.url}/output/epg/Kids%20%26%20co"]

    async def test_an_unknown_one_is_not_found(self, world: World) -> None:
        answer = await world.get("/output/m3u/none")
        assert (answer.status, answer.json()) == (404, {"error": "Not found"})


class TestTheLineUpChanges:
    async def test_the_next_playlist_has_it(self, world: World) -> None:

        await world.get("/output/m3u")

        def add(unit: object) -> None:
            found = channel(unit, 3000, "New one")  # type: ignore[arg-type]
            unit.publish(ChannelCreated(channel_id=found))  # type: ignore[attr-defined]

        await world.core.db.write(add)
        await world.settle()
        assert "New one" in (await world.get("/output/m3u")).text()


class TestSomebodyIsSignedIn:
    async def test_they_see_what_their_level_permits(self, world: World) -> None:
        await world.user("boss", role=Role.ADMIN)
        key = await world.key("boss")
        text = (await world.get("/output/m3u", headers={"x-api-key": key})).text()
        assert "Late Night" in text and "Hidden" not in text
