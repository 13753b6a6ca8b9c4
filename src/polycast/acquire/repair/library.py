"""Which files of Arrs' libraries come from entries of ours: by the link, the `.strm` file or the mount they point to."""

import asyncio
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from msgspec import Struct

from polycast.acquire.arrs.client import ArrClient
from polycast.acquire.arrs.model import Arr, ArrKind
from polycast.acquire.config.model import Config

STRM_BYTES: Final = 4096


class Owned(Struct, frozen=True, kw_only=True):
    """A file of an Arr's library that comes from us."""

    arr: str
    kind: str
    media_id: int
    file_id: int
    season_number: int
    episode_ids: tuple[int, ...]
    path: str
    folder: str
    file: str


class Looked(Struct, frozen=True, kw_only=True):
    """What an Arr's library came to."""

    owned: list[Owned]
    unresolved: int  # files that lead nowhere we know


async def look(arr: Arr, client: ArrClient, config: Config, media_ids: tuple[str, ...]) -> Looked:
    """Every file of the library, or of some titles. Raises what asking the Arr raises."""
    found: list[Owned] = []
    unresolved = 0
    wanted = {int(one) for one in media_ids if one.isascii() and one.isdigit()}
    rows: list[tuple[int, int, int, str, tuple[int, ...]]] = []
    if arr.kind is ArrKind.RADARR:
        rows += [
            (movie.id, movie.movie_file.id, 0, movie.movie_file.path, ())
            for movie in await client.movies()
            if movie.movie_file is not None and (not wanted or movie.id in wanted)
        ]
    elif arr.kind is ArrKind.SONARR:
        for series in await client.series():
            if wanted and series.id not in wanted:
                continue
            by_file: dict[int, list[int]] = {}
            for episode in await client.episodes(series.id):
                by_file.setdefault(episode.episode_file_id, []).append(episode.id)
            rows += [
                (series.id, file.id, file.season_number, file.path, tuple(by_file.get(file.id, ())))
                for file in await client.episode_files(series.id)
            ]
    for media_id, file_id, season, path, episodes in rows:
        target = await asyncio.to_thread(resolved, path, config.mount.mount_path)
        if target is None:
            unresolved += 1
            continue
        found.append(
            Owned(
                arr=arr.name,
                kind=arr.kind.value,
                media_id=media_id,
                file_id=file_id,
                season_number=season,
                episode_ids=episodes,
                path=path,
                folder=target[0],
                file=target[1],
            )
        )
    return Looked(owned=found, unresolved=unresolved)


def resolved(path: str, mount_path: str) -> tuple[str, str] | None:
    """(folder, file) of the tree that a library's file leads to; None when it leads elsewhere."""
    place = Path(path)
    try:
        if place.is_symlink():
            target = str(place.readlink())
        elif place.suffix == ".strm" and place.is_file():
            with place.open("rb") as file:
                target = file.read(STRM_BYTES).decode("utf-8", "replace").strip()
        else:
            target = path
    except OSError:
        return None
    for start in (f"{mount_path.rstrip('/')}/__all__/", "/webdav/stream/__all__/"):
        _, found, rest = target.partition(start)
        if found:
            if start.startswith("/webdav"):  # an address, as `.strm` files hold one
                rest = rest.partition("?")[0]
                folder, _, name = (unquote(part) for part in rest.partition("/"))
            else:
                folder, _, name = rest.partition("/")
            return (folder, name) if folder and name and "/" not in name else None
    return None
