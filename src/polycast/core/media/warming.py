"""Inside the media fork server: what cutting and drawing use, used once while files can still be opened."""

from io import BytesIO
from typing import Any, Final

import av
import numpy as np

from polycast.core.media import asks, cutting, picturing

RATE: Final = 48_000
FRAME: Final = 1024


def warm_up() -> None:
    """Encode a moment of silence, take it apart, and draw a picture."""
    made = BytesIO()
    with av.open(made, "w", format="mp4", options=cutting.MUXING) as muxer:
        track: Any = muxer.add_stream("aac", rate=RATE, layout="stereo")
        track.bit_rate = 128_000
        silence = np.zeros((2, FRAME * 4), np.float32)
        for packet in cutting._frames(track, silence, 0, FRAME, RATE, "stereo"):
            packet.stream = track
            muxer.mux(packet)
    made.seek(0)
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
    container: Any
    with av.open(made) as container:
        for frame in container.decode(container.streams.audio[0]):
            for piece in resampler.resample(frame):
                piece.to_ndarray()
    for codec in ("ac3", "eac3", "libopus", "flac"):
        av.Codec(codec, "w")
    shown = av.VideoFrame(64, 64, "yuv420p")
    picturing._small(shown, 32, 32)
    cutting.find_keyframes(asks.KeyframesAsk(0, False), 0)
