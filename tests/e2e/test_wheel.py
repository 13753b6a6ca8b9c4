"""The built wheel serves by itself: installed read-only, run by somebody without rights, with its pages and documents."""

import asyncio
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import aiohttp
import pytest

from tests.command import ROOT, free_port

NOBODY = 65534
READY_WITHIN = 40.0


def build(folder: Path) -> Path:
    """The wheel of this tree, as it stands."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("polycast-*.whl")
    return wheel


def install(wheel: Path, place: Path) -> None:
    """Unpacked where nothing may be written any more."""
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(place)
    for path in [place, *place.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)


async def answers(url: str, session: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(READY_WITHIN):
        while True:
            try:
                async with session.get(f"{url}/healthz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)


@pytest.mark.needs_tool("setpriv")
async def test_it_serves_pages_and_documents_without_rights(tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("needs_kernel: only root can become nobody")
    place, data, port = tmp_path / "site", tmp_path / "data", free_port()
    install(build(tmp_path / "dist"), place)
    data.mkdir()
    os.chown(data, NOBODY, NOBODY)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_mode & 0o005 != 0o005 and folder.is_relative_to("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o005)
    rights = [
        "setpriv",
        f"--reuid={NOBODY}",
        f"--regid={NOBODY}",
        "--clear-groups",
        "--no-new-privs",
        "--bounding-set=-all",
    ]
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(place), sysconfig.get_path("purelib")]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "POLYCAST_DATA_DIR": str(data),
        "POLYCAST_PORT": str(port),
        "POLYCAST_BALLAST_BYTES": "0",
        "POLYCAST_LIVE__DISCOVERY": "false",
    }
    python = Path(sys.executable).resolve()
    reached = subprocess.run([*rights, str(python), "-s", "-c", "import msgspec"], env=environ, cwd="/", check=False)
    if reached.returncode:
        pytest.skip("needs_kernel: this Python is in a folder that nobody else may enter")
    log = tmp_path / "serve.log"
    with log.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            *rights, str(python), "-s", "-c", START, "serve", env=environ, cwd="/", stdout=written, stderr=written
        )
    try:
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{port}"
            await answers(url, session)
            async with session.get(f"{url}/") as answer:
                page = await answer.text()
            assert '<div id="root">' in page
            script = page.partition('src="/assets/')[2].partition('"')[0]
            async with session.get(f"{url}/assets/{script}") as answer:
                assert (answer.status, answer.content_type) == (200, "text/javascript")
            async with session.get(f"{url}/api/schema/", headers={"Accept": "application/json"}) as answer:
                assert (answer.status, (await answer.json(content_type=None))["openapi"][:3]) == (200, "3.0")
    except TimeoutError:
        pytest.fail(log.read_text("utf-8", "replace"))
    finally:
        process.terminate()
        await process.wait()


# The checkout's own path file must not win over the wheel.
START = """
import sys
sys.path[:] = [path for path in sys.path if not path.endswith("/src")]
from polycast.__main__ import main
sys.exit(main())
"""
