"""Titles by the filters and orders of clients that page by number; devices of such clients and what they keep here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update

from polycast.core.storage import Unit, fold
from polycast.library.catalogue.model import Viewer
from polycast.library.catalogue.store_viewer import visible
from polycast.library.tables.catalogue import files, items, parts, people, tags
from polycast.library.tables.playback import devices, display_preferences, progress, quick_connects


class Wanted(Struct, frozen=True, kw_only=True):
    """Which titles, in which order."""

    library_id: int | None = None
    parent_id: int | None = None
    top_id: int | None = None
    season_number: int | None = None
    kinds: tuple[str, ...] = ()
    item_ids: tuple[int, ...] | None = None
    uuids: tuple[str, ...] | None = None
    search: str = ""
    starts_with: str = ""
    before_name: str = ""
    genres: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    person: str | None = None
    is_played: bool | None = None
    is_favorite: bool = False
    is_resumable: bool = False
    added_after: datetime | None = None
    sort: tuple[tuple[str, bool], ...] = ()  # (column, falling)
    start: int = 0
    limit: int = 100
    with_total: bool = True


class Changed(Struct, frozen=True):
    """A title that was touched."""

    id: int
    uuid: str
    library_id: int
    is_available: bool
    added_at: datetime


COLUMNS: Final = {
    "sortname": items.c.title_key, "name": items.c.title_key, "datecreated": items.c.added_at,
    "datelastcontentadded": items.c.added_at, "premieredate": items.c.released, "productionyear": items.c.year,
    "communityrating": items.c.rating, "criticrating": items.c.rating, "runtime": items.c.duration_ms,
    "parentindexnumber": items.c.season_number, "indexnumber": items.c.episode_number,
    "officialrating": items.c.min_age, "airtime": items.c.released, "seriessortname": items.c.top_id,
    "airedepisodeorder": items.c.episode_number,
}  # fmt: skip
STATES: Final = {
    "dateplayed": progress.c.last_played_at,
    "playcount": progress.c.play_count,
    "isplayed": progress.c.watched,
}


class BrowseStore:
    """Keys of titles; the rows themselves are the catalogue's to read."""

    def ids(self, unit: Unit, viewer: Viewer, wanted: Wanted) -> tuple[list[int], int]:
        """One page of keys, and how many there are in all (0 when that was not asked)."""
        query = self._filtered(select(items.c.id), viewer, wanted)
        total = 0
        if wanted.with_total:
            total = int(unit.execute(self._filtered(select(func.count(items.c.id)), viewer, wanted)).scalar() or 0)
        order: list[Any] = []
        for name, falling in wanted.sort:
            if name == "random":
                order.append(func.random())
            column = COLUMNS.get(name)
            if column is None:
                column = STATES.get(name)
            if column is not None:
                order.append(column.desc() if falling else column.asc())
        if not order:
            order = [items.c.title_key]
        rows = unit.execute(query.order_by(*order, items.c.id).offset(wanted.start).limit(wanted.limit))
        return [row[0] for row in rows], total

    def images(self, unit: Unit, uuid: str) -> dict[str, str]:
        """The pictures of a title, whoever asks: its id cannot be guessed, and apps fetch pictures without a token."""
        found: dict[str, str] | None = unit.execute(select(items.c.images).where(items.c.uuid == uuid)).scalar()
        return found or {}

    def person(self, unit: Unit, uuid: str) -> Any:
        """Somebody by the name that clients know."""
        return unit.execute(select(people).where(people.c.uuid == uuid)).first()

    def words(self, unit: Unit, viewer: Viewer, kind: str, library_id: int | None) -> list[str]:
        """Genres or studios of what may be seen."""
        query = (
            select(func.min(tags.c.value))
            .join(items, items.c.id == tags.c.item_id)
            .where(tags.c.kind == kind, visible(viewer))
            .group_by(tags.c.value_key)
            .order_by(tags.c.value_key)
        )
        if library_id is not None:
            query = query.where(items.c.library_id == library_id)
        return [row[0] for row in unit.execute(query.limit(1000))]

    def years(self, unit: Unit, viewer: Viewer) -> list[int]:
        query = select(items.c.year).where(visible(viewer), items.c.year.is_not(None)).distinct()
        return sorted(row[0] for row in unit.execute(query))

    def counts(self, unit: Unit, viewer: Viewer) -> dict[str, int]:
        query = select(items.c.kind, func.count()).where(visible(viewer), items.c.is_available.is_(True))
        return {row[0]: row[1] for row in unit.execute(query.group_by(items.c.kind))}

    def changed(self, unit: Unit, viewer: Viewer, item_ids: Sequence[int]) -> list[Changed]:
        """Where titles that came, changed or went stand now; those that may not be seen are left out."""
        query = select(items.c.id, items.c.uuid, items.c.library_id, items.c.is_available, items.c.added_at)
        rows = unit.execute(query.where(items.c.id.in_(item_ids), visible(viewer)).order_by(items.c.id))
        return [Changed(*row) for row in rows]

    def item_of_file(self, unit: Unit, nanoid: str) -> int | None:
        """The title of a file."""
        return unit.execute(select(files.c.item_id).where(files.c.nanoid == nanoid)).scalar()

    @staticmethod
    def _filtered(query: Select[Any], viewer: Viewer, wanted: Wanted) -> Select[Any]:
        mine = and_(
            progress.c.item_id == items.c.id,
            progress.c.user_id == viewer.key[0],
            progress.c.profile_id == viewer.key[1],
        )
        query = query.select_from(items.outerjoin(progress, mine))
        return query.where(
            visible(viewer), items.c.is_available.is_(True), *_of_place(wanted), *_of_words(wanted), *_of_state(wanted)
        )


def _of_place(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Where a title stands."""
    equal = {
        items.c.library_id: wanted.library_id,
        items.c.parent_id: wanted.parent_id,
        items.c.top_id: wanted.top_id,
        items.c.season_number: wanted.season_number,
    }
    found: list[ColumnElement[bool]] = [column == value for column, value in equal.items() if value is not None]
    among = {items.c.kind: wanted.kinds or None, items.c.id: wanted.item_ids, items.c.uuid: wanted.uuids}
    found += [column.in_(values) for column, values in among.items() if values is not None]
    return found


def _of_words(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What a title is called and is about."""
    found: list[ColumnElement[bool]] = []
    if wanted.search:
        word = fold(wanted.search).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        found.append(items.c.title_key.like(f"%{word}%", escape="\\"))
    if wanted.starts_with:
        low = fold(wanted.starts_with)
        found.append(and_(items.c.title_key >= low, items.c.title_key < low + "\U0010ffff"))
    if wanted.before_name:
        found.append(items.c.title_key < fold(wanted.before_name))
    if wanted.years:
        found.append(items.c.year.in_(wanted.years))
    if wanted.genres:
        keys = [fold(one) for one in wanted.genres]
        named = select(tags.c.item_id).where(tags.c.kind == "genre", tags.c.value_key.in_(keys))
        found.append(items.c.id.in_(named))
    if wanted.person is not None:
        acted = select(parts.c.item_id).join(people, people.c.id == parts.c.person_id)
        found.append(items.c.id.in_(acted.where(people.c.uuid == wanted.person)))
    if wanted.added_after is not None:
        found.append(items.c.added_at >= wanted.added_after)
    return found


def _of_state(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What the viewer has seen of a title."""
    found: list[ColumnElement[bool]] = []
    if wanted.is_favorite:
        found.append(progress.c.is_favorite.is_(True))
    if wanted.is_resumable:
        found.append(progress.c.position_ms > 0)
    if wanted.is_played is True:
        found.append(progress.c.watched.is_(True))
    elif wanted.is_played is False:
        found.append(or_(progress.c.watched.is_(None), progress.c.watched.is_(False)))
    return found


class Device(Struct, frozen=True, kw_only=True):
    """A client that has signed in."""

    nanoid: str
    user_id: int
    credential_id: int
    device_id: str
    device: str
    client: str
    version: str
    capabilities: dict[str, Any]
    seen_at: datetime


class DeviceStore:
    """`library_devices`, `library_display_preferences`, `library_quick_connects`."""

    def keep(self, unit: Unit, **values: Any) -> list[int]:
        """Note a device; the sessions it had before, which are to end."""
        same = and_(devices.c.user_id == values["user_id"], devices.c.device_id == values["device_id"])
        old = [row.credential_id for row in unit.execute(select(devices.c.credential_id).where(same))]
        unit.execute(delete(devices).where(same))
        unit.insert(devices, **values)
        return [one for one in old if one != values["credential_id"]]

    def of_credential(self, unit: Unit, credential_id: int) -> Device | None:
        row = unit.execute(select(devices).where(devices.c.credential_id == credential_id)).first()
        return None if row is None else _device(row)

    def by_nanoid(self, unit: Unit, nanoid: str) -> Device | None:
        row = unit.execute(select(devices).where(devices.c.nanoid == nanoid)).first()
        return None if row is None else _device(row)

    def of_user(self, unit: Unit, user_id: int | None) -> list[Device]:
        query = select(devices).order_by(devices.c.seen_at.desc())
        if user_id is not None:
            query = query.where(devices.c.user_id == user_id)
        return [_device(row) for row in unit.execute(query.limit(200))]

    def change(self, unit: Unit, credential_id: int, **values: Any) -> None:
        unit.execute(update(devices).where(devices.c.credential_id == credential_id).values(**values))

    def preferences(self, unit: Unit, user_id: int, name: str, client: str) -> dict[str, Any] | None:
        table = display_preferences
        query = select(table.c.body).where(table.c.user_id == user_id, table.c.name == name, table.c.client == client)
        found: dict[str, Any] | None = unit.execute(query).scalar()
        return found

    def keep_preferences(self, unit: Unit, user_id: int, name: str, client: str, body: dict[str, Any]) -> None:
        row = {"user_id": user_id, "name": name, "client": client, "body": body}
        unit.upsert(display_preferences, [row], key=["user_id", "name", "client"], update=["body"])

    def add_quick(self, unit: Unit, **values: Any) -> None:
        unit.execute(delete(quick_connects).where(quick_connects.c.created_at < values.pop("drop_before")))
        unit.insert(quick_connects, **values)

    def quick(self, unit: Unit, *, secret: bytes | None = None, code: str = "", since: datetime) -> Any:
        """A pending sign-in by its secret or its code, unless it is too old."""
        query = select(quick_connects).where(quick_connects.c.created_at >= since)
        if secret is not None:
            query = query.where(quick_connects.c.secret_hash == secret)
        else:
            query = query.where(quick_connects.c.code == code)
        return unit.execute(query.order_by(quick_connects.c.id.desc())).first()

    def approve_quick(self, unit: Unit, key: int, user_id: int) -> None:
        unit.execute(update(quick_connects).where(quick_connects.c.id == key).values(user_id=user_id))

    def drop_quick(self, unit: Unit, key: int) -> None:
        unit.execute(delete(quick_connects).where(quick_connects.c.id == key))


def _device(row: Any) -> Device:
    return Device(**{name: getattr(row, name) for name in Device.__struct_fields__})
