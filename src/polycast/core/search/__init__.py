"""Search: one index over everything, for everyone what they may see."""

from polycast.core.search.index import SearchIndex
from polycast.core.search.model import Hit, SearchWords
from polycast.core.search.service import Judge, Search

__all__ = ["Hit", "Judge", "Search", "SearchIndex", "SearchWords"]
