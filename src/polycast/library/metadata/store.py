"""Writing what is known of titles: their columns, words, people, ratings, pictures."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, or_, select, update

from polycast.core.ids import Ids as NewIds
from polycast.core.storage import Unit, fold, sort_key
from polycast.library.catalogue.model import Kind
from polycast.library.metadata.model import Person, Picture, Rated
from polycast.library.tables.catalogue import artwork, files, items, parts, people, ratings, tags

MOST_PEOPLE: Final = 60


class FactStore:
    """The only place that writes words, people, ratings and pictures of titles."""

    def row(self, unit: Unit, item_id: int) -> Row[Any] | None:
        return unit.execute(select(items).where(items.c.id == item_id)).first()

    def update(self, unit: Unit, item_id: int, **values: Any) -> None:
        unit.execute(update(items).where(items.c.id == item_id).values(**values))

    def spread(self, unit: Unit, show_id: int, **values: Any) -> None:
        """The same for a show's seasons and episodes: what the visibility rule reads."""
        unit.execute(update(items).where(items.c.top_id == show_id, items.c.id != show_id).values(**values))

    def set_words(self, unit: Unit, item_id: int, kind: str, values: Sequence[str]) -> None:
        unit.execute(delete(tags).where(tags.c.item_id == item_id, tags.c.kind == kind))
        keyed = {fold(value): value for value in reversed(values) if fold(value)}
        rows = [
            {"item_id": item_id, "kind": kind, "value_key": key, "value": value, "position": place}
            for place, (key, value) in enumerate(reversed(keyed.items()))
        ]
        unit.upsert(tags, rows[:200], key=["item_id", "kind", "value_key"], update=["value", "position"])

    def set_people(self, unit: Unit, item_id: int, found: Sequence[Person], ids: NewIds) -> None:
        unit.execute(delete(parts).where(parts.c.item_id == item_id))
        for one in found[:MOST_PEOPLE]:
            unit.insert(
                parts, item_id=item_id, person_id=self._person(unit, one, ids), kind=one.kind, character=one.character,
                job=one.job, department=one.department, position=one.position,
            )  # fmt: skip

    def _person(self, unit: Unit, one: Person, ids: NewIds) -> int:
        same = people.c.tmdb == one.tmdb if one.tmdb is not None else people.c.name_key == sort_key(one.name)
        row = unit.execute(select(people.c.id, people.c.image).where(same).order_by(people.c.id).limit(1)).first()
        if row is None:
            return unit.insert(
                people, nanoid=ids.nanoid(), uuid=ids.uuid().replace("-", ""), name=one.name, name_key=sort_key(one.name),
                tmdb=one.tmdb, image=one.image,
            )  # fmt: skip
        if one.image and not row.image:
            unit.execute(update(people).where(people.c.id == row.id).values(image=one.image))
        return int(row.id)

    def set_ratings(self, unit: Unit, item_id: int, found: Iterable[Rated], at: datetime) -> None:
        rows = [
            {"item_id": item_id, "source": one.source, "value": round(one.value * 1000), "scale": one.scale,
             "votes": one.votes, "url": "", "fetched_at": at}
            for one in found
        ]  # fmt: skip
        unit.upsert(ratings, rows, key=["item_id", "source"], update=["value", "scale", "votes", "fetched_at"])

    def pictures(self, unit: Unit, item_id: int, kind: str | None = None) -> list[Row[Any]]:
        query = select(artwork).where(artwork.c.item_id == item_id)
        if kind is not None:
            query = query.where(artwork.c.kind == kind)
        return list(unit.execute(query.order_by(artwork.c.kind, artwork.c.score.desc(), artwork.c.id)))

    def picture(self, unit: Unit, nanoid: str) -> Row[Any] | None:
        return unit.execute(select(artwork).where(artwork.c.nanoid == nanoid)).first()

    def put_picture(self, unit: Unit, item_id: int, one: Picture, *, name: str, nanoid: str) -> None:
        """A candidate, once by where it is from. `name`: what it is kept as; "" until it was fetched."""
        query = select(artwork.c.id).where(
            artwork.c.item_id == item_id, artwork.c.kind == one.kind, artwork.c.origin == one.origin
        )
        row = unit.execute(query).first()
        values = {"source": one.source, "language": one.language, "width": one.width, "height": one.height,
                  "score": one.score}  # fmt: skip
        if row is None:
            unit.insert(
                artwork, nanoid=nanoid, item_id=item_id, kind=one.kind, origin=one.origin, sha256=name, **values
            )
        else:
            told = values | ({"sha256": name} if name else {})
            unit.execute(update(artwork).where(artwork.c.id == row.id).values(**told))

    def drop_pictures(self, unit: Unit, item_id: int, source: str) -> None:
        unit.execute(delete(artwork).where(artwork.c.item_id == item_id, artwork.c.source == source))

    def files_of(self, unit: Unit, item_ids: Sequence[int]) -> list[Row[Any]]:
        """Path and item of main files that are there."""
        query = select(files.c.item_id, files.c.path, files.c.library_id, files.c.path_id).where(
            files.c.item_id.in_(list(item_ids)), files.c.role == "main", files.c.state == "available"
        )
        return list(unit.execute(query.order_by(files.c.part_index, files.c.id)))

    def first_episode(self, unit: Unit, show_id: int) -> int | None:
        """The key of a show's first episode that is there."""
        query = select(items.c.id).where(
            items.c.top_id == show_id, items.c.kind == Kind.EPISODE.value, items.c.is_available.is_(True)
        )
        row = unit.execute(query.order_by(items.c.season_number, items.c.episode_number).limit(1)).first()
        return None if row is None else int(row[0])

    def episodes(self, unit: Unit, show_id: int) -> list[Row[Any]]:
        query = select(items).where(items.c.top_id == show_id, items.c.kind == Kind.EPISODE.value)
        return list(unit.execute(query.order_by(items.c.season_number, items.c.episode_number)))

    def seasons(self, unit: Unit, show_id: int) -> list[Row[Any]]:
        query = select(items).where(items.c.top_id == show_id, items.c.kind == Kind.SEASON.value)
        return list(unit.execute(query.order_by(items.c.season_number)))

    def pending(self, unit: Unit, library_id: int, statuses: Sequence[str], now: datetime) -> list[Row[Any]]:
        """Films and shows that nobody has looked up, or whose next try is due."""
        query = select(items).where(
            items.c.library_id == library_id,
            items.c.kind.in_((Kind.MOVIE.value, Kind.SHOW.value)),
            items.c.match_status.in_(list(statuses)),
            or_(items.c.retry_at.is_(None), items.c.retry_at <= now),
        )
        return list(unit.execute(query.order_by(items.c.id).limit(10_000)))

    def with_tmdb(self, unit: Unit, library_id: int, kind: str, tmdb: int, *, but: int) -> int | None:
        query = select(items.c.id).where(
            items.c.library_id == library_id, items.c.kind == kind, items.c.tmdb == tmdb, items.c.id != but
        )
        row = unit.execute(query).first()
        return None if row is None else int(row[0])

    def set_pictures(self, unit: Unit, item_id: int, chosen: Mapping[str, str]) -> None:
        """What is shown of each kind, besides what is shown already."""
        row = self.row(unit, item_id)
        if row is not None:
            self.update(unit, item_id, images={**row.images, **chosen})
