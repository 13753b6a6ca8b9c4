"""Pictures that people put into a folder. Source: `specs/live.md` 5.10."""

import os
from typing import Any

from polycast.core.identity.caller import SYSTEM
from polycast.core.jobs.model import Tick
from polycast.live.lineup.events import LogoChanged
from tests.fakes.asgi import AsgiClient
from tests.fakes.runs import DirectRun
from tests.live.lineup.test_parts import LOGOS, PNG
from tests.live.lineup.world import World

SCRIPT = b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"


async def looked(world: World, admin: AsgiClient) -> list[tuple[str, str]]:
    """Names and addresses of the logos after a look."""
    await world.lineup.logo_folder.look(Tick(), DirectRun())
    rows: list[dict[str, Any]] = (await admin.get(f"{LOGOS}?no_pagination=true")).json()
    return [(row["name"], row["url"]) for row in rows]


def put(world: World, name: str, content: bytes, *, at: int = 1) -> None:
    folder = world.data / "logos"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    os.utime(folder / name, ns=(at, at))


class TestAFolderOfLogos:
    async def test_pictures_become_logos_and_all_else_is_left_alone(self, world: World, admin: AsgiClient) -> None:
        put(world, "BBC One.png", PNG)
        put(world, "notes.txt", b"notes")
        put(world, "page.png", b"<html></html>")
        put(world, "active.svg", SCRIPT)
        put(world, "large.png", PNG + bytes(5 * 1024 * 1024))
        (world.data / "logos/link.png").symlink_to("/etc/passwd")
        assert await looked(world, admin) == [("BBC One", "/data/logos/BBC One.png")]

    async def test_nothing_is_written_while_nothing_changes(self, world: World, admin: AsgiClient) -> None:
        put(world, "one.png", PNG)
        await looked(world, admin)
        told = len(world.events(LogoChanged))
        assert await looked(world, admin) == [("one", "/data/logos/one.png")]
        assert len(world.events(LogoChanged)) == told == 1

    async def test_a_changed_file_is_told_of_and_stays_the_same_logo(self, world: World, admin: AsgiClient) -> None:
        put(world, "one.png", PNG)
        await looked(world, admin)
        put(world, "one.png", PNG + b"\0", at=2)
        assert await looked(world, admin) == [("one", "/data/logos/one.png")]
        assert len({event.logo_id for event in world.events(LogoChanged)}) == 1
        assert len(world.events(LogoChanged)) == 2

    # Somebody has cleaned up the list; the file beside it must not undo that every twenty seconds.
    async def test_a_deleted_logo_does_not_come_back(self, world: World, admin: AsgiClient) -> None:
        put(world, "one.png", PNG)
        await looked(world, admin)
        [row] = (await admin.get(f"{LOGOS}?no_pagination=true")).json()
        assert (await admin.delete(f"{LOGOS}{row['id']}/")).status_code == 204
        put(world, "two.png", PNG)
        assert await looked(world, admin) == [("two", "/data/logos/two.png")]

    async def test_they_wait_while_the_setting_is_off(self, world: World, admin: AsgiClient) -> None:
        await world.preferences.change(SYSTEM, "system_settings", {"auto_import_mapped_files": False})
        put(world, "one.png", PNG)
        assert await looked(world, admin) == []
        await world.preferences.change(SYSTEM, "system_settings", {"auto_import_mapped_files": True})
        assert await looked(world, admin) == [("one", "/data/logos/one.png")]
