"""Inputs for benchmarks, the same for the same seed: playlists of up to half a million entries, guides of a week.

python -m bench.generate playlist 500000 /tmp/500k.m3u
python -m bench.generate guide 359000 /tmp/guide.xml
"""

import argparse
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

SEED = 20261121
START = datetime(2026, 11, 21, tzinfo=UTC)
COUNTRIES = ("UK", "US", "DE", "FR", "ES", "IT", "NL", "PL", "TR", "SE", "PT", "RO", "GR", "AR", "BR", "IN")
THEMES = ("News", "Sports", "Movies", "Kids", "Music", "Documentary", "General", "Regional", "Religion", "24/7")
FIRST = ("Sky", "Canal", "Tele", "Nova", "Arena", "Prime", "Star", "Metro", "Atlas", "Polar", "Vega", "Kanal", "Radio")
SECOND = ("Sport", "Cinema", "News", "Kids", "Action", "Family", "World", "Nature", "Music", "Crime", "Comedy", "Plus")
QUALITY = ("", " HD", " FHD", " 4K", " HEVC", " SD", " RAW")
TITLES = ("Morning", "Evening", "Late", "Weekend", "World", "Local", "Special", "Live", "Classic", "Best of")
KINDS = ("News", "Show", "Report", "Match", "Film", "Quiz", "Kitchen", "Journey", "Stories", "Concert")
WORDS = [
    "a",
    "detective",
    "returns",
    "to",
    "the",
    "town",
    "she",
    "left",
    "and",
    "finds",
    "that",
    "nobody",
    "remembers",
    "the",
    "fire",
    "two",
    "brothers",
    "race",
    "along",
    "the",
    "coast",
    "while",
    "the",
    "weather",
    "turns",
    "guests",
    "talk",
    "about",
    "work",
    "money",
    "and",
    "the",
    "sea",
    "the",
    "team",
    "travels",
    "north",
    "for",
    "the",
    "last",
    "match",
    "of",
    "the",
    "season",
    "old",
    "letters",
    "lead",
    "to",
    "a",
    "house",
    "that",
    "is",
    "not",
    "on",
    "any",
    "map",
]


def playlist(entries: int, *, seed: int = SEED, changed: float = 0.0) -> Iterator[str]:
    """Lines of a provider's playlist, grouped as providers do; `changed` is the share of entries with a new title."""
    dice, other = random.Random(seed), random.Random(seed + 1)
    yield '#EXTM3U x-tvg-url="http://panel.example.net:8080/xmltv.php"\n'
    groups = [f"{country} | {theme}" for country in COUNTRIES for theme in THEMES]
    for index in range(entries):
        group = groups[index * len(groups) // entries]
        name = f"{group[:2]}: {dice.choice(FIRST)} {dice.choice(SECOND)} {dice.randrange(1, 100)}{dice.choice(QUALITY)}"
        tvg = (
            f"{name[4:].split(' HD', maxsplit=1)[0].replace(' ', '')}.{group[:2].lower()}"
            if dice.random() < 0.6
            else ""
        )
        logo = f"http://logos.example.net/{group[:2].lower()}/{dice.randrange(20_000)}.png"
        if changed and other.random() < changed:
            name += " *"
        yield (
            f'#EXTINF:-1 tvg-id="{tvg}" tvg-name="{name}" tvg-logo="{logo}" group-title="{group}",{name}\n'
            f"http://panel.example.net:8080/live/user-name/pass-word/{index + 1}.ts\n"
        )


def guide(programmes: int, *, channels: int = 1000, seed: int = SEED) -> Iterator[str]:
    """An XMLTV guide: each channel's programmes in one run, half an hour to two hours long, about 450 bytes each."""
    dice = random.Random(seed)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n<tv generator-info-name="bench">\n'
    for channel in range(channels):
        yield (
            f'  <channel id="ch{channel}.example"><display-name>Channel {channel}</display-name>'
            f'<icon src="http://logos.example.net/ch/{channel}.png"/></channel>\n'
        )
    for channel in range(channels):
        at = START
        for number in range(programmes * (channel + 1) // channels - programmes * channel // channels):
            end = at + timedelta(minutes=dice.choice((30, 30, 30, 60, 60, 90, 120)))
            yield _programme(dice, channel, number, at, end)
            at = end
    yield "</tv>\n"


def _programme(dice: random.Random, channel: int, number: int, at: datetime, end: datetime) -> str:
    title = f"{dice.choice(TITLES)} {dice.choice(KINDS)} {dice.randrange(40)}"
    text = " ".join(dice.choices(WORDS, k=dice.randrange(20, 45)))
    season, episode = dice.randrange(1, 9), number % 24 + 1
    return (
        f'  <programme start="{at:%Y%m%d%H%M%S} +0000" stop="{end:%Y%m%d%H%M%S} +0000" channel="ch{channel}.example">'
        f'<title lang="en">{title}</title><sub-title>Part {episode} &amp; more</sub-title><desc>{text}.</desc>'
        f"<category>{dice.choice(KINDS)}</category>"
        f'<episode-num system="onscreen">S{season:02}E{episode:02}</episode-num></programme>\n'
    )


def write(lines: Iterator[str], path: Path) -> None:
    """Write `lines` to `path`."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["playlist", "guide"])
    parser.add_argument("count", type=int)
    parser.add_argument("path", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--changed", type=float, default=0.0)
    given = parser.parse_args()
    if given.what == "playlist":
        write(playlist(given.count, seed=given.seed, changed=given.changed), given.path)
    else:
        write(guide(given.count, seed=given.seed), given.path)


if __name__ == "__main__":
    main()
