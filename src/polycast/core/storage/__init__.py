"""The database: units of work, column types, text keys, migrations. SQL lives here, in stores and in migrations."""

from polycast.core.storage.database import Database
from polycast.core.storage.migrating import CORE, Branch, Migrated, migrate
from polycast.core.storage.opening import StorageSettings, open_storage
from polycast.core.storage.tables import metadata
from polycast.core.storage.text import clean, fold, sort_key
from polycast.core.storage.types import Flag, Instant, JsonText, Key, Span, Thousandths, instant_in, instant_out
from polycast.core.storage.unit import Enqueuer, Indexer, Publisher, Unit

__all__ = [
    "CORE",
    "Branch",
    "Database",
    "Enqueuer",
    "Flag",
    "Indexer",
    "Instant",
    "JsonText",
    "Key",
    "Migrated",
    "Publisher",
    "Span",
    "StorageSettings",
    "Thousandths",
    "Unit",
    "clean",
    "fold",
    "instant_in",
    "instant_out",
    "metadata",
    "migrate",
    "open_storage",
    "sort_key",
]
