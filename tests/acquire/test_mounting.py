"""An rclone that shows the tree is told when it has changed; the command that starts one is one that rclone takes."""

import asyncio
import shlex
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from polycast.acquire.config.document import typed
from polycast.acquire.mounting.unit import command, unit
from tests.acquire.world import World
from tests.command import free_port
from tests.fakes.real_debrid import RealDebrid
from tests.fakes.releases import release

PATIENCE = 60.0


@asynccontextmanager
async def rclone_over(world: World, folder: Path) -> AsyncIterator[tuple[str, str]]:
    """An rclone that serves our WebDAV on, its folders remembered for a day; its address and its remote control's."""
    port, control = free_port(), free_port()
    argv = [
        *("rclone", "--config", "/dev/null", "serve", "http", ":webdav:", f"--webdav-url={world.url}/webdav"),
        *("--addr", f"127.0.0.1:{port}", "--dir-cache-time", "24h", "--webdav-vendor", "other"),
        *("--rc", "--rc-addr", f"127.0.0.1:{control}", "--rc-user", "me", "--rc-pass", "rc-canary"),
        *("--cache-dir", str(folder)),
    ]
    environ = {"PATH": "/usr/bin:/bin", "RCLONE_WEBDAV_BEARER_TOKEN": world.token, "HOME": str(folder)}
    process = await asyncio.create_subprocess_exec(*argv, env=environ, stderr=asyncio.subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}", f"http://127.0.0.1:{control}"
    finally:
        process.terminate()
        await process.wait()


async def shows(url: str, name: str) -> None:
    """Return when a page has the name in it."""
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(url) as answer:
                    if name in await answer.text():
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)


@pytest.mark.needs_tool("rclone")
class TestAnExternalRclone:
    async def test_looks_again_when_something_has_come(self, world: World, debrid: RealDebrid, tmp_path: Path) -> None:
        first, second = debrid.know(release("First.Film")), debrid.know(release("Second.Film"))
        await world.acquired(first.magnet)
        async with rclone_over(world, tmp_path) as (url, control):
            await shows(f"{url}/__all__/", "First.Film")
            await world.configure(
                refresh_dirs="__all__, torrents",
                mount={
                    "type": "external_rclone",
                    "external_rclone": {"rc_url": control, "rc_username": "me", "rc_password": "rc-canary"},
                },
            )
            # With a mount links are looked at before an entry is complete; nothing is mounted here.
            await world.configure(mount={"symlink_verify": "catalog"})
            await world.acquired(second.magnet)
            await shows(f"{url}/__all__/", "Second.Film")


class TestTheCommand:
    CONFIG = typed(
        {
            "mount": {
                "type": "rclone",
                "mount_path": "/mnt/polycast",
                "rclone": {
                    "port": 5580,
                    "vfs_cache_mode": "full",
                    "vfs_read_chunk_size": "8M",
                    "uid": 1000,
                    "no_modtime": True,
                    "async_read": False,
                    "bw_limit": "10M:1M",
                },
            }
        }
    )

    @pytest.mark.needs_tool("rclone")
    def test_rclone_knows_every_word_of_it(self) -> None:
        words = list(command(self.CONFIG, "http://127.0.0.1:8000"))
        asked = subprocess.run([*words, "--help"], capture_output=True, text=True, timeout=60, check=False)
        assert asked.returncode == 0, asked.stderr
        wrong = subprocess.run([*words, "--no-such-word", "--help"], capture_output=True, timeout=60, check=False)
        assert wrong.returncode != 0

    def test_the_unit_starts_it(self) -> None:
        text = unit(self.CONFIG, "http://127.0.0.1:8000")
        line = text.partition("ExecStart=/usr/bin/")[2].partition("\nExecStop")[0].replace("\\\n", " ")
        assert shlex.split(line) == list(command(self.CONFIG, "http://127.0.0.1:8000"))
        assert {"--rc-addr=127.0.0.1:5580", "--uid=1000", "--no-modtime", "--async-read=false"} <= set(
            shlex.split(line)
        )

    async def test_an_administrator_is_shown_it(self, world: World) -> None:
        await world.configure(mount={"rclone": {"vfs_cache_mode": "writes"}})
        shown = (await world.owner.get("/polycast/v1/acquire/mount")).json()
        assert "--vfs-cache-mode=writes" in shown["command"]
        assert "ExecStart=/usr/bin/rclone" in shown["unit"]
        assert world.token not in str(shown)
