"""Podcasts of a station: shows, and their episodes as files of ours."""

from datetime import datetime

from msgspec import Struct


class Podcast(Struct, frozen=True, kw_only=True):
    """A show."""

    id: int
    station_id: int
    title: str
    description: str = ""
    image: str = ""  # its file's name below the podcast's folder; "" for none
    language: str = "en"
    category: str = ""
    published: bool = True
    created_at: datetime
    episodes_count: int = 0  # of those published


class Episode(Struct, frozen=True, kw_only=True):
    """Something to hear."""

    id: int
    podcast_id: int
    guid: str
    title: str
    description: str = ""
    published: bool = True
    pub_date: datetime
    duration_ms: int = 0
    size_bytes: int = 0
    path: str = ""  # below the podcast's folder
    image: str = ""
    explicit: bool = False
    season: int = 0
    number: int = 0
