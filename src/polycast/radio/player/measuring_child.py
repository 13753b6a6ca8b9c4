"""The fork server of children that measure files: `python -m polycast.radio.player.measuring_child CONTROL PARENT`."""

import sys
from collections.abc import Sequence

import msgspec

from polycast.core.processes.forked import serve_lasting
from polycast.core.processes.lasting import FarLine
from polycast.radio.player.child import warm_up
from polycast.radio.player.measuring import Meter, answer, measure
from polycast.radio.player.sound import silence


def warm() -> None:
    """Everything a child will use, used once."""
    warm_up()
    meter = Meter()
    meter.add(silence())
    meter.result()
    msgspec.json.encode(answer(meter.result()))


def serve(line: FarLine) -> None:
    """Measure each file that comes, until the server hangs up."""
    try:
        while True:
            for _ in line.heard(3600.0):
                line.tell(msgspec.json.encode(answer(measure(line.descriptor()))))
    except (EOFError, OSError):
        return


def main(words: Sequence[str]) -> None:
    """Serve on an inherited socket."""
    serve_lasting(int(words[0]), int(words[1]), talk=serve, warm=warm, nice=5)


if __name__ == "__main__":
    main(sys.argv[1:])
