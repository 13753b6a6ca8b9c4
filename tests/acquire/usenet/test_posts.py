"""Posts on a real news server become files whose every byte is right, or are refused with the reason."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from hashlib import md5
from pathlib import Path

import pytest

from polycast.acquire.config.model import UsenetServer
from polycast.acquire.usenet.availability import require_available
from polycast.acquire.usenet.mapping import Mapper, Post
from polycast.acquire.usenet.model import Reason, RefusedPost
from polycast.acquire.usenet.nzb import read_nzb
from polycast.acquire.usenet.pool import Missing, Pool
from polycast.acquire.usenet.reading import PostReader
from polycast.acquire.usenet.segments import Segments
from polycast.core.clock import SystemClock
from polycast.core.errors import Unavailable
from polycast.core.net import open_net
from polycast.core.settings.model import NetSettings
from tests.fakes.news_server import News, PostedFile, news_server, nzb
from tests.fakes.rar_writer import rar4, rar5

MKV = b"\x1a\x45\xdf\xa3"
FILM = MKV + random.Random(1).randbytes(150_000)
OTHER = MKV + random.Random(2).randbytes(60_001)


class House:
    """A pool on some servers, and what it takes to read through it."""

    def __init__(self, pool: Pool, folder: Path) -> None:
        self.pool = pool
        self.fetched = 0
        self.segments = Segments(folder, fetcher=lambda: pool, served=self._served)

    def _served(self, count: int) -> None:
        self.fetched += count

    async def map(self, document: bytes, *, name: str = "My Film.nzb", password: str = "") -> Post:
        found = read_nzb([document], file_name=name, password=password)
        await require_available(found, self.pool, percent=1)
        return await Mapper(self.pool, self.segments, at_once=8).map(found, is_wanted=is_film)

    def reader(self, post: Post, at: int = 0, **options) -> PostReader:
        options = {"ahead": 4, "fills_holes": True} | options
        return PostReader(post.members[at], post.geometries, self.segments, **options)

    async def files(self, post: Post) -> dict[str, bytes]:
        return {member.name: await whole(self.reader(post, at)) for at, member in enumerate(post.members)}


def is_film(path: str, size_bytes: int) -> bool:
    return path.endswith((".mkv", ".mp4"))


async def whole(reader: PostReader, start: int = 0, length: int | None = None) -> bytes:
    return b"".join([piece async for piece in reader.read(start, reader.size_bytes if length is None else length)])


@asynccontextmanager
async def house(folder: Path, *servers: News, **settings) -> AsyncIterator[House]:
    async with open_net(NetSettings(trusted_hosts=("127.0.0.1",)), SystemClock()) as net:
        rows = [
            UsenetServer(host="127.0.0.1", port=one.port, max_connections=6, priority=at, backbone=f"b{at}", **settings)
            for at, one in enumerate(servers)
        ]
        pool = Pool(rows, net=net, clock=SystemClock())
        made = House(pool, folder / "cache")
        try:
            yield made
        finally:
            await made.segments.close()
            await pool.close()


@pytest.fixture
async def news() -> AsyncIterator[News]:
    async with news_server() as running:
        yield running


@pytest.fixture
async def home(tmp_path: Path, news: News) -> AsyncIterator[House]:
    async with house(tmp_path, news) as made:
        yield made


def post_all(news: News, volumes: Sequence[bytes], name: str) -> list[PostedFile]:
    return [news.post(name.format(number + 1), data) for number, data in enumerate(volumes)]


class TestAPlainPost:
    async def test_is_read_from_anywhere(self, home: House, news: News) -> None:
        post = await home.map(nzb([news.post("x.mkv", FILM), news.post("x.nfo", b"hello")]))
        assert [member.name for member in post.members] == ["My Film.mkv"]
        reader = home.reader(post)
        assert await whole(reader) == FILM
        chance = random.Random(7)
        for _ in range(25):
            start, length = chance.randrange(len(FILM)), chance.randrange(1, 20_000)
            assert await whole(reader, start, length) == FILM[start : start + length]

    async def test_several_files_keep_their_names(self, home: House, news: News) -> None:
        post = await home.map(nzb([news.post("s01e01.mkv", FILM), news.post("s01e02.mkv", OTHER)]))
        assert await home.files(post) == {"s01e01.mkv": FILM, "s01e02.mkv": OTHER}

    async def test_a_file_for_each_article(self, home: House, news: News) -> None:
        posted = news.post("film.mkv", FILM)
        count = len(posted.segments)
        apart = [PostedFile(f'"film.mkv" yEnc ({at + 1}/{count})', [one]) for at, one in enumerate(posted.segments)]
        assert await home.files(await home.map(nzb(apart))) == {"My Film.mkv": FILM}

    async def test_a_name_that_says_nothing_is_found_out(self, home: House, news: News) -> None:
        post = await home.map(nzb([news.post("x", FILM, subject="a8f7c6d5", yenc_name="a8f7c6d5")]))
        assert await home.files(post) == {"My Film.mkv": FILM}

    async def test_names_come_from_par2(self, home: House, news: News) -> None:
        def desc(data: bytes, name: str) -> bytes:
            raw = name.encode() + bytes(-len(name.encode()) % 4)
            body = (
                bytes(16) + md5(data).digest() + md5(data[: 16 * 1024]).digest() + len(data).to_bytes(8, "little") + raw
            )
            head = b"PAR2\0PKT" + (64 + len(body)).to_bytes(8, "little") + bytes(32) + b"PAR 2.0\0FileDesc"
            return head + body

        index = desc(FILM, "real one.mkv") + desc(OTHER, "real two.mkv")
        big = {"part_bytes": 20_000}  # the first article holds what PAR2 knows a file by
        files = [
            news.post("x1", FILM, subject="f1", yenc_name="f1", **big),
            news.post("x2", OTHER, subject="f2", yenc_name="f2", **big),
            news.post("set.par2", index, **big),
        ]
        assert await home.files(await home.map(nzb(files))) == {"real one.mkv": FILM, "real two.mkv": OTHER}


class TestAnArchive:
    @pytest.mark.parametrize("make", [rar4, rar5])
    @pytest.mark.parametrize(("password", "seals"), [("", False), ("sesam", False), ("sesam", True)])
    async def test_in_volumes_is_read_as_its_film(
        self, home: House, news: News, make, password: str, seals: bool
    ) -> None:
        volumes = make([("dir/film.mkv", FILM)], volume_bytes=30_000, password=password, seals_headers=seals)
        post = await home.map(nzb(post_all(news, volumes, "film.part{:02d}.rar")), password=password)
        reader = home.reader(post)
        assert post.members[0].name == "dir/My Film.mkv"
        assert await whole(reader) == FILM
        for start, length in ((0, 1), (15, 2), (29_990, 40), (100_000, 50_000), (len(FILM) - 1, 1)):
            assert await whole(reader, start, length) == FILM[start : start + length]

    async def test_under_random_names(self, home: House, news: News) -> None:
        chance = random.Random(5)
        files = [
            news.post("x", data, subject=f"{chance.getrandbits(64):x}", yenc_name=f"{chance.getrandbits(64):x}")
            for data in rar5([("film.mkv", FILM)], volume_bytes=40_000)
        ]
        chance.shuffle(files)
        assert await home.files(await home.map(nzb(files))) == {"My Film.mkv": FILM}

    async def test_one_set_for_each_episode(self, home: House, news: News) -> None:
        files = []
        for number, data in enumerate((FILM, OTHER)):
            files += post_all(
                news, rar4([(f"e{number}.mkv", data)], volume_bytes=30_000), f"e{number}.part{{:02d}}.rar"
            )
        assert await home.files(await home.map(nzb(files))) == {"e0.mkv": FILM, "e1.mkv": OTHER}

    async def test_inside_another(self, home: House, news: News) -> None:
        inner = rar4([("film.mkv", FILM)], volume_bytes=50_000)
        outer = rar5([(f"in.part{at + 1}.rar", data) for at, data in enumerate(inner)], volume_bytes=60_000)
        assert await home.files(await home.map(nzb(post_all(news, outer, "o.part{}.rar")))) == {"My Film.mkv": FILM}

    @pytest.mark.parametrize(
        ("volumes", "password", "reason"),
        [
            (rar4([("f.mkv", FILM)], method=0x33), "", Reason.COMPRESSED),
            (rar5([("f.mkv", FILM)], password="sesam"), "", Reason.ENCRYPTED),
            (rar5([("f.mkv", FILM)], password="sesam"), "simsim", Reason.BAD_PASSWORD),
            (rar4([("f.mkv", FILM)], password="sesam"), "simsim", Reason.BAD_PASSWORD),
            (rar5([("f.mkv", FILM)], volume_bytes=30_000)[:-1], "", Reason.INCOMPLETE),
            (rar5([("readme.txt", b"read me " * 9_000)]), "", Reason.NOTHING),
            (rar5([("f.mkv", FILM[4:])]), "", Reason.CORRUPT),
        ],
    )
    async def test_that_cannot_be_served_says_why(
        self, home: House, news: News, volumes: list[bytes], password: str, reason: Reason
    ) -> None:
        with pytest.raises(RefusedPost) as refused:
            await home.map(nzb(post_all(news, volumes, "f.part{:02d}.rar")), password=password)
        assert refused.value.reason is reason


class TestArticlesThatAreGone:
    async def test_a_dead_post_is_refused_at_once(self, home: House, news: News) -> None:
        document = nzb([news.post("x.mkv", FILM)])
        news.articles.clear()
        with pytest.raises(RefusedPost) as refused:
            await home.map(document)
        assert (refused.value.reason, news.asked_bodies) == (Reason.DEAD, 0)

    async def test_a_server_that_lies_is_found_out(self, home: House, news: News) -> None:
        document = nzb([news.post("x.mkv", FILM)])
        news.lies_about = set(news.articles)
        news.articles.clear()
        with pytest.raises(RefusedPost) as refused:
            await home.map(document)
        assert refused.value.reason is Reason.DEAD

    async def test_too_many_holes_are_refused(self, home: House, news: News) -> None:
        posted = news.post("x.mkv", FILM)
        for message_id, _ in posted.segments[1::4]:
            del news.articles[message_id]
        with pytest.raises(RefusedPost) as refused:
            await home.map(nzb([posted]))
        assert refused.value.reason is Reason.MISSING

    async def test_one_is_filled_with_zeros_and_told(self, home: House, news: News) -> None:
        posted = news.post("x.mkv", FILM)
        del news.articles[posted.segments[9][0]]
        post = await home.map(nzb([posted]))
        holes: list[tuple[str, int]] = []
        found = await whole(home.reader(post, on_hole=lambda message_id, size: holes.append((message_id, size))))
        assert found == FILM[:63_000] + bytes(7_000) + FILM[70_000:]
        assert holes == [(posted.segments[9][0], 7_000)]
        with pytest.raises(Unavailable):
            await whole(home.reader(post, fills_holes=False))

    async def test_the_next_server_is_asked(self, tmp_path: Path, news: News) -> None:
        async with news_server() as second, house(tmp_path, news, second) as home:
            posted = news.post("x.mkv", FILM)
            for message_id, _ in posted.segments[::2]:
                second.articles[message_id] = news.articles.pop(message_id)
            damaged = posted.segments[1][0]
            second.articles[damaged] = news.articles[damaged]
            news.articles[damaged] = news.articles[damaged].replace(b"pcrc32=", b"pcrc32=0bad")
            assert await home.files(await home.map(nzb([posted]))) == {"My Film.mkv": FILM}


class TestTheServers:
    async def test_a_connection_that_is_cut_is_replaced(self, home: House, news: News) -> None:
        post = await home.map(nzb([news.post("x.mkv", FILM)]))
        home.segments.forget_hot()
        news.cut_after = 2_000
        assert await whole(home.reader(post)) == FILM

    async def test_only_so_many_connections_and_each_article_once(self, home: House, news: News) -> None:
        post = await home.map(nzb([news.post("x.mkv", FILM)]))
        before = news.asked_bodies
        readers = [whole(home.reader(post, ahead=8)) for _ in range(5)]
        assert await asyncio.gather(*readers) == [FILM] * 5
        assert news.open <= 6
        assert news.asked_bodies - before <= len(post.geometries[0].message_ids)

    async def test_what_was_read_is_kept_on_disk(self, tmp_path: Path, home: House, news: News) -> None:
        post = await home.map(nzb([news.post("x.mkv", FILM)]))
        await whole(home.reader(post))
        news.articles.clear()
        home.segments.forget_hot()
        assert (await whole(home.reader(post)))[7_000:] == FILM[7_000:]

    async def test_a_wrong_password_is_told(self, tmp_path: Path) -> None:
        async with news_server(ada="secret") as news, house(tmp_path, news, username="ada", password="wrong") as home:
            posted = news.post("x.mkv", FILM)
            with pytest.raises(Unavailable):
                await home.map(nzb([posted]))
            with pytest.raises(Unavailable, match="481"):
                await home.pool.part(posted.segments[0][0])

    async def test_a_server_with_fewer_places_than_we_thought(self, tmp_path: Path, news: News) -> None:
        news.most_connections = 2
        async with house(tmp_path, news) as home:
            posted = news.post("x.mkv", FILM)
            post = await home.map(nzb([posted]))
            assert await whole(home.reader(post, ahead=2)) == FILM

    async def test_an_article_nobody_has(self, home: House) -> None:
        with pytest.raises(Missing):
            await home.pool.part("nobody@has.it")
