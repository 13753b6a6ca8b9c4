"""Start of playback and seeks, over HTTP on the whole server: `python -m bench.playback`.

A film of two minutes in 1080p (H.264, AC-3 5.1, Matroska, made by ffmpeg) is repackaged for a browser, and encoded anew for a
device that plays nothing of it. From the request for a session to the last byte of the first segment; then seeks to places
that no segment was made of.
"""

import asyncio
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from imageio_ffmpeg import get_ffmpeg_exe
from tests.server import Client, running

from polycast.core.identity.scopes import Role

SECONDS = 120
WEB = {
    "containers": ["mp4"],
    "videoCodecs": [{"codec": "h264"}],
    "audioCodecs": [{"codec": "aac", "maxChannels": 2}],
}
NOTHING = WEB | {"videoCodecs": []}
ROUNDS = 5


def make(place: Path) -> None:
    """The film."""
    words = [
        "-f", "lavfi", "-i", f"testsrc2=size=1920x1080:rate=24000/1001:duration={SECONDS}",
        "-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={SECONDS}",
        "-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "48", "-b:v", "8M", "-pix_fmt", "yuv420p",
        "-c:a", "ac3", "-ac", "6", str(place),
    ]  # fmt: skip
    subprocess.run([get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *words], check=True)


async def started(client: Client, film: str, profile: dict[str, Any], position: float) -> tuple[float, dict[str, Any]]:
    """Seconds to the first segment, and the session."""
    begun = time.perf_counter()
    sent = {"mediaType": "movie", "mediaId": film, "startPosition": position, "client": {"profile": profile}}
    session = (await client.post("/v1/playback/sessions", sent)).json()
    base = f"/api/stream/{session['id']}"
    master = (await client.get(f"{base}/master.m3u8")).text()
    variant = next(line for line in master.splitlines() if line and not line.startswith("#"))
    playlist = (await client.get(f"{base}/{variant}")).text()
    session["quality"] = variant.partition("/")[0]
    session["segments"] = [line for line in playlist.splitlines() if line.startswith("seg-")]
    await client.get(f"{base}/{session['quality']}/init.mp4")
    answer = await client.get(f"{base}/{session['quality']}/{session['segments'][int(position // 4)]}")
    if answer.status != 200:
        raise RuntimeError(answer.text())
    return time.perf_counter() - begun, session


async def sought(client: Client, session: dict[str, Any], number: int) -> float:
    """Seconds from a seek to the last byte of the segment there."""
    begun = time.perf_counter()
    answer = await client.get(f"/api/stream/{session['id']}/{session['quality']}/{session['segments'][number]}")
    if answer.status != 200:
        raise RuntimeError(answer.text())
    return time.perf_counter() - begun


async def measured(client: Client, film: str, profile: dict[str, Any]) -> tuple[float, float]:
    """Medians of starts and of seeks. Every one goes to a place of its own, so that nothing is found made."""
    starts, seeks = [], []
    for number in range(ROUNDS):
        seconds, session = await started(client, film, profile, number * 20.0)
        starts.append(seconds)
        seeks.append(await sought(client, session, number * 5 + 3))
        await client.delete(f"/v1/playback/sessions/{session['id']}")
    return sorted(starts)[ROUNDS // 2], sorted(seeks)[ROUNDS // 2]


async def main() -> None:
    """Print a line for each way."""
    with tempfile.TemporaryDirectory() as folder:
        films = Path(folder) / "films" / "Test (2000)"
        films.mkdir(parents=True)
        make(films / "Test (2000).mkv")
        async with running(Path(folder), library__settle_s="0") as server:
            owner = await server.client(Role.OWNER)
            await owner.post("/v1/libraries", {"name": "Films", "type": "movie", "paths": [str(films.parent)]})
            await server.idle()
            [film] = (await owner.get("/v1/movies")).json()["items"]
            await started(owner, film["id"], WEB, 110.0)  # the children's own start is not the film's
            for name, profile in (("remux", WEB), ("transcode", NOTHING)):
                start, seek = await measured(owner, film["id"], profile)
                print(f"playback: {name}: start {start:.3f} s, seek {seek:.3f} s (medians of {ROUNDS})")


if __name__ == "__main__":
    asyncio.run(main())
