"""A line-up as an M3U playlist. Source: `specs/live.md` 4.1."""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from polycast.live.lineup.model import DEFAULT_GROUP
from polycast.live.outputs.addresses import logo_url, segment, stream_url, with_query
from polycast.live.outputs.model import Entry, LineUp, TvgIdSource

NO_GROUP: Final = "Default"
# What would end an attribute or a line; an old player cuts at any of them.
_CLEAN: Final = str.maketrans({'"': "'", "\r": " ", "\n": " ", "\0": "", "\u2028": " ", "\u2029": " ", "\x85": " "})


class PlaylistForm(Struct, frozen=True, kw_only=True):
    """How somebody wants a playlist. All texts are safe to stand in an address."""

    origin: str
    guide_url: str
    source: TvgIdSource = TvgIdSource.NUMBER
    cached_logos: bool = True
    output_profile: str = ""
    output_format: str = ""
    login: tuple[str, str] | None = None  # an Xtream user: integers for numbers, addresses with this login
    catchup: bool = False  # tell which channels can be watched later


def playlist(lineup: LineUp, form: PlaylistForm, direct: Mapping[int, str]) -> bytes:
    """The playlist. `direct` has addresses by channel id that take the place of ours."""
    lines = [f'#EXTM3U x-tvg-url="{_attribute(form.guide_url)}" url-tvg="{_attribute(form.guide_url)}"\n']
    named, played = _names(lineup, form), _addresses(form)
    for entry in lineup.entries:
        lines.append(_extinf(entry, form, named(entry)))
        lines.append(direct.get(entry.id) or played(entry))
        lines.append("\n")
    return "".join(lines).encode()


def _names(lineup: LineUp, form: PlaylistForm) -> Callable[[Entry], tuple[str, str]]:
    """From a channel to its id and number in this playlist."""
    if form.login is None:
        return lambda entry: (entry.name_for(form.source), entry.shown_number)
    integers = lineup.integers
    return lambda entry: (str(integers[entry.id]), str(integers[entry.id]))


def _addresses(form: PlaylistForm) -> Callable[[Entry], str]:
    asked = [("output_profile", form.output_profile), ("output_format", form.output_format)]
    if form.login is None:
        return lambda entry: with_query(stream_url(form.origin, entry), asked)
    start = f"{form.origin}/live/{segment(form.login[0])}/{segment(form.login[1])}"
    return lambda entry: with_query(f"{start}/{entry.id}", asked)


def _extinf(entry: Entry, form: PlaylistForm, named: tuple[str, str]) -> str:
    tvg_id, number = named
    name = _attribute(entry.name)
    parts = [
        f'#EXTINF:-1 tvg-id="{_attribute(tvg_id)}" tvg-name="{name}"',
        f'tvg-logo="{_attribute(logo_url(form.origin, entry, cached=form.cached_logos))}" tvg-chno="{number}"',
    ]
    if entry.station_id:
        parts.append(f'tvc-guide-stationid="{_attribute(entry.station_id)}"')
    if entry.is_radio:
        parts.append('radio="true"')
    if form.catchup and entry.catchup_days:
        parts.append(f'catchup="xc" catchup-days="{entry.catchup_days}"')
    none = NO_GROUP if form.login is None else DEFAULT_GROUP
    parts.append(f'group-title="{_attribute(entry.group_name or none)}",{name}\n')
    return " ".join(parts)


def _attribute(text: str) -> str:
    return text.translate(_CLEAN)
