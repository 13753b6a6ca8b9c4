"""A DVR's line-up, compared every hour: channels that came, went or have another number. Source: specs/monitor.md 5.13."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from polycast.monitor.alerts.model import Happening
from polycast.monitor.providers.reading import listing, mapping, text

SHOWN: Final = 20
Lineup = Mapping[str, Mapping[str, "Channel"]]  # device -> channel id


class Channel(Struct, frozen=True, kw_only=True):
    """What counts of a channel; favourites, hidden ones and keys of devices do not."""

    number: str
    name: str


def read_lineup(devices: Any) -> Lineup:
    """From `/devices`."""
    found: dict[str, dict[str, Channel]] = {}
    for one in listing(devices):
        device = text(mapping(one).get("FriendlyName")) or text(mapping(one).get("DeviceID"))
        channels = {
            text(channel.get("ID"), 100) or text(channel.get("GuideNumber"), 40): Channel(
                number=text(channel.get("GuideNumber"), 40), name=text(channel.get("GuideName"), 100)
            )
            for channel in map(mapping, listing(mapping(one).get("Channels"), 20_000))
        }
        if device:
            found.setdefault(device, {}).update(channels)
    return found


def compared(before: Lineup, after: Lineup) -> list[Happening]:
    """One line a device; a device that is gone altogether is one too."""
    found: list[Happening] = []
    for device in sorted(before.keys() | after.keys()):
        old, new = before.get(device, {}), after.get(device, {})
        parts = [
            _part("added", [new[key] for key in new.keys() - old.keys()]),
            _part("removed", [old[key] for key in old.keys() - new.keys()]),
            _part("renumbered", [new[key] for key in new.keys() & old.keys() if new[key].number != old[key].number]),
        ]
        said = "; ".join(part for part in parts if part)
        if said:
            found.append(
                Happening(title="Line-up Changed", text=f"{device}: {said}", event_type="lineup_change", icon="tv")
            )
    return found


def _part(word: str, channels: Sequence[Channel]) -> str:
    if not channels:
        return ""
    shown = sorted(f"{one.number} {one.name}".strip() for one in channels)
    more = f" and {len(shown) - SHOWN} more" if len(shown) > SHOWN else ""
    return f"{word} {', '.join(shown[:SHOWN])}{more}"
