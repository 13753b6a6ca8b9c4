"""The elements of panels and tuners as readings: what playlists get from `scan` itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from polycast.live.providers.xtream.client import items
from polycast.live.providers.xtream.wire import LiveStream, text, whole
from polycast.live.sources.model import AccountType
from polycast.live.sources.refresh.playlist import DEFAULT_GROUP, NAME_LIMIT, SCHEMES, Tally, raw_entries
from polycast.live.sources.refresh.reading import (
    DEFAULT_NAME,
    LOGO_LIMIT,
    TVG_LIMIT,
    YES,
    Reading,
    first_whole,
    thousandths,
    tidy,
)
from polycast.live.sources.refresh.scan import Candidate, Moved, Scan

Read = Callable[[], Reading]
TUNER_GROUP: Final = "HDHomeRun"
KEPT: Final = ("added", "custom_sid", "direct_source", "category_ids")


def weighed(
    scan: Scan,
    kind: AccountType,
    path: Path,
    blocks: Iterable[bytes],
    categories: Mapping[str, str],
    tally: Tally,
) -> Iterator[Candidate | Moved]:
    """What has to be written for the file at `path`; `blocks` are its plain bytes, read only for playlists."""
    if kind is AccountType.XTREAM:
        return scan.read(panel_items(path, categories, tally))
    if kind is AccountType.HDHOMERUN:
        return scan.read(tuner_items(path, tally))
    return scan.playlist(raw_entries(blocks, tally))


def panel_items(path: Path, categories: Mapping[str, str], tally: Tally) -> Iterator[tuple[str, Read]]:
    """`get_live_streams` as the file at `path`: raw text of each element, and how to read it. Raises: BadPanel."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for raw, value in items(file):
            stream_id = whole(value.get("stream_id"))
            if stream_id is None:
                tally.reject("no_stream_id", raw)
                continue
            tally.entries += 1
            yield raw, _Lazy(value, stream_id, categories)


class _Lazy:
    """One element, read when asked for."""

    def __init__(self, value: dict[str, Any], stream_id: int, categories: Mapping[str, str]) -> None:
        self._value = value
        self._stream_id = stream_id
        self._categories = categories

    def __call__(self) -> Reading:
        sent = msgspec.convert(
            {key: self._value[key] for key in LiveStream.__struct_fields__ if key in self._value},
            LiveStream,
            strict=False,
        )
        has_archive = text(sent.tv_archive) in YES
        number = text(sent.num)
        kept = {key: self._value[key] for key in KEPT if self._value.get(key)}
        return Reading(
            tidy(text(sent.name), NAME_LIMIT) or DEFAULT_NAME,
            "",  # made from provider_id and the present credentials when it is asked for
            str(self._stream_id),
            self._categories.get(text(sent.category_id)) or DEFAULT_GROUP,
            tidy(text(sent.epg_channel_id), TVG_LIMIT),
            tidy(text(sent.stream_icon), LOGO_LIMIT),
            self._stream_id,
            thousandths(number),
            text(sent.is_adult) in YES,
            has_archive,
            first_whole(text(sent.tv_archive_duration)) if has_archive else 0,
            msgspec.json.encode(kept).decode() if kept else None,
        )


def tuner_items(path: Path, tally: Tally) -> Iterator[tuple[str, Read]]:
    """A HDHomeRun's `lineup.json` as the file at `path`; protected (DRM) channels cannot be played and are left out."""
    for value in msgspec.json.decode(path.read_bytes(), type=list[dict[str, Any]]):
        raw = msgspec.json.encode(value).decode()
        url = text(value.get("URL"))
        if whole(value.get("DRM")):
            tally.reject("drm", raw)
        elif not url.startswith(SCHEMES):
            tally.reject("scheme", raw)
        else:
            tally.entries += 1
            yield raw, _tuned(value, url)


def _tuned(value: Mapping[str, Any], url: str) -> Read:
    number = text(value.get("GuideNumber"))
    kept = {key: value[key] for key in ("HD", "Favorite", "VideoCodec", "AudioCodec", "Tags") if key in value}
    return lambda: Reading(
        tidy(text(value.get("GuideName")), NAME_LIMIT) or number or DEFAULT_NAME,
        url,
        url,
        TUNER_GROUP,
        tidy(number, TVG_LIMIT),
        tidy(text(value.get("ImageURL")), LOGO_LIMIT),
        None,
        thousandths(number),
        0,
        0,
        0,
        msgspec.json.encode(kept).decode() if kept else None,
    )
