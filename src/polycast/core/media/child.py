"""The media fork server: `python -m polycast.core.media.child CONTROL PARENT`. Started by `core/processes/forks.py` alone."""

import socket
import sys
from collections.abc import Sequence
from typing import Any

import msgspec

from polycast.core.media import cutting, looking, picturing, shrinking, warming
from polycast.core.media.asks import (
    Answer,
    Ask,
    CutAsk,
    KeyframesAsk,
    PictureAsk,
    SoundAsk,
    TilesAsk,
    WordsAsk,
)
from polycast.core.media.model import ProbeAsk, ResizeAsk
from polycast.core.processes.forked import serve_forks


class Handler:
    """Answers requests inside a child."""

    def __init__(self) -> None:
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Ask)
        self._encoder = msgspec.json.Encoder()

    def __call__(self, request: bytes, descriptors: Sequence[int]) -> bytes:
        return self._encoder.encode(self._do(self._decoder.decode(request), descriptors))

    def _do(self, ask: Ask, descriptors: Sequence[int]) -> Answer:
        match ask:
            case ProbeAsk():
                return looking.look_into(descriptors[0])
            case ResizeAsk():
                return shrinking.shrink(ask, descriptors[0], descriptors[1])
            case KeyframesAsk():
                return cutting.find_keyframes(ask, descriptors[0])
            case CutAsk():
                return cutting.cut(ask, *descriptors[:3])
            case SoundAsk():
                return cutting.sound(ask, *descriptors[:3])
            case WordsAsk():
                return picturing.words(ask, descriptors[0], descriptors[1])
            case PictureAsk():
                return picturing.picture(ask, descriptors[0], descriptors[1])
            case TilesAsk():
                return picturing.tiles(ask, descriptors[0], descriptors[1])


def warm_up() -> None:
    """Everything a child will use, used once."""
    looking.warm_up()
    shrinking.warm_up()
    warming.warm_up()


def main(control: int, parent: int) -> None:
    """Serve on an inherited socket."""
    with socket.socket(fileno=control) as near:
        serve_forks(near, parent, serve=Handler(), warm=warm_up)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
