"""Groups of settings and the small collections beside them, on both engines."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from polycast.core.errors import Conflict, Invalid, NotAllowed, NotFound
from polycast.core.identity.caller import SYSTEM, Caller, Credential
from polycast.core.identity.scopes import SCOPES_OF_ROLE, Role
from polycast.core.storage import Database, Unit
from polycast.live.preferences import profiles
from polycast.live.preferences.commands import check_command
from polycast.live.preferences.groups import GROUPS, ProxySettings, StreamSettings
from polycast.live.preferences.listeners import listeners
from polycast.live.preferences.model import PreferencesChanged
from polycast.live.preferences.profiles import OutputProfiles, StreamProfiles, UserAgents
from polycast.live.preferences.service import Preferences
from polycast.live.preferences.store import SettingsStore
from polycast.live.tables import METADATA, settings, stream_profiles, user_agents
from tests.engines import ENGINES, Kept, opened
from tests.fakes.clock import FakeClock

MEMBER = Caller(user_id=2, credential=Credential.SESSION, scopes=SCOPES_OF_ROLE[Role.MEMBER])


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture(params=ENGINES)
async def db(request: pytest.FixtureRequest, tmp_path: Path, kept: Kept) -> AsyncIterator[Database]:
    async with opened(request.param, tmp_path, metadatas=[METADATA], publisher=kept, enqueuer=kept) as database:
        await database.write(first_rows)
        yield database


def first_rows(unit: Unit) -> None:
    """Some of those that the module's first revision makes."""
    now = datetime(2026, 11, 21, tzinfo=UTC)
    unit.insert(user_agents, name="VLC", user_agent="VLC/3.0.21", description="", created_at=now, updated_at=now)
    unit.insert(stream_profiles, name="Proxy", command="", parameters="", locked=True)
    for key, (name, _) in GROUPS.items():
        unit.insert(settings, key=key, name=name, value={})


@pytest.fixture
def preferences(db: Database) -> Preferences:
    return Preferences(db=db, store=SettingsStore())


class TestAGroup:
    async def test_has_defaults_until_somebody_changes_it(self, preferences: Preferences) -> None:
        assert (await preferences.group(ProxySettings)).buffering_timeout == 15
        assert [row.key for row in await preferences.rows()] == list(GROUPS)
        row = await preferences.change(SYSTEM, "proxy_settings", {"buffering_timeout": 20})
        assert (row.value["buffering_timeout"], row.value["max_retries"]) == (20, 3)
        assert (await preferences.group(ProxySettings)).buffering_timeout == 20
        assert (await preferences.row(row.id)).value == row.value

    async def test_says_what_has_changed_and_only_then(self, preferences: Preferences, kept: Kept) -> None:
        await preferences.change(SYSTEM, "proxy_settings", {"buffering_timeout": 15})
        assert kept.events == []
        await preferences.change(SYSTEM, "proxy_settings", {"buffering_timeout": 20, "max_retries": 3})
        assert kept.events == [PreferencesChanged(what="proxy_settings", keys=["buffering_timeout"])]

    # A client of a newer original sends keys we do not know; they come back as they were.
    async def test_keeps_what_it_does_not_know(self, preferences: Preferences) -> None:
        await preferences.change(SYSTEM, "stream_settings", {"later": [1]})
        row = await preferences.change(SYSTEM, "stream_settings", {"default_output_format": "fmp4"})
        assert (row.value["later"], row.value["default_output_format"]) == ([1], "fmp4")
        assert (await preferences.group(StreamSettings)).default_output_format == "fmp4"

    async def test_refuses_what_does_not_fit(self, preferences: Preferences, kept: Kept) -> None:
        wrong: list[tuple[str, str, object]] = [
            ("proxy_settings", "buffering_timeout", 301),
            ("proxy_settings", "redis_chunk_ttl", "long"),
            ("stream_settings", "default_output_format", "avi"),
            ("backup_settings", "time", "25:00"),
        ]
        for key, name, value in wrong:
            with pytest.raises(Invalid) as refused:
                await preferences.change(SYSTEM, key, {name: value})
            assert refused.value.problems[0].path == f"value.{name}"
        assert kept.events == []

    async def test_is_changed_by_administrators(self, preferences: Preferences) -> None:
        with pytest.raises(NotAllowed):
            await preferences.change(MEMBER, "proxy_settings", {})
        with pytest.raises(NotFound):
            await preferences.change(SYSTEM, "no_settings", {})
        with pytest.raises(NotFound):
            await preferences.row(9999)

    async def test_gives_streams_new_identities_when_their_parts_change(self, db: Database, kept: Kept) -> None:
        [listener] = listeners()
        assert listener.once is not None
        for keys in (["default_output_format"], ["m3u_hash_key"]):
            await db.write(listener.once, PreferencesChanged(what="stream_settings", keys=keys))
        assert [name for name, _ in kept.jobs] == ["live.rehash_streams"]


class TestCollections:
    async def test_a_name_is_there_once(self, db: Database) -> None:
        agents = UserAgents(db=db, rows=profiles.rows_of_user_agents(), clock=FakeClock())
        with pytest.raises(Invalid) as refused:
            await agents.create(SYSTEM, {"name": "VLC", "user_agent": "VLC/3.0.21"})
        assert [problem.path for problem in refused.value.problems] == ["name", "user_agent"]
        made = await agents.create(SYSTEM, {"name": "Mine", "user_agent": "Mine/1"})
        same = await agents.update(SYSTEM, made.id, {"name": "Mine"})
        assert same == made
        with pytest.raises(NotAllowed):
            await agents.delete(MEMBER, made.id)

    async def test_what_is_built_in_stays(self, db: Database) -> None:
        rows, agents = profiles.rows_of_stream_profiles(), profiles.rows_of_user_agents()
        streams = StreamProfiles(db=db, rows=rows, agents=agents, clock=FakeClock(), check=check_command)
        proxy = next(one for one in await streams.list() if one.name == "Proxy")
        with pytest.raises(Conflict):
            await streams.update(SYSTEM, proxy.id, {"command": "ffmpeg"})
        with pytest.raises(Conflict):
            await streams.delete(SYSTEM, proxy.id)
        assert (await streams.update(SYSTEM, proxy.id, {"name": "Proxy", "user_agent_id": 1})).user_agent_id == 1

    @pytest.mark.parametrize(
        "parameters",
        [
            "-i {streamUrl} -f mpegts /tmp/out.ts",
            "-i /etc/passwd -f mpegts pipe:1",
            "-i {streamUrl} -vf movie=/etc/passwd -f mpegts pipe:1",
            "-i {streamUrl} -i {streamUrl} -f mpegts pipe:1",
        ],
    )
    def test_a_command_that_could_do_harm_is_refused(self, parameters: str) -> None:
        with pytest.raises(Invalid):
            check_command("ffmpeg", parameters)

    async def test_half_a_command_is_judged_with_the_other_half(self, db: Database) -> None:
        outputs = OutputProfiles(db=db, rows=profiles.rows_of_output_profiles(), clock=FakeClock(), check=check_command)
        good = {"name": "Good", "command": "ffmpeg", "parameters": "-i pipe:0 -c copy -f mpegts pipe:1"}
        made = await outputs.create(SYSTEM, good)
        with pytest.raises(Invalid):
            await outputs.update(SYSTEM, made.id, {"command": "sh"})
        assert (await outputs.update(SYSTEM, made.id, {"is_active": False})).is_active is False
