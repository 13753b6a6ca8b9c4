"""An account's rows as plain values, and back, under other keys where the old ones are taken."""

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import Column, LargeBinary, Table, delete, select

from polycast.core.identity.tables import users
from polycast.core.storage import Flag, Instant, JsonText, Key, Unit
from polycast.radio import tables
from polycast.radio.accounts.model import FEATURES
from polycast.radio.accounts.store_rows import ALL_LIMITS
from polycast.radio.saves.model import Rows
from polycast.radio.stations.programme import RotationItem

KEPT: Final = (
    *ALL_LIMITS,
    *FEATURES,
    "server_type",
    "station_name",
    "website_url",
    "language",
    "timezone",
    "backup_auto_type",
    "backup_auto_when",
    "image",
)
ITEM_REFS: Final = {
    "playlist": "playlists",
    "track": "tracks",
    "jingle": "jingles",
    "jingle_after": "jingles",
    "dj": "djs",
}


class Part(Struct, frozen=True):
    """A table of an account's, and what its columns point at."""

    name: str
    table: Table
    refs: Mapping[str, str]  # column -> part


def _part(name: str, table: Table, **refs: str) -> Part:
    return Part(name, table, {f"{column}_id": part for column, part in refs.items()})


# Parents before children.
PARTS: Final = (
    _part("stations", tables.stations),
    _part("channels", tables.channels, station="stations"),
    _part("restreams", tables.restreams, channel="channels"),
    _part("djs", tables.djs, station="stations"),
    _part("categories", tables.categories, station="stations"),
    _part("tracks", tables.tracks, station="stations", category="categories"),
    _part("playlists", tables.playlists, station="stations"),
    _part("playlist_entries", tables.playlist_entries, playlist="playlists", track="tracks"),
    _part("rotations", tables.rotations, station="stations", fallback_playlist="playlists"),
    _part("jingle_categories", tables.jingle_categories, station="stations"),
    _part("jingles", tables.jingles, station="stations", category="jingle_categories"),
    _part("jingle_blocks", tables.jingle_blocks, station="stations"),
    _part(
        "jingle_schemes",
        tables.jingle_schemes,
        station="stations",
        jingle="jingles",
        category="jingle_categories",
        block="jingle_blocks",
    ),
    _part(
        "grid_events",
        tables.grid_events,
        station="stations",
        playlist="playlists",
        playlist_after="playlists",
        rotation_after="rotations",
        dj="djs",
        rotation="rotations",
    ),
    _part("intro_groups", tables.intro_groups, station="stations"),
    _part("intros", tables.intros, station="stations", group="intro_groups"),
    _part("intro_slots", tables.intro_slots, station="stations", intro="intros", group="intro_groups"),
    _part("auth_listeners", tables.auth_listeners, station="stations"),
    _part("podcasts", tables.podcasts, station="stations"),
    _part("episodes", tables.episodes, podcast="podcasts"),
    _part("news", tables.news, station="stations"),
    _part("webhooks", tables.webhooks, station="stations"),
    _part("requests", tables.requests, station="stations", track="tracks"),
    _part("history", tables.history, station="stations", track="tracks", jingle="jingles"),
)
SEALED: Final = {
    "password_sealed": "",
    "admin_password_sealed": "",
    "key_sealed": "radio.restream",
    "token_sealed": "radio.listener",
    "secret_sealed": "radio.webhook",
}


class RowStore:
    """Reads and writes all rows of an account at once."""

    def read(self, unit: Unit, account_id: int) -> Rows:
        """One consistent state, values as JSON has them."""
        found: Rows = {}
        keys: dict[str, list[int]] = {}
        for part in PARTS:
            query = select(part.table)
            if part.name == "stations":
                query = query.where(part.table.c.account_id == account_id)
            else:
                column, parent = next(iter(part.refs.items()))
                query = query.where(part.table.c[column].in_(keys[parent]))
            rows = [dict(row._mapping) for row in unit.execute(query.order_by(*part.table.primary_key.columns))]
            keys[part.name] = [row["id"] for row in rows if "id" in row]
            found[part.name] = msgspec.to_builtins(rows, str_keys=True)
        return found

    def account_values(self, unit: Unit, account_id: int) -> dict[str, Any]:
        """What of the account itself is saved."""
        table = tables.accounts
        row = unit.execute(select(*[table.c[name] for name in KEPT]).where(table.c.id == account_id)).one()
        found: dict[str, Any] = msgspec.to_builtins(dict(row._mapping))
        return found

    def password_hash(self, unit: Unit, user_id: int) -> str | None:
        found: str | None = unit.execute(select(users.c.password_hash).where(users.c.id == user_id)).scalar()
        return found

    def drop_stations(self, unit: Unit, account_id: int) -> None:
        """Everything that `write` is about to bring again."""
        unit.execute(delete(tables.stations).where(tables.stations.c.account_id == account_id))

    def write(self, unit: Unit, account_id: int, rows: Rows) -> dict[str, dict[int, int]]:
        """Add them to an account; old key to new for each table. A key that is free is kept.

        Rows that point at what is not in the archive lose the pointer, or are left out where it is needed.
        """
        keys: dict[str, dict[int, int]] = {}
        for part in PARTS:
            keys[part.name] = {}
            given = [self._read_row(part.table, row) for row in rows.get(part.name, [])]
            taken = self._taken(unit, part.table, [row["id"] for row in given if "id" in row])
            # Those that keep their key go first: a new key must not be one that is wanted.
            for row in sorted(given, key=lambda row: row.get("id") in taken):
                if part.name == "stations":
                    row["account_id"] = account_id
                if not self._repoint(part, row, keys):
                    continue
                old = row.pop("id", None)
                if old is not None and old not in taken:
                    row["id"] = old
                new = unit.execute(part.table.insert().values(**row)).inserted_primary_key
                if old is not None and new is not None:
                    keys[part.name][old] = int(new[0])
        self._repoint_items(unit, keys)
        return keys

    def _taken(self, unit: Unit, table: Table, ids: list[int]) -> set[int]:
        if "id" not in table.c:
            return set()
        found: set[int] = set()
        for start in range(0, len(ids), 500):
            found |= set(unit.execute(select(table.c.id).where(table.c.id.in_(ids[start : start + 500]))).scalars())
        return found

    def _repoint(self, part: Part, row: dict[str, Any], keys: Mapping[str, Mapping[int, int]]) -> bool:
        for column, parent in part.refs.items():
            old = row.get(column)
            if old is not None:
                row[column] = keys[parent].get(old)
                if row[column] is None and not part.table.c[column].nullable:
                    return False
        return True

    def _repoint_items(self, unit: Unit, keys: Mapping[str, Mapping[int, int]]) -> None:
        """Blocks of rotations name other rows inside their JSON."""
        for name, table in (("rotations", tables.rotations), ("jingle_blocks", tables.jingle_blocks)):
            mine = list(keys[name].values())
            for row in unit.execute(select(table.c.id, table.c["items"]).where(table.c.id.in_(mine))).all():
                items = [_repointed(item, keys) for item in row._mapping["items"]]
                unit.execute(table.update().where(table.c.id == row.id).values(items=items))

    def _read_row(self, table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
        """Columns that this version knows, in their own types. Raises: ValueError, TypeError for others' values."""
        return {
            name: _value(table.c[name], value)
            for name, value in row.items()
            if name in table.c and not (value is None and not table.c[name].nullable)
        }


def _value(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, Instant):
        return datetime.fromisoformat(value)
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(value, validate=True)
    if isinstance(column.type, JsonText):
        return msgspec.convert(value, column.type.of)
    if isinstance(column.type, Flag):
        return msgspec.convert(value, bool)
    return msgspec.convert(value, int if isinstance(column.type, Key) else column.type.python_type)


def _repointed(item: RotationItem, keys: Mapping[str, Mapping[int, int]]) -> RotationItem:
    changes = {
        field: keys[part].get(old) for field, part in ITEM_REFS.items() if (old := getattr(item, field)) is not None
    }
    if item.category is not None:
        jingles = item.block == "random_jingle"
        changes["category"] = keys["jingle_categories" if jingles else "categories"].get(item.category)
    return msgspec.structs.replace(item, **changes)
