"""What the engine keeps, on both engines and by its own revision."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from polycast.core.errors import NotFound
from polycast.core.identity.tables import users
from polycast.core.storage import Branch, Database, Unit
from polycast.radio.engine.journal import Journal
from polycast.radio.engine.store import AudienceStore, Heard, Minute, unless_gone
from polycast.radio.module import MIGRATIONS
from polycast.radio.tables import METADATA, accounts, auth_listeners, minutes, sessions, stations, tracks
from tests.engines import ENGINES, opened

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def station(unit: Unit) -> int:
    names = {"nanoid": "n" * 21, "uuid": "u", "username": "a", "username_key": "a", "name": ""}
    user = unit.insert(users, **names, role="broadcaster", is_active=True, created_at=NOW, updated_at=NOW)
    unit.insert(accounts, id=user, kind="broadcaster", limit_du=2, du_bytes=1_500_000, joined_at=NOW)
    lists: dict[str, list[str]] = {"geo_countries": [], "geo_networks": [], "geo_agents": []}
    return unit.insert(stations, account_id=user, slug="s", eq_gains=[], widget={}, created_at=NOW, **lists)


def track(unit: Unit, station_id: int, path: str, **more: object) -> int:
    return unit.insert(tracks, station_id=station_id, path=path, mtime=NOW, added_at=NOW, state="ready", **more)


@pytest.mark.parametrize("engine", ENGINES)
class TestTheStore:
    async def test_keeps_who_listened_and_drops_the_old(self, engine: str, tmp_path: Path) -> None:
        store = AudienceStore()
        async with opened(engine, tmp_path, [Branch("radio", MIGRATIONS)], [METADATA]) as db:
            number = await db.write(station)
            old = NOW - timedelta(days=100)
            heard = [
                Heard(station_id=number, channel_id=None, address="192.0.2.1", at=at, length_ms=1, sent_bytes=2)
                for at in (old, NOW)
            ]
            await db.write(store.heard, heard)
            for count in (3, 5):
                await db.write(store.counted, [Minute(number, NOW, count, 2), Minute(number, old, 1, 1)])
            dropped = await db.write(store.clean, sessions_before=NOW - timedelta(1), minutes_before=NOW, limit=10)
            assert dropped == 1
            assert await rows(db) == ([("192.0.2.1", NOW)], [(NOW, 5)])

    async def test_a_station_that_is_gone_is_told_and_not_written(self, engine: str, tmp_path: Path) -> None:
        store = AudienceStore()
        async with opened(engine, tmp_path, [Branch("radio", MIGRATIONS)], [METADATA]) as db:
            with pytest.raises(NotFound):
                await db.write(unless_gone, store.counted, [[Minute(77, NOW, 1, 1)]])
            journal = Journal(db=db)
            running = asyncio.ensure_future(journal.run())
            journal.put(store.counted, [Minute(77, NOW, 1, 1)])
            number = await db.write(station)
            journal.put(store.counted, [Minute(number, NOW, 4, 1)])
            await journal.idle()
            running.cancel()
            await asyncio.wait([running])
            assert await rows(db) == ([], [(NOW, 4)])

    async def test_tells_whose_token_opens_and_how_much_room_there_is(self, engine: str, tmp_path: Path) -> None:
        store = AudienceStore()
        async with opened(engine, tmp_path, [Branch("radio", MIGRATIONS)], [METADATA]) as db:
            number = await db.write(station)

            def tokens(unit: Unit) -> None:
                for name, active, ends in ((b"a", True, None), (b"b", False, None), (b"c", True, NOW)):
                    values = {"token_hash": name, "token_sealed": b"", "active": active, "expires_at": ends}
                    unit.insert(auth_listeners, station_id=number, **values)

            await db.write(tokens)
            assert await db.read(store.tokens, number, now=NOW) == frozenset({b"a"})
            account = await db.read(lambda unit: unit.execute(select(stations.c.account_id)).scalar_one())
            assert await db.read(store.room, account) == 500_000
            assert await db.read(store.room, 999) == 0

    async def test_finds_what_was_not_measured(self, engine: str, tmp_path: Path) -> None:
        store = AudienceStore()
        async with opened(engine, tmp_path, [Branch("radio", MIGRATIONS)], [METADATA]) as db:
            number = await db.write(station)
            first = await db.write(track, number, "a.mp3")
            await db.write(track, number, "b.mp3", loudness_lufs=-14.0)
            await db.write(track, number, "http://far.example/c.mp3", is_remote=True)
            [found] = await db.read(store.unmeasured, limit=10)
            assert (found.id, found.path) == (first, "a.mp3")
            await db.write(store.measured, found, {"loudness_lufs": -9.5, "cue_in": 0.5})
            assert await db.read(store.unmeasured, limit=10) == []


async def rows(db: Database) -> tuple[list[tuple[str, datetime]], list[tuple[datetime, int]]]:
    def read(unit: Unit) -> tuple[list[tuple[str, datetime]], list[tuple[datetime, int]]]:
        heard = unit.execute(select(sessions.c.address, sessions.c.at))
        counted = unit.execute(select(minutes.c.at, minutes.c.listeners))
        return [(row.address, row.at) for row in heard], [(row.at, row.listeners) for row in counted]

    return await db.read(read)
