"""The database file inside a backup, as the original lays it out: history, and in theirs users.

Tables are told by their columns, not by their names, so that every version's file is understood. A foreign file is
opened read-only, runs no code of its own, and stops after a while. Source: specs/monitor.md 2.7, 4.10.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import pysqlite3

from polycast.monitor.backups.model import BadArchive, Found, OldUser
from polycast.monitor.history.model import Activity

COLUMNS: Final = (
    "id", "dvr_id", "dvr_name", "event_type", "title", "message", "timestamp", "icon", "channel_name", "channel_number",
    "device_name", "device_ip", "program_title", "image_url", "stream_source", "extra", "is_test",
)  # fmt: skip
EVENT: Final = frozenset({"event_type", "title", "message", "timestamp"})
USER: Final = frozenset({"username", "password_hash", "role"})
STEPS: Final = 50_000_000  # of SQLite's machine; a file that wants more of one question means harm
MOST_ROWS: Final = 1_000_000
MOST_USERS: Final = 1000
LONGEST: Final = 4000  # characters of a text


def write_history(path: Path, rows: Iterable[Activity]) -> None:
    """A new file with the history. Blocking."""
    with closing(pysqlite3.connect(str(path))) as connection:
        columns = ", ".join(f"{name} {'INTEGER' if name == 'is_test' else 'TEXT'}" for name in COLUMNS[1:])
        connection.execute(f"CREATE TABLE activity_events (id TEXT PRIMARY KEY, {columns})")
        marks = ", ".join("?" * len(COLUMNS))
        connection.executemany(f"INSERT INTO activity_events VALUES ({marks})", map(_stored, rows))  # noqa: S608 - only marks
        connection.commit()


def read_original(path: Path) -> Found:
    """History and users of a file. Blocking. Raises: BadArchive."""
    try:
        with closing(pysqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
            _guard(connection)
            found = Found()
            for table, columns in list(_tables(connection)):
                if columns >= EVENT:
                    found.activities.extend(_activities(connection, table, columns))
                elif columns >= USER:
                    found.users.extend(_users(connection, table, columns))
            return found
    except (pysqlite3.Error, UnicodeDecodeError, OverflowError) as error:
        raise BadArchive("The database in the archive cannot be read.") from error


def _guard(connection: Any) -> None:
    left = [STEPS // 10_000]

    def stop() -> int:
        left[0] -= 1
        return left[0] < 0

    connection.set_progress_handler(stop, 10_000)
    for pragma in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0"):
        connection.execute(f"PRAGMA {pragma}")


def _tables(connection: Any) -> Iterator[tuple[str, frozenset[str]]]:
    """Plain tables only: a view or a virtual table would run what its maker wrote."""
    listed = connection.execute("SELECT name, type, ncol FROM pragma_table_list WHERE schema = 'main'").fetchall()
    for name, kind, _ in listed:
        if kind == "table" and not name.startswith("sqlite_"):
            rows = connection.execute("SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0", (name,)).fetchall()
            yield name, frozenset(row[0] for row in rows)


def _rows(connection: Any, table: str, columns: Sequence[str], most: int) -> Iterator[dict[str, Any]]:
    quoted = ", ".join(f'"{name}"' for name in columns)
    shown = table.replace('"', '""')
    for row in connection.execute(f'SELECT {quoted} FROM "{shown}" LIMIT {most}'):  # noqa: S608 - our names, quoted
        yield dict(zip(columns, row, strict=True))


def _activities(connection: Any, table: str, columns: frozenset[str]) -> Iterator[Activity]:
    for row in _rows(connection, table, [name for name in COLUMNS if name in columns], MOST_ROWS):
        if (found := activity_of(row)) is not None:
            yield found


def _users(connection: Any, table: str, columns: frozenset[str]) -> Iterator[OldUser]:
    del columns
    for row in _rows(connection, table, ["username", "password_hash", "role"], MOST_USERS):
        name = _text(row["username"])[:64]
        if name:
            yield OldUser(username=name, role=_text(row["role"]).lower(), password_hash=_text(row["password_hash"]))


def activity_of(row: dict[str, Any]) -> Activity | None:
    """A row or JSON object of the original as a line of history; None when it has no time or no id of any use."""
    at, key = _moment(row.get("timestamp")), _text(row.get("id"))[:64]
    if at is None or not key:
        return None
    extra = row.get("extra")
    if isinstance(extra, str):
        try:
            extra = msgspec.json.decode(extra)
        except (msgspec.DecodeError, ValueError, RecursionError):
            extra = {}
    return Activity(
        uuid=key,
        dvr_id=_text(row.get("dvr_id"))[:40],
        event_type=(_text(row.get("event_type")) or _text(row.get("type")) or "system")[:60],
        at=at,
        extra=extra if isinstance(extra, dict) and len(extra) < 100 else {},
        is_test=row.get("is_test") in (1, True, "1", "true"),
        icon=_text(row.get("icon"))[:40] or "bell",
        **{
            name: _text(row.get(name))
            for name in ("dvr_name", "title", "message", "channel_name", "channel_number", "device_name", "device_ip",
                         "program_title", "image_url", "stream_source")
        },
    )  # fmt: skip


def _text(value: Any) -> str:
    if value is None or isinstance(value, bytes):
        return ""
    return str(value)[:LONGEST].replace("\x00", "")


def _moment(value: Any) -> datetime | None:
    """ISO text, with or without a zone (then UTC), or seconds since 1970."""
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        found = datetime.fromisoformat(_text(value).strip().replace("Z", "+00:00"))
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return found if 1971 <= found.year < 2200 else None


def _stored(row: Activity) -> tuple[Any, ...]:
    values = {
        "id": row.uuid, "event_type": row.event_type, "timestamp": row.at.isoformat(), "is_test": int(row.is_test),
        "extra": msgspec.json.encode(row.extra).decode(),
    }  # fmt: skip
    return tuple(values[name] if name in values else getattr(row, name) for name in COLUMNS)
