"""Whether a post is still there, before anything is promised. Source: acquire.md 5.7 (2)."""

from collections.abc import Sequence
from typing import Final

from polycast.acquire.usenet.model import Nzb, Posted, Reason, RefusedPost
from polycast.acquire.usenet.pool import Missing, Pool

GATE: Final = 8
DEAD: Final = 7  # of the gate's eight
LEAST: Final = 20  # articles of a sample
MOST: Final = 400
ENOUGH: Final = 0.98
CONFIRMED: Final = 2


async def require_available(nzb: Nzb, pool: Pool, *, percent: int) -> None:
    """Ask for a sample of the articles. Raises: RefusedPost; Unavailable, when no server answers."""
    main = max(nzb.files, key=lambda file: file.encoded_bytes)
    gate = [main.segments[0].message_id, *_spread(main, GATE - 1)]
    if len(gate) - sum(await pool.have(gate)) >= min(DEAD, len(gate)):
        raise RefusedPost(Reason.DEAD, "its articles are gone")
    articles = [segment.message_id for file in nzb.files for segment in file.segments]
    expected = sum(max(len(file.segments), file.expected) for file in nzb.files)
    size = min(max(LEAST, len(articles) * percent // 100), MOST, len(articles))
    sample = [articles[at * len(articles) // size] for at in range(size)]
    there = sum(await pool.have(sample))
    if there < ENOUGH * size and size - there > 1:
        raise RefusedPost(Reason.MISSING, f"{size - there} of {size} articles that were asked for are missing")
    if expected - len(articles) > max(1, (1 - ENOUGH) * expected):
        raise RefusedPost(Reason.MISSING, f"the NZB file names {len(articles)} of {expected} articles")
    await _confirm(sample, pool)


async def _confirm(sample: Sequence[str], pool: Pool) -> None:
    """STAT may lie: a few articles are fetched."""
    gone = 0
    for at in range(CONFIRMED):
        try:
            await pool.background_part(sample[at * len(sample) // CONFIRMED])
        except Missing:
            gone += 1
    if gone == CONFIRMED:
        raise RefusedPost(Reason.DEAD, "its articles are announced, but gone")


def _spread(file: Posted, count: int) -> list[str]:
    segments = file.segments
    found = [segments[(at + 1) * len(segments) // (count + 1)].message_id for at in range(count)]
    return list(dict.fromkeys(found))
