"""Guides as files: put into the folder, sent to us, and gone with their source."""

import os

from sqlalchemy import update

from polycast.core.errors import PolycastError
from polycast.core.identity.caller import SYSTEM
from polycast.core.jobs.model import Tick
from polycast.core.storage import Unit
from polycast.live.guide.model import GuideRefreshed, GuideSource, RefreshGuide
from polycast.live.lineup.from_guide import TakeFromGuide, Taken
from polycast.live.preferences.service import Preferences
from polycast.live.preferences.store import SettingsStore
from polycast.live.tables import channel_overrides, channels
from tests.live.guide.world import GuideWorld

UPLOAD = "/api/epg/sources/upload/"


async def shown(world: GuideWorld) -> list[tuple[str, str]]:
    sources: list[GuideSource] = await world.guide.sources.all(SYSTEM)
    return [(source.name, source.file_path) for source in sources]


class TestFilesInTheFolder:
    async def test_become_sources_once_and_under_a_free_name(self, each_world: GuideWorld, sample: str) -> None:
        await each_world.source(name="Home guide", url="http://guide.example/a.xml")
        each_world.write(sample, "Home guide.xml")
        each_world.write(b"x", "readme.txt")
        each_world.write(sample, ".hidden.xml")
        for _ in range(2):
            await each_world.guide.watch.look(Tick(), each_world.run)
        assert await shown(each_world) == [("Home guide", ""), ("Home guide 2", "epgs/Home guide.xml")]

    async def test_are_left_alone_where_the_settings_say_so(self, world: GuideWorld, sample: str) -> None:
        preferences = Preferences(db=world.db, store=SettingsStore())
        await preferences.change(SYSTEM, "system_settings", {"auto_import_mapped_files": False})
        world.write(sample)
        await world.guide.watch.look(Tick(), world.run)
        assert await shown(world) == []

    async def test_are_read_again_when_they_change_and_a_broken_one_is_tried_once(
        self, world: GuideWorld, sample: str
    ) -> None:
        source = await world.file_source(sample)
        await world.refresh(source)
        world.kept.jobs.clear()
        await world.guide.watch.look(Tick(), world.run)
        assert world.kept.jobs == []
        world.write("this is no guide")
        os.utime(world.data / "epgs/guide.xml", ns=(5, 5))
        for _ in range(2):
            await world.guide.watch.look(Tick(), world.run)
            if world.kept.jobs == [("live.refresh_guide", RefreshGuide(source_id=source))]:
                assert (await refreshed(world, source)).status == "error"
        assert world.kept.jobs == [("live.refresh_guide", RefreshGuide(source_id=source))]


async def refreshed(world: GuideWorld, source: int) -> GuideSource:
    try:
        return await world.refresh(source)
    except PolycastError:  # it stands on the source
        return await world.look(source)


class TestAnUploadedGuide:
    async def test_leaves_the_disk_with_its_source(self, world: GuideWorld, sample: str) -> None:
        sent = ("guide.xml", sample.encode(), "application/xml")
        made = (await world.client().upload(UPLOAD, file=sent, fields={"name": "Sent"})).json()
        path = world.data / made["file_path"]
        assert path.read_text() == sample
        assert (await world.client().delete(f"/api/epg/sources/{made['id']}/")).status_code == 204
        assert not path.exists()

    async def test_what_people_put_into_the_folder_is_theirs(self, world: GuideWorld, sample: str) -> None:
        source = await world.file_source(sample)
        await world.guide.sources.delete(SYSTEM, source)
        assert (world.data / "epgs/guide.xml").is_file()


class TestADeletedSource:
    async def test_gives_channels_back_the_guide_that_an_override_of_it_covered(
        self, each_world: GuideWorld, sample: str
    ) -> None:
        first = await each_world.file_source(sample)
        await each_world.refresh(first)
        base = await each_world.guide_id("news.example")
        second = await each_world.source(
            name="Other", file_path=each_world.write(sample.replace("news.e", "new.e"), "b.xml")
        )
        await each_world.refresh(second)
        over = await each_world.guide_id("new.example")
        channel = await each_world.channel("News", guide_channel_id=base)

        def cover(unit: Unit) -> None:
            unit.upsert(
                channel_overrides,
                [{"channel_id": channel, "guide_channel_id": over}],
                key=["channel_id"],
                update=["guide_channel_id"],
            )
            unit.execute(update(channels).values(eff_guide_channel_id=over))

        await each_world.db.write(cover)
        await each_world.guide.sources.delete(SYSTEM, second)

        def effective(unit: Unit) -> int | None:
            found: int | None = unit.execute(channels.select()).one().eff_guide_channel_id
            return found

        assert await each_world.db.read(effective) == base


class TestASourceThatGivesItsLogos:
    async def test_has_them_taken_after_each_refresh(self, world: GuideWorld, sample: str) -> None:
        source = await world.file_source(sample, custom_properties={"auto_apply_epg_logos": True})
        plain = await world.source(name="Plain", file_path=world.write(sample, "b.xml"))
        for each in (source, plain):
            await world.refresh(each)
        world.kept.jobs.clear()

        def tell(unit: Unit) -> None:
            for event in world.events(GuideRefreshed):
                world.guide.refreshes.refreshed(unit, event)

        await world.db.write(tell)
        assert world.kept.jobs == [("live.take_from_guide", TakeFromGuide(what=Taken.LOGO, source_id=source))]
        [listener] = [one for one in world.guide.listeners() if one.name == "live.apply_guide_logos"]
        assert listener.event is GuideRefreshed
