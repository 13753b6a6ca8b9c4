"""All tables of acquisition. `METADATA` is what the module hands to the house."""

from polycast.acquire.tables.arrs import arrs, cleanups, health, repair_actions, repair_runs
from polycast.acquire.tables.base import METADATA
from polycast.acquire.tables.entries import (
    accounts,
    categories,
    documents,
    entries,
    files,
    intents,
    links,
    made,
    placements,
    tags,
    torrents,
    usage,
)
from polycast.acquire.tables.posts import post_files, posts

__all__ = [
    "METADATA",
    "accounts",
    "arrs",
    "categories",
    "cleanups",
    "documents",
    "entries",
    "files",
    "health",
    "intents",
    "links",
    "made",
    "placements",
    "post_files",
    "posts",
    "repair_actions",
    "repair_runs",
    "tags",
    "torrents",
    "usage",
]
