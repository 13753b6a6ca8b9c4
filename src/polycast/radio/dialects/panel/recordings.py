"""What DJs sent, as files. Source: `specs/radio.md` 3.14, 5.9."""

from polycast.core.files import FileAnswer
from polycast.core.http import Route, delete, get
from polycast.core.identity.caller import Caller
from polycast.radio.dialects.panel import wire
from polycast.radio.dialects.panel.policies import BYTES, OWN, WRITE
from polycast.radio.dialects.panel.stations import V2
from polycast.radio.recordings.service import Recording, Recordings


def _shown(one: Recording) -> wire.Shown:
    return {
        "dj": one.dj_id,
        "dj_name": one.dj_name,
        "name": one.name,
        "size": one.size_bytes,
        "mtime": wire.milliseconds(one.at),
        "url": f"{V2}/recordings/{one.dj_id}/{one.name}/",
    }


@get(f"{V2}/recordings/", policy=OWN)
async def page(caller: Caller, recordings: Recordings, server: int) -> list[wire.Shown]:
    """Of all DJs of a station, the latest first."""
    return [_shown(one) for one in await recordings.of_station(caller, server)]


@get(f"{V2}/djs/{{pk}}/recordings/", policy=OWN)
async def of_dj(caller: Caller, pk: int, recordings: Recordings) -> list[wire.Shown]:
    """Of one DJ."""
    return [_shown(one) for one in await recordings.of_dj(caller, pk)]


@get(f"{V2}/recordings/{{dj}}/{{name}}/", policy=BYTES)
async def download(caller: Caller, dj: int, name: str, recordings: Recordings) -> FileAnswer:
    """The file."""
    path = await recordings.file(caller, dj, name)
    return FileAnswer(path, content_type="application/octet-stream", name=path.name, attachment=True)


@delete(f"{V2}/recordings/{{dj}}/{{name}}/", policy=WRITE, status=204)
async def remove(caller: Caller, dj: int, name: str, recordings: Recordings) -> None:
    """The file goes."""
    await recordings.delete(caller, dj, name)


def routes() -> list[Route]:
    return [page, of_dj, download, remove]
