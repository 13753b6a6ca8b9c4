from collections.abc import AsyncIterator, Sequence

import pytest

from polycast.core.clock import SystemClock
from polycast.core.events import Audience
from polycast.core.identity.caller import NOBODY, SYSTEM, Caller, Credential
from polycast.core.identity.scopes import Role, Scope
from polycast.core.search import Search, SearchIndex, SearchWords
from polycast.core.storage import Database, StorageSettings, Unit, migrate, open_storage
from tests.engines import Kept

EVERYONE = Audience()
FILMS = [
    ("The Matrix", "1999, Science fiction", "Keanu Reeves Carrie-Anne Moss", 90),
    ("The Matrix Reloaded", "2003, Science fiction", "Keanu Reeves", 60),
    ("Interstellar", "2014, Science fiction", "Matthew McConaughey Anne Hathaway", 80),
    ("Amélie", "2001, Comedy", "Audrey Tautou Le Fabuleux Destin d'Amélie Poulain", 50),
    ("Die Hard", "1988, Action", "Bruce Willis", 70),
    ("Die Hard 2", "1990, Action", "Bruce Willis", 40),
    ("Up", "2009, Animation", "", 60),
    ("Uptown Girls", "2003, Comedy", "", 10),
    ("Don't Look Up", "2021, Satire", "Leonardo DiCaprio", 50),
    ("Straße der Träume", "2010, Drama", "", 5),
    ("千と千尋の神隠し", "2001, Animation", "Spirited Away", 75),
]


class World:
    """The search over a few films."""

    def __init__(self, db: Database, search: Search) -> None:
        self.db = db
        self.search = search

    async def titles(self, text: str, caller: Caller = SYSTEM, kinds: list[str] | None = None) -> list[str]:
        return [hit.title for hit in await self.search.find(caller, text, kinds=kinds)]


def put_films(unit: Unit) -> None:
    for number, (title, subtitle, text, weight) in enumerate(FILMS):
        words = SearchWords(kind="movie", title=title, subtitle=subtitle, text=text, weight=weight)
        unit.index(f"library.movie:{number}", words, EVERYONE)


def put(unit: Unit, ref: str, title: str | None, audience: Audience = EVERYONE, kind: str = "channel") -> None:
    unit.index(ref, None if title is None else SearchWords(kind=kind, title=title), audience)


@pytest.fixture
async def world(settings: StorageSettings) -> AsyncIterator[World]:
    migrate(settings, [])
    index, kept = SearchIndex(), Kept()
    async with open_storage(
        settings, metadatas=[], enqueuer=kept, publisher=kept, indexer=index, clock=SystemClock()
    ) as db:
        await db.write(put_films)
        yield World(db, Search(db=db, index=index))


class TestSomebodyTypes:
    async def test_what_is_meant_comes_first(self, world: World) -> None:
        meant = {
            "matrix": "The Matrix",
            "the matrix": "The Matrix",
            "matrix rel": "The Matrix Reloaded",
            "reloaded matrix": "The Matrix Reloaded",
            "inters": "Interstellar",
            "hathaway": "Interstellar",
            "amelie": "Amélie",
            "AMÉLIE": "Amélie",
            "die hard": "Die Hard",
            "die hard 2": "Die Hard 2",
            "up": "Up",
            "dont look": "Don't Look Up",
            "strasse": "Straße der Träume",
            "千と千": "千と千尋の神隠し",
            "spirited": "千と千尋の神隠し",
            "up 2009": "Up",
        }
        assert {typed: (await world.titles(typed))[0] for typed in meant} == meant

    async def test_wrong_letters_are_forgiven(self, world: World) -> None:
        meant = {
            "matirx": "The Matrix",
            "interstelar": "Interstellar",
            "intrestel": "Interstellar",
            "keannu reves": "The Matrix",
            "bruce wilis": "Die Hard",
            "amelei": "Amélie",
            "matrix reloded": "The Matrix Reloaded",
        }
        assert {typed: (await world.titles(typed))[0] for typed in meant} == meant

    async def test_a_letter_gives_titles_that_begin_so(self, world: World) -> None:
        assert set(await world.titles("d")) == {"Die Hard", "Die Hard 2", "Don't Look Up"}

    async def test_a_word_that_is_complete_is_no_beginning(self, world: World) -> None:
        assert (await world.titles("up "))[:2] == ["Up", "Uptown Girls"]
        assert "Uptown Girls" not in await world.titles("look up ")

    async def test_one_wrong_word_beside_a_right_one_still_finds(self, world: World) -> None:
        assert (await world.titles("interstellar qqqqq"))[0] == "Interstellar"

    async def test_nonsense_finds_nothing_and_breaks_nothing(self, world: World) -> None:
        for typed in ["", "   ", "!?*", '" OR "', "zzzzzz", "'", "a" * 5000, "\u0000", "title:x", "NEAR(", "\\", "%"]:
            assert await world.titles(typed) == []

    async def test_kinds_narrow_it(self, world: World) -> None:
        await world.db.write(put, "live.channel:1", "Matrix TV")
        assert await world.titles("matrix", kinds=["channel"]) == ["Matrix TV"]
        assert await world.titles("matrix", kinds=[]) == []


class TestARowChanges:
    async def test_its_old_words_find_it_no_more(self, world: World) -> None:
        await world.db.write(put, "live.channel:1", "Weather One")
        await world.db.write(put, "live.channel:1", "Storm Two")
        assert await world.titles("storm") == ["Storm Two"]
        assert await world.titles("weather") == []
        await world.db.write(put, "live.channel:1", None)
        assert await world.titles("storm") == []

    async def test_a_unit_that_fails_leaves_the_search_as_it_was(self, world: World) -> None:
        def regret(unit: Unit) -> None:
            put(unit, "live.channel:1", "Weather One")
            raise RuntimeError("the rest of it")

        with pytest.raises(RuntimeError):
            await world.db.write(regret)
        assert await world.titles("weather") == []

    async def test_many_in_one_unit_are_all_found(self, world: World) -> None:
        def many(unit: Unit) -> None:
            for number in range(150):
                put(unit, f"live.channel:{number}", f"Harbour {number}")
            put(unit, "live.channel:149", None)

        await world.db.write(many)
        assert len(await world.search.find(SYSTEM, "harbour", limit=200)) == 120
        assert await world.titles("harbour 148") == ["Harbour 148"]
        assert await world.titles("harbour 149 ", kinds=["channel"]) != ["Harbour 149"]


class TestOthersAreNotShown:
    @pytest.mark.parametrize(
        ("caller", "expected"),
        [
            (NOBODY, set()),
            (SYSTEM, {"Secret all", "Secret live", "Secret mine", "Secret tenant"}),
            (Caller(user_id=1, credential=Credential.SESSION), {"Secret all"}),
            (
                Caller(user_id=5, scopes=frozenset({Scope.LIVE_READ}), credential=Credential.SESSION),
                {"Secret all", "Secret live", "Secret mine"},
            ),
            (Caller(user_id=2, tenant_id=3, credential=Credential.SESSION), {"Secret all", "Secret tenant"}),
            (
                Caller(user_id=9, role=Role.OWNER, scopes=frozenset(Scope), credential=Credential.SESSION),
                {"Secret all", "Secret live", "Secret tenant"},
            ),
        ],
    )
    async def test_each_finds_their_own(self, world: World, caller: Caller, expected: set[str]) -> None:
        await world.db.write(put, "a.b:1", "Secret all")
        await world.db.write(put, "a.b:2", "Secret live", Audience(scope=Scope.LIVE_READ))
        await world.db.write(put, "a.b:3", "Secret mine", Audience(user_id=5))
        await world.db.write(put, "a.b:4", "Secret tenant", Audience(tenant_id=3))
        assert set(await world.titles("secret", caller)) == expected
        assert set(await world.titles("s", caller)) == expected | ({"Straße der Träume"} if expected else set())
        assert set(await world.titles("secrte", caller)) == expected


class TestAModuleJudgesItsOwn:
    async def test_what_it_does_not_let_pass_is_not_found(self, world: World) -> None:
        asked: list[str] = []

        def only_the_first(_unit: Unit, _caller: Caller, refs: Sequence[str]) -> list[str]:
            asked.extend(refs)
            return [ref for ref in refs if ref == "library.movie:0"]

        await world.db.write(lambda unit: put(unit, "live.channel:7", "Matrix TV"))
        world.search.judge("library.", only_the_first)
        assert sorted(await world.titles("matrix")) == ["Matrix TV", "The Matrix"]
        assert sorted(asked) == ["library.movie:0", "library.movie:1"]
