"""`python -m bench [NAME ...]` runs the benchmarks three times each and writes `bench/results.md`.

Names are those of the table's first column's groups; without any, all are run. Rows that were not run keep what stands.
"""

import os
import platform
import re
import statistics
import subprocess
import sys
from pathlib import Path

from msgspec import Struct

HERE = Path(__file__).parent
RESULTS = HERE / "results.md"
RUNS = 3
SEED = 20261121


class Row(Struct, frozen=True, kw_only=True):
    """A line of the table."""

    group: str
    what: str
    target: str
    peer: str
    command: tuple[str, ...]  # module and arguments
    pattern: str  # its first group is the figure
    unit: str
    runs: int = RUNS


PLAYLIST = "import of a playlist of {}, {}"
ROWS = (
    Row(group="import", what=PLAYLIST.format("100 k", "first"), target="2.5 s", peer="Dispatcharr 47 s", unit="s",
        command=("bench.import_playlist", "100000"), pattern=r'"case": "first", "seconds": ([\d.]+)'),
    Row(group="import", what=PLAYLIST.format("100 k", "unchanged"), target="0.8 s", peer="Dispatcharr 204 s", unit="s",
        command=("bench.import_playlist", "100000"), pattern=r'"case": "unchanged", "seconds": ([\d.]+)'),
    Row(group="import", what=PLAYLIST.format("500 k", "first"), target="10 s", peer="-", unit="s",
        command=("bench.import_playlist", "500000"), pattern=r'"case": "first", "seconds": ([\d.]+)'),
    Row(group="import", what=PLAYLIST.format("500 k", "unchanged"), target="3.5 s", peer="-", unit="s",
        command=("bench.import_playlist", "500000"), pattern=r'"case": "unchanged", "seconds": ([\d.]+)'),
    Row(group="import", what=PLAYLIST.format("500 k", "memory above before"), target="150 MiB", peer="-", unit="MiB",
        command=("bench.import_playlist", "500000"), pattern=r'"case": "first".*"grown_mib": ([\d.]+)'),
    Row(group="start", what="ready after start", target="3 s", peer="-", unit="s",
        command=("bench.start",), pattern=r"ready after ([\d.]+) s", runs=1),
    Row(group="start", what="ready after kill -9", target="5 s", peer="-", unit="s",
        command=("bench.start",), pattern=r"web process in ([\d.]+) s", runs=1),
    Row(group="start", what="memory, idle, all processes (PSS)", target="180 MB", peer="Dispatcharr 1,325 MB", unit="MB",
        command=("bench.start",), pattern=r"memory: ([\d.]+) MB", runs=1),
    Row(group="fanout", what="live fan-out, 200 clients of 8 Mbit/s", target="10 % of a core", peer="-", unit="% of a core",
        command=("bench.fanout",), pattern=r"take ([\d.]+)% of a core"),
    Row(group="jobs", what="jobs claimed and finished, SQLite", target="800 /s", peer="procrastinate 501 /s", unit="/s",
        command=("bench.jobs",), pattern=r"jobs sqlite: ([\d.]+)", runs=1),
    Row(group="jobs", what="jobs claimed and finished, PostgreSQL", target="800 /s", peer="procrastinate 501 /s", unit="/s",
        command=("bench.jobs",), pattern=r"jobs postgresql: ([\d.]+)", runs=1),
    Row(group="search", what="search on 220 k rows, typo included, p95", target="20 ms", peer="-", unit="ms",
        command=("bench.search",), pattern=r"search sqlite: all: .*?p95 ([\d.]+)", runs=1),
    Row(group="turnstile", what="a write beside a bulk import, p95", target="40 ms", peer="SQLite's own waiting 630 ms", unit="ms",
        command=("bench.turnstile",), pattern=r"single write, beside the import:.*?p95 ([\d.]+)"),
    Row(group="ranges", what="ranged reads, one connection", target="1.5 GB/s", peer="rclone 0.4 GB/s", unit="GB/s",
        command=("bench.ranges",), pattern=r": ([\d.]+) GB/s", runs=1),
    Row(group="guide", what="guide of 359 k programmes (161 MB), all mapped", target="6 s", peer="Dispatcharr 187 s", unit="s",
        command=("bench.guide",), pattern=r'"case": "all mapped", "seconds": ([\d.]+)'),
    Row(group="xmltv", what="XMLTV out, 2,000 channels x 7 days, cold", target="3 s", peer="Dispatcharr 9.2 s", unit="s",
        command=("bench.xmltv_out",), pattern=r'"case": "cold", "seconds": ([\d.]+)'),
    Row(group="xmltv", what="XMLTV out, cached first byte", target="5 ms", peer="Dispatcharr 500 ms", unit="ms",
        command=("bench.xmltv_out",), pattern=r'"first_byte_ms": ([\d.]+)'),
    Row(group="channels", what="channel list page of 50, p50 at 8 connections", target="8 ms", peer="Dispatcharr 148 ms", unit="ms",
        command=("bench.channel_list",), pattern=r"p50 ([\d.]+) ms"),
    Row(group="channels", what="channel list page of 50, requests", target="800 /s", peer="Dispatcharr 50 /s", unit="/s",
        command=("bench.channel_list",), pattern=r"([\d.]+) req/s"),
    Row(group="failover", what="failover: stall seen", target="5 s", peer="Dispatcharr ~10 s", unit="s",
        command=("bench.failover",), pattern=r"after a stall: next source asked after ([\d.]+) s", runs=1),
    Row(group="failover", what="failover: picture back after the stall was seen", target="2 s", peer="-", unit="s (from the stall)",
        command=("bench.failover",), pattern=r"after a stall: .* its picture after ([\d.]+) s", runs=1),
    Row(group="failover", what="zap, running channel", target="50 ms", peer="-", unit="ms",
        command=("bench.failover",), pattern=r"running channel (\d+) ms", runs=1),
    Row(group="failover", what="zap, new channel, over the upstream's own", target="300 ms", peer="-", unit="ms",
        command=("bench.failover",), pattern=r"new channel (\d+) ms", runs=1),
    Row(group="pages", what="pages: entry bundle, scripts, gzip", target="230 kB", peer="-", unit="kB",
        command=("bench.pages",), pattern=r"entry JS: ([\d.]+)"),
    Row(group="pages", what="pages: entry bundle, styles, gzip", target="45 kB", peer="-", unit="kB",
        command=("bench.pages",), pattern=r"entry CSS: ([\d.]+)"),
    Row(group="pages", what="pages: largest lazy chunk, gzip", target="200 kB", peer="-", unit="kB",
        command=("bench.pages",), pattern=r"largest lazy chunk: ([\d.]+)"),
    Row(group="pages", what="pages: first useful paint, nothing cached", target="1500 ms", peer="-", unit="ms",
        command=("bench.pages",), pattern=r"first useful paint: ([\d.]+)"),
    Row(group="pages", what="pages: change of route", target="100 ms", peer="-", unit="ms",
        command=("bench.pages",), pattern=r"route change, median: ([\d.]+)"),
    Row(group="pages", what="guide page, 10,000 channels x 14 days: first cells, nothing cached", target="1500 ms", peer="-", unit="ms",
        command=("bench.pages",), pattern=r"guide, first cells, cold: ([\d.]+)"),
    Row(group="pages", what="guide page: frame p50 at 120 px a frame, no GPU", target="25 ms", peer="-", unit="ms",
        command=("bench.pages",), pattern=r"frame p50 while scrolling: ([\d.]+)"),
    Row(group="pages", what="guide page: frame p95", target="60 ms", peer="-", unit="ms",
        command=("bench.pages",), pattern=r"frame p95 while scrolling: ([\d.]+)"),
    Row(group="pages", what="guide page: jump by thousands of rows", target="60 ms", peer="-", unit="ms",
        command=("bench.pages",), pattern=r"guide, jump, median: ([\d.]+)"),
    Row(group="pages", what="guide page: elements in the page", target="1000", peer="-", unit="elements",
        command=("bench.pages",), pattern=r"elements in the page: ([\d.]+)"),
    Row(group="pages", what="command palette: answer of the server, p95, 10,000 channels", target="80 ms", peer="-", unit="ms",
        command=("bench.pages",), pattern=r"palette answer, p95: ([\d.]+)"),
    Row(group="ui", what="pages: built from clean (documents, types, check, bundle)", target="60 s", peer="-", unit="s",
        command=("bench.ui_build",), pattern=r"built from clean in ([\d.]+)"),
    Row(group="radio", what="radio: 1,000 listeners at 128 kbit/s", target="5 % of a core", peer="icecast2, next row", unit="% of a core",
        command=("bench.radio_listeners",), pattern=r"ours: ([\d.]+)% of a core", runs=1),
    Row(group="radio", what="radio: 1,000 listeners, icecast2 in the same run", target="-", peer="-", unit="% of a core",
        command=("bench.radio_listeners",), pattern=r"icecast2: ([\d.]+)% of a core", runs=1),
    Row(group="radio", what="radio: 1,000 listeners, failed", target="0", peer="icecast2 77", unit="listeners",
        command=("bench.radio_listeners",), pattern=r"ours: .* (\d+) failed", runs=1),
    Row(group="radio", what="radio: a station's player", target="4 % of a core", peer="liquidsoap 2.5 %", unit="% of a core",
        command=("bench.radio_player",), pattern=r"player: ([\d.]+)% of a core", runs=1),
    Row(group="radio", what="radio: a station's player, resident", target="60 MB", peer="liquidsoap 226 MB", unit="MB",
        command=("bench.radio_player",), pattern=r"(\d+) MB resident", runs=1),
    Row(group="catalogue", what="page of 20 of 20,000 films, any order or filter, p95, one at a time", target="25 ms",
        peer="Jellyfin 5-44 s reported", unit="ms", command=("bench.library_catalogue",),
        pattern=r"catalogue: pages, one at a time: .*p95 ([\d.]+)", runs=1),
    Row(group="catalogue", what="pages of 20 at 8 connections", target="400 /s", peer="-", unit="/s",
        command=("bench.library_catalogue",), pattern=r"catalogue: pages: .* ([\d.]+) req/s", runs=1),
    Row(group="catalogue", what="library search by HTTP, 220 k titles, p95, one at a time", target="20 ms", peer="-", unit="ms",
        command=("bench.library_catalogue",), pattern=r"catalogue: search, one at a time: .*p95 ([\d.]+)", runs=1),
    Row(group="catalogue", what="start page of the library, one call, p95, one at a time", target="80 ms",
        peer="Jellyfin 10-40 s reported", unit="ms", command=("bench.library_catalogue",),
        pattern=r"catalogue: start page, one at a time: .*p95 ([\d.]+)", runs=1),
    Row(group="catalogue", what="pages as Jellyfin's apps ask, p95, one at a time", target="-", peer="-", unit="ms",
        command=("bench.library_catalogue",), pattern=r"catalogue: jellyfin, one at a time: .*p95 ([\d.]+)", runs=1),
    Row(group="scan", what="library scan, first", target="400 files/s", peer="ffprobe-based scanners 15 files/s",
        unit="files/s", command=("bench.library_scan",), pattern=r"scan: first: .* ([\d.]+) files/s", runs=1),
    Row(group="scan", what="library scan of 100 k files, unchanged", target="5 s", peer="Jellyfin 11 h reported", unit="s",
        command=("bench.library_scan",), pattern=r"scan: unchanged, quick: .* in ([\d.]+) s", runs=1),
    Row(group="scan", what="library scan of 100 k files, unchanged, every file asked", target="30 s", peer="-", unit="s",
        command=("bench.library_scan",), pattern=r"scan: unchanged, full: .* in ([\d.]+) s", runs=1),
    Row(group="playback", what="start of playback, remux", target="0.4 s", peer="Dubby states 3-5 s", unit="s",
        command=("bench.playback",), pattern=r"remux: start ([\d.]+)", runs=1),
    Row(group="playback", what="seek, remux", target="0.5 s", peer="-", unit="s",
        command=("bench.playback",), pattern=r"remux: start .*seek ([\d.]+)", runs=1),
    Row(group="playback", what="start of playback, transcode 1080p", target="1.2 s", peer="Dubby states 3-5 s", unit="s",
        command=("bench.playback",), pattern=r"transcode: start ([\d.]+)", runs=1),
    Row(group="playback", what="seek, transcode 1080p", target="1.5 s", peer="-", unit="s",
        command=("bench.playback",), pattern=r"transcode: start .*seek ([\d.]+)", runs=1),
    Row(group="monitor", what="monitor: event to notification handed over, 50 DVRs, p95", target="150 ms", peer="-", unit="ms",
        command=("bench.monitor", "told"), pattern=r"p95 ([\d.]+) ms"),
    Row(group="monitor", what="monitor: GET with one dead of 50 DVRs, p95", target="15 ms", peer="-", unit="ms",
        command=("bench.monitor", "reads"), pattern=r"p95 ([\d.]+) ms"),
    Row(group="monitor", what="monitor: ingest of events", target="5000 /s", peer="-", unit="/s",
        command=("bench.monitor", "ingest"), pattern=r"(\d+) events/s"),
    Row(group="monitor", what="monitor: 10,000 recordings with faults, wrong results", target="0", peer="-", unit="wrong",
        command=("bench.monitor", "recordings"), pattern=r"(\d+) wrong", runs=1),
    Row(group="monitor", what="monitor: first page of 1 M lines", target="50 ms", peer="-", unit="ms",
        command=("bench.monitor", "history"), pattern=r"first page: ([\d.]+) ms", runs=1),
    Row(group="monitor", what="monitor: search in 1 M lines", target="300 ms", peer="-", unit="ms",
        command=("bench.monitor", "history"), pattern=r"search: ([\d.]+) ms", runs=1),
    Row(group="acquire", what="WebDAV listing of 50 k", target="0.5 s", peer="rclone 1.16 s", unit="s",
        command=("bench.acquire",), pattern=r"PROPFIND of 50000: ([\d.]+)", runs=1),
    Row(group="acquire", what="cached magnet to complete in the Arr", target="2 s", peer="Decypharr ~2-4 s", unit="s",
        command=("bench.acquire",), pattern=r"magnet to complete ([\d.]+)", runs=1),
    Row(group="acquire", what="torrents/info of 10,000, p95", target="300 ms", peer="-", unit="ms",
        command=("bench.acquire",), pattern=r"torrents/info of 10000 p95 ([\d.]+)", runs=1),
    Row(group="acquire", what="maindata without a change, p95", target="20 ms", peer="-", unit="ms",
        command=("bench.acquire",), pattern=r"maindata without a change p95 ([\d.]+)", runs=1),
    Row(group="acquire", what="browse page with search in 50 k, p95", target="80 ms", peer="-", unit="ms",
        command=("bench.acquire",), pattern=r"browse page with search p95 ([\d.]+)", runs=1),
    Row(group="acquire", what="tree of 50 k ready after the server answers", target="3 s", peer="-", unit="s",
        command=("bench.acquire",), pattern=r"tree ready ([\d.]+)", runs=1),
    Row(group="acquire", what="torrent stream through us", target="100 MB/s", peer="-", unit="MB/s",
        command=("bench.acquire",), pattern=r"stream through us ([\d.]+)", runs=1),
    Row(group="backup", what="backup of a database of 1 GiB", target="30 s", peer="-", unit="s",
        command=("bench.backup",), pattern=r'"case": "backup of \d+ MiB", "seconds": ([\d.]+)', runs=1),
    Row(group="backup", what="backup: longest wait of a write meanwhile", target="100 ms", peer="-", unit="ms",
        command=("bench.backup",), pattern=r'"milliseconds": ([\d.]+)', runs=1),
    Row(group="backup", what="restore of 1 GiB, with the backup of what was there", target="60 s", peer="-", unit="s",
        command=("bench.backup",), pattern=r'"case": "restore[^}]*"seconds": ([\d.]+)', runs=1),
)  # fmt: skip


def machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{os.cpu_count()} cores ({model}), {pages // 1024**3} GiB, Linux {platform.release()}, Python {platform.python_version()}"


def commit() -> str:
    """The commit that is checked out, with a + when the tree differs from it."""
    name = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout
    dirty = subprocess.run(
        ["git", "status", "--porcelain", "src", "bench"], capture_output=True, text=True, check=True
    ).stdout
    return name.strip() + ("+" if dirty.strip() else "")


def measure(command: tuple[str, ...]) -> str:
    """What a benchmark prints; its words go to the terminal too."""
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
    sys.stdout.write(done.stdout)
    if done.returncode:
        sys.stdout.write(done.stderr[-2000:])
    return done.stdout


def run(groups: list[str], kept: dict[str, dict[str, object]]) -> None:
    name = commit()
    rows = [row for row in ROWS if not groups or row.group in groups]
    for command in dict.fromkeys(row.command for row in rows):
        mine = [row for row in rows if row.command == command]
        texts = [measure(command) for _ in range(mine[0].runs)]
        for row in mine:
            found = [float(match[1]) for text in texts if (match := re.search(row.pattern, text))]
            value = statistics.median(found) if found else None
            kept[row.what] = {"value": value, "runs": row.runs, "commit": name}


def table(kept: dict[str, dict[str, object]]) -> str:
    lines = [
        "# What was measured",
        "",
        f"On {machine()}. Inputs come from `bench/generate.py`, seed {SEED}. Written by `make bench`: the median of so many runs of",
        "the command; several of those that are run once repeat their rounds themselves. What misses its target is looked",
        "into in `profiles.md`.",
        "",
        "| what | target | Polycast | peer | command | runs | commit |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in ROWS:
        figure = kept.get(row.what, {})
        value = figure.get("value")
        shown = "not measured" if value is None else f"{value:g} {row.unit}"
        command = "python -m " + " ".join(row.command)
        lines.append(
            f"| {row.what} | {row.target} | **{shown}** | {row.peer} | `{command}` | {figure.get('runs', '')} | {figure.get('commit', '')} |"
        )
    return "\n".join(lines) + "\n"


def standing() -> dict[str, dict[str, object]]:
    """What the table says now: rows that are not run keep it, on whichever machine they were."""
    kept: dict[str, dict[str, object]] = {}
    lines = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    for line in lines:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        figure = re.fullmatch(r"\*\*([\d.]+) .*\*\*", cells[2]) if len(cells) == 7 else None
        if figure:
            kept[cells[0]] = {"value": float(figure[1]), "runs": cells[5], "commit": cells[6]}
    return kept


def main(groups: list[str]) -> int:
    kept = standing()
    run(groups, kept)
    RESULTS.write_text(table(kept))
    sys.stdout.write(RESULTS.read_text())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
