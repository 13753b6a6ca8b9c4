"""Rows of mapped posts."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import msgspec
from sqlalchemy import delete, select, update

from polycast.acquire.tables.posts import post_files, posts
from polycast.acquire.usenet.mapping import Post
from polycast.acquire.usenet.model import Geometry, Member
from polycast.core.secrets import Secrets
from polycast.core.storage import Unit

MANY: Final = 500  # keys of one question
_MEMBERS: Final = msgspec.json.Decoder(tuple[Member, ...])


class PostStore:
    """SQL over posts. What names a key of an archive is sealed."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def put(self, unit: Unit, entry_id: int, post: Post) -> None:
        """In the place of what was known."""
        self.drop(unit, entry_id)
        sealed = self._secrets.seal(msgspec.json.encode(post.members).decode(), context=_context(entry_id))
        unit.execute(posts.insert().values(entry_id=entry_id, members=sealed, holes=0))
        for position, geometry in enumerate(post.geometries):
            unit.execute(
                post_files.insert().values(
                    entry_id=entry_id,
                    position=position,
                    part_bytes=geometry.part_bytes,
                    size_bytes=geometry.size_bytes,
                    message_ids="\n".join(geometry.message_ids).encode(),
                )
            )

    def members(self, unit: Unit, entry_id: int) -> tuple[Member, ...]:
        """Empty when nothing is known of it."""
        sealed = unit.execute(select(posts.c.members).where(posts.c.entry_id == entry_id)).scalar_one_or_none()
        return () if sealed is None else _MEMBERS.decode(self._secrets.open(sealed, context=_context(entry_id)))

    def geometries(self, unit: Unit, entry_id: int, positions: Collection[int]) -> Mapping[int, Geometry]:
        """Of these posted files only: a post may have ten thousand."""
        wanted = sorted(positions)
        found: dict[int, Geometry] = {}
        for first in range(0, len(wanted), MANY):
            rows = unit.execute(
                select(
                    post_files.c.position, post_files.c.part_bytes, post_files.c.size_bytes, post_files.c.message_ids
                ).where(post_files.c.entry_id == entry_id, post_files.c.position.in_(wanted[first : first + MANY]))
            )
            found |= {
                row.position: Geometry(
                    message_ids=row.message_ids.decode().split("\n"),
                    part_bytes=row.part_bytes,
                    size_bytes=row.size_bytes,
                )
                for row in rows
            }
        return found

    def filled(self, unit: Unit, entry_id: int, size_bytes: int) -> None:
        """Zeros were sent in the place of articles that are gone."""
        unit.execute(update(posts).where(posts.c.entry_id == entry_id).values(holes=posts.c.holes + size_bytes))

    def holes(self, unit: Unit, entry_ids: Sequence[int]) -> Mapping[int, int]:
        rows = unit.execute(select(posts.c.entry_id, posts.c.holes).where(posts.c.entry_id.in_(entry_ids)))
        return {row.entry_id: row.holes for row in rows}

    def drop(self, unit: Unit, entry_id: int) -> None:
        unit.execute(delete(posts).where(posts.c.entry_id == entry_id))
        unit.execute(delete(post_files).where(post_files.c.entry_id == entry_id))


def _context(entry_id: int) -> str:
    return f"acquire.post:{entry_id}"
