"""The players' fork server: `python -m polycast.radio.player.child CONTROL PARENT`. Started by `core/processes/forks.py` alone."""

import io
import sys
from typing import Any

import av

from polycast.core.media import looking
from polycast.core.processes.forked import serve_lasting
from polycast.core.processes.lasting import FarLine
from polycast.radio.player.desk import Desk
from polycast.radio.player.encoders import encoder_for, filler_of, tone
from polycast.radio.player.sound import Limiter, Tone
from polycast.radio.player.wire import Output


def warm_up() -> None:
    """Everything a player will use, used once: it can import nothing afterwards."""
    looking.warm_up()
    sound = tone(0.1)
    chain = Tone(dc_filter=True, eq_gains=[1.0])
    for form in ("mp3", "aac", "opus", "ogg", "flac"):
        output = Output(number=0, format=form, kbps=128)
        encoder = encoder_for(output)
        made = b"".join(data for _ in range(12) for _, _, data in encoder.encode(Limiter()(chain(sound))))
        made += b"".join(data for _, _, data in encoder.retitle("x"))
        list(filler_of(output))
        _decode(made)


def _decode(made: bytes) -> None:
    with av.open(io.BytesIO(made)) as opened:
        container: Any = opened
        for frame in container.decode(audio=0):
            list(av.AudioResampler(format="fltp", layout="stereo", rate=44100).resample(frame))


def talk(line: FarLine) -> None:
    """A player's life."""
    try:
        Desk(line).run()
    except (EOFError, OSError):
        return  # the server has hung up


def main(control: int, parent: int) -> None:
    """Serve on an inherited socket."""
    serve_lasting(control, parent, talk=talk, warm=warm_up)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
