"""How both faces ask for a list of channels. Source: `specs/live.md` 3.2."""

from typing import Final

from msgspec import Struct

from polycast.core.http import PageNumber
from polycast.live.lineup.model import ChannelQuery, Visibility

PAGES: Final = PageNumber(default=50, cap=10_000)
ORDERS: Final = {
    "channel_number": "number",
    "name": "name",
    "channel_group__name": "group",
    "epg_data__name": "guide",
}


class ChannelList(Struct, frozen=True, kw_only=True):
    """Filters of a list of channels; they combine with AND. Unknown orders and words count as not given."""

    page: str = ""
    page_size: str = ""
    search: str = ""  # in the name or the group's name
    ordering: str = ""  # channel_number, name, channel_group__name, epg_data__name; "-" before it turns it round
    name: str = ""
    channel_group: str = ""  # names, or ids as digits, with commas
    epg: str = ""  # names of guide sources with commas; "null" for none
    channel_profile_id: str = ""
    show_disabled: bool = False
    only_streamless: bool = False
    only_stale: bool = False
    only_has_overrides: bool = False
    only_catchup: bool = False
    visibility_filter: str = "active"
    include_streams: bool = False
    enabled: bool | None = None

    def asked(self, *, order: str) -> ChannelQuery:
        """`order` is the face's own."""
        words = {word.value: word for word in Visibility}
        profile = self.channel_profile_id
        return ChannelQuery(
            search=self.search,
            name=self.name,
            groups=_words(self.channel_group),
            guide_sources=_words(self.epg),
            profile_id=int(profile) if profile.isdecimal() and int(profile[:18]) > 0 else None,
            show_disabled=self.show_disabled,
            only_streamless=self.only_streamless,
            only_stale=self.only_stale,
            only_overridden=self.only_has_overrides,
            only_catchup=self.only_catchup,
            visibility=words.get(self.visibility_filter, Visibility.ACTIVE),
            enabled=self.enabled,
            order=_order(self.ordering) or order,
        )


def _order(ordering: str) -> str:
    """The first of the orders that is known; DRF passes over the others."""
    for word in ordering.split(","):
        name = ORDERS.get(word.strip().lstrip("-"))
        if name is not None:
            return f"-{name}" if word.strip().startswith("-") else name
    return ""


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
