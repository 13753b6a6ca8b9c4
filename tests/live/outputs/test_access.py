"""Which networks may fetch what."""

import pytest
from sqlalchemy import select

from polycast.core.identity.caller import Caller
from polycast.live import tables
from polycast.live.outputs.access import Endpoint, holds, networks_of
from polycast.live.outputs.events import OutputBlocked
from tests.live.outputs.world import ADDED, World


class TestAListIsRead:
    def test_words_that_are_no_networks_are_named(self) -> None:
        good, bad = networks_of("10.0.0.0/8, 192.168.1.5, fd00::/8,, ten")
        assert ([str(one) for one in good], bad) == (["10.0.0.0/8", "192.168.1.5/32", "fd00::/8"], ("ten",))

    @pytest.mark.parametrize(
        ("address", "is_in"),
        [("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("fe80::1%eth0", False), ("11.1.2.3", False), ("", False)],
    )
    def test_an_address_is_what_it_is_in_any_clothes(self, address: str, is_in: bool) -> None:
        assert holds(networks_of("10.0.0.0/8")[0], address) is is_in


class TestNobodyHasSetAnything:
    @pytest.mark.parametrize(
        ("address", "guides"),
        [("192.168.1.9", True), ("127.0.0.1", True), ("fe80::1%eth0", True), ("203.0.113.9", False), ("", False)],
    )
    async def test_guides_are_for_the_house_alone(self, world: World, address: str, guides: bool) -> None:
        access = world.outputs.access
        assert await access.admits(Endpoint.M3U_EPG, Caller(address=address)) is guides
        assert await access.admits(Endpoint.STREAMS, Caller(address=address)) is (address != "")


class TestSomebodyIsRefused:
    async def test_it_is_told_once_a_minute(self, world: World) -> None:
        lists = {"M3U_EPG": "10.9.0.0/16"}
        await world.core.db.write(lambda unit: world.preferences.change_in(unit, "network_access", lists))
        await world.settle()
        async with world.core.events.subscribe(world.system, names=[OutputBlocked.name]) as told:
            for _ in range(3):
                assert (await world.get("/output/m3u")).status == 403
            assert (await world.get("/output/epg")).status == 403
            kinds = [b'"kind":"m3u"' in (await anext(told)).body, b'"kind":"epg"' in (await anext(told)).body]
        assert kinds == [True, True]

    async def test_a_list_of_nonsense_admits_nobody(self, world: World) -> None:
        lists = {"STREAMS": "nonsense"}
        await world.core.db.write(lambda unit: world.preferences.change_in(unit, "network_access", lists))
        await world.settle()
        assert not await world.outputs.access.admits(Endpoint.STREAMS, Caller(address="127.0.0.1"))


class TestAPlaylistOfDirectAddresses:
    async def test_only_streams_added_by_hand_without_a_login_have_theirs(self, world: World) -> None:
        urls = {1: "udp://239.1.1.1:5000", 2: "http://user:secret@a.example/1.ts", 3: "http://a.example/3.ts"}

        def add(unit: object) -> None:
            account = unit.execute(select(tables.accounts.c.id).where(tables.accounts.c.name == "custom")).scalar_one()  # type: ignore[attr-defined]
            for channel_id, url in urls.items():
                values = {"name": "N", "content_key": 1, "created_at": ADDED, "updated_at": ADDED, "url": url}
                stream = unit.insert(tables.streams, account_id=account, hash=url.encode(), **values)  # type: ignore[attr-defined]
                unit.insert_rows(  # type: ignore[attr-defined]
                    tables.channel_streams, ["channel_id", "stream_id", "position"], [(channel_id, stream, 0)]
                )

        await world.core.db.write(add)
        lines = (await world.get("/output/m3u?direct=true")).text().splitlines()
        assert lines[2] == "udp://@239.1.1.1:5000"
        assert lines[4].startswith(world.url)
        assert lines[6] == "http://a.example/3.ts"
        assert "secret" not in "".join(lines)
