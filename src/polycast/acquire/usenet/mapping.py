"""From an NZB to files that can be read: looked at, sorted, archives mapped, contents checked. Source: acquire.md 5.7."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import PurePosixPath
from typing import Final, TypeVar

from msgspec import Struct

from polycast.acquire.archives.keys import Keys
from polycast.acquire.archives.model import Stored, Unmappable, Why, parsed
from polycast.acquire.archives.rar import is_rar, join_rar, read_volume
from polycast.acquire.archives.seven_zip import SIGNATURE, map_seven_zip
from polycast.acquire.archives.zip_file import SIGNATURES, map_zip
from polycast.acquire.usenet.contents import IGNORED, SPLIT, ending_of, fits, known_by, names_in_par2
from polycast.acquire.usenet.geometry import Looked, look
from polycast.acquire.usenet.grouping import volume_sets
from polycast.acquire.usenet.model import Cipher, Geometry, Member, Nzb, Posted, Reason, RefusedPost
from polycast.acquire.usenet.pool import Missing, Pool
from polycast.acquire.usenet.segments import Segments
from polycast.acquire.usenet.volumes import PostVolume, whole_file
from polycast.acquire.usenet.yenc import Part
from polycast.core.errors import PolycastError

T = TypeVar("T")
PAR2_MOST: Final = 4 * 1024 * 1024  # encoded; only small index files are read for names
CHECKED: Final = 4096  # first bytes of a file
WORDS: Final = {
    Why.COMPRESSED: Reason.COMPRESSED,
    Why.ENCRYPTED: Reason.ENCRYPTED,
    Why.BAD_PASSWORD: Reason.BAD_PASSWORD,
    Why.INCOMPLETE: Reason.INCOMPLETE,
    Why.DAMAGED: Reason.CORRUPT,
}


class Post(Struct, frozen=True, kw_only=True):
    """A post that can be read."""

    members: tuple[Member, ...]
    geometries: tuple[Geometry, ...]


class Mapper:
    """Looks at one post. `at_once`: articles fetched side by side."""

    def __init__(self, pool: Pool, segments: Segments, *, at_once: int) -> None:
        self._pool = pool
        self._segments = segments
        self._places = asyncio.Semaphore(max(1, at_once))

    async def map(self, nzb: Nzb, *, is_wanted: Callable[[str, int], bool]) -> Post:
        """Raises: RefusedPost; Unavailable, when the servers do not answer."""
        files = [file for file in nzb.files if not _is_ignored(file)]
        looked = await self._all(self._look(file) for file in files)
        known = [(file, found) for file, found in zip(files, looked, strict=True) if found is not None]
        if not known:
            raise RefusedPost(Reason.DEAD, "none of its files is there any more")
        geometries = tuple(found.geometry for _, found in known)
        names = await self._names(nzb)
        volumes = [
            PostVolume(whole_file(_name(file, found, names), at, found.geometry.size_bytes), geometries, self._segments)
            for at, (file, found) in enumerate(known)
        ]
        try:
            members = await self._opened(volumes, [found.head for _, found in known], nzb.password, geometries)
        except Unmappable as error:
            raise RefusedPost(WORDS[error.why], error.message) from error
        wanted = _named([member for member in members if is_wanted(member.name, member.size_bytes)], nzb)
        if not wanted:
            wanted = await self._guessed(members, nzb, geometries, is_wanted)
        if not wanted:
            raise RefusedPost(Reason.NOTHING, "there is no file of a wanted kind in it")
        await self._all(self._check(member, geometries) for member in wanted)
        return Post(members=tuple(wanted), geometries=geometries)

    async def part(self, message_id: str) -> Part:
        """An article for a look, kept for whoever reads it next."""
        part = await self._pool.background_part(message_id)
        self._segments.hold(message_id, part.data)
        return part

    async def _all(self, work: Iterable[Awaitable[T]]) -> list[T]:
        async def one(waiting: Awaitable[T]) -> T:
            async with self._places:
                return await waiting

        tasks = [asyncio.ensure_future(one(waiting)) for waiting in work]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self, file: Posted) -> Looked | None:
        try:
            return await look(file, self)
        except Missing:
            return None

    async def _names(self, nzb: Nzb) -> dict[bytes, str]:
        """Real names, where somebody posted a PAR2 index."""
        names: dict[bytes, str] = {}
        for file in nzb.files:
            if file.name.lower().endswith(".par2") and ".vol" not in file.name.lower():
                if file.encoded_bytes > PAR2_MOST:
                    continue
                try:
                    names |= names_in_par2((await self.part(file.segments[0].message_id)).data)
                except PolycastError:
                    continue
        return names

    async def _opened(
        self, volumes: Sequence[PostVolume], heads: Sequence[bytes], password: str, geometries: Sequence[Geometry]
    ) -> list[Member]:
        """Members of archives, one level of archives in archives too, and the files that are none."""
        members = await self._members(volumes, heads, password)
        inner = [member for member in members if member.cipher is None and _may_be_archive(member.name)]
        if not inner:
            return members
        inside = [PostVolume(member, geometries, self._segments) for member in inner]
        heads = await self._all(volume.read_at(0, 64) for volume in inside)
        if not any(map(_is_archive, heads)):
            return members
        rest = [member for member in members if member not in inner]
        return rest + await self._members(inside, heads, password)

    async def _members(self, volumes: Sequence[PostVolume], heads: Sequence[bytes], password: str) -> list[Member]:
        rars = [volume for volume, head in zip(volumes, heads, strict=True) if is_rar(head)]
        split = [volume for volume in volumes if SPLIT.search(volume.name) and volume not in rars]
        members = await self._rars(rars, password)
        for _, parts in sorted(_by_stem(split).items()):
            members += _taken(await _map_parts(parts, password), parts)
        for volume, head in zip(volumes, heads, strict=True):
            if volume in rars or volume in split:
                continue
            if head.startswith(SIGNATURE):
                members += _taken(await map_seven_zip([volume], password), [volume])
            elif head.startswith(SIGNATURES):
                members += _taken(await map_zip([volume]), [volume])
            else:
                members.append(volume.member)
        return members

    async def _rars(self, volumes: Sequence[PostVolume], password: str) -> list[Member]:
        keys = Keys(password)
        found = await self._all(parsed(read_volume(keys), volume) for volume in volumes)
        members: list[Member] = []
        for one in volume_sets([volume.name for volume in volumes], found):
            parts = [volumes[at] for at in one]
            members += _taken(join_rar([found[at] for at in one], parts), parts)
        return members

    async def _guessed(
        self,
        members: Sequence[Member],
        nzb: Nzb,
        geometries: Sequence[Geometry],
        is_wanted: Callable[[str, int], bool],
    ) -> list[Member]:
        """Files whose names say nothing, by what they begin with."""
        found: list[Member] = []
        for member in members:
            ending = ending_of(await PostVolume(member, geometries, self._segments).read_at(0, CHECKED))
            name = f"{member.name}.{ending}"
            if ending and is_wanted(name, member.size_bytes):
                found.append(_renamed(member, name))
        return _named(found, nzb)

    async def _check(self, member: Member, geometries: Sequence[Geometry]) -> None:
        """A file that does not begin as its kind does is refused rather than served."""
        try:
            head = await PostVolume(member, geometries, self._segments).read_at(0, min(CHECKED, member.size_bytes))
        except PolycastError:
            return  # its first article is gone; what reads it gets zeros and is told
        if not fits(member.name, head):
            if member.cipher is not None:
                raise RefusedPost(Reason.BAD_PASSWORD, "the password of the archive is wrong")
            raise RefusedPost(Reason.CORRUPT, f"{PurePosixPath(member.name).name} is not what its name says")


async def _map_parts(parts: Sequence[PostVolume], password: str) -> list[Stored]:
    if SPLIT.search(parts[0].name) and parts[0].name.lower().rpartition(".")[0].endswith(".zip"):
        return await map_zip(parts)
    return await map_seven_zip(parts, password)


def _by_stem(volumes: Sequence[PostVolume]) -> dict[str, list[PostVolume]]:
    stems: dict[str, list[PostVolume]] = {}
    for volume in sorted(volumes, key=lambda one: one.name):
        stems.setdefault(volume.name.rpartition(".")[0].lower(), []).append(volume)
    return stems


def _taken(stored: Sequence[Stored], volumes: Sequence[PostVolume]) -> list[Member]:
    """Members of an archive, by where they lie in the posts."""
    return [
        Member(
            name=one.name,
            size_bytes=one.size_bytes,
            runs=tuple(
                run for extent in one.extents for run in volumes[extent.volume].runs(extent.start, extent.length)
            ),
            cipher=None if one.cipher is None else Cipher(key=one.cipher.key, iv=one.cipher.iv),
            skip=one.skip,
        )
        for one in stored
        if one.size_bytes
    ]


def _is_ignored(file: Posted) -> bool:
    return PurePosixPath(file.name).suffix[1:].lower() in IGNORED


def _may_be_archive(name: str) -> bool:
    suffix = PurePosixPath(name).suffix[1:].lower()
    return suffix in {"rar", "7z", "zip"} or (len(suffix) == 3 and suffix[1:].isdigit())


def _is_archive(head: bytes) -> bool:
    return is_rar(head) or head.startswith((SIGNATURE, *SIGNATURES))


def _name(file: Posted, looked: Looked, names: dict[bytes, str]) -> str:
    """From PAR2, else the subject, else the article."""
    return names.get(known_by(looked.head), "") or file.name or looked.name or "file"


def _named(members: list[Member], nzb: Nzb) -> list[Member]:
    """A single file is called as the NZB is."""
    if len(members) != 1:
        return members
    member = members[0]
    folder, _, name = member.name.rpartition("/")
    ending = PurePosixPath(name).suffix
    wanted = nzb.name if nzb.name.lower().endswith(ending.lower()) else nzb.name + ending
    return [_renamed(member, f"{folder}/{wanted}" if folder else wanted)]


def _renamed(member: Member, name: str) -> Member:
    return Member(name=name, size_bytes=member.size_bytes, runs=member.runs, cipher=member.cipher, skip=member.skip)
