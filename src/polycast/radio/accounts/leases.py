"""Ports for accounts: blocks out of a pool, pairs out of a block."""

from collections.abc import Collection, Iterator, Sequence

from polycast.radio.accounts.model import Ports
from polycast.radio.accounts.store import Block


def free_blocks(taken: Sequence[Block], *, first: int, last: int, size: int) -> Iterator[Ports]:
    """Blocks of `size` ports between `first` and `last` that overlap nobody's, from the lowest."""
    spans = sorted(
        (min(block.first, block.panel_port or block.first), max(block.last, block.panel_port)) for block in taken
    )
    base = first
    for low, high in [*spans, (last + 1, last + 1)]:
        while base + size - 1 < low:
            yield block_at(base, size)
            base += size
        if low <= last and high >= base:
            base = first + -(-(high + 1 - first) // size) * size  # blocks stay on the pool's grid


def block_at(base: int, size: int) -> Ports:
    """The panel at the base, streams and DJs from base + 2 on."""
    return Ports(
        panel_port=base, default_channel_port=base + 2, port_range_min=base + 2, port_range_max=base + size - 1
    )


def free_pair(ports: Ports, taken: Collection[int]) -> int | None:
    """The lowest port of the block whose successor is free too: Shoutcast sources come to port + 1.

    `taken` are first ports of pairs. None when the block is full.
    """
    busy = {port for one in taken for port in (one, one + 1)}
    for port in range(ports.port_range_min, ports.port_range_max, 2):
        if port not in busy and port + 1 not in busy and port + 1 <= ports.port_range_max:
            return port
    return None
