"""Children are fed, read, bounded and always reaped."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import wave
from datetime import timedelta
from pathlib import Path

import pytest

from polycast.core.errors import TooLarge, Unavailable
from polycast.core.processes import PIPE, Limits, Processes, Sandbox, Tool, Tools
from polycast.core.processes.allowed import file_word, input_words
from polycast.core.processes.health import health

HOSTILE = [
    "-i",
    "-y.wav",
    "a:b",
    "http:",
    "pipe:0",
    "concat:x|y",
    "a%d.wav",
    "%s%n",
    "a'b\"c",
    "a b",
    "a\nb",
    "$(id)",
    "`id`",
    "a;b",
    "|x",
    "ö\udcff",
    "*?[]",
    "\\x",
]
ECHO = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])"
SLEEP = "import time; print('up', flush=True); time.sleep(60)"


class TestACall:
    async def test_gets_its_input_and_gives_its_output(self, processes: Processes, python: Tool) -> None:
        done = await processes.run(python, ["-c", ECHO], feed=b"abc" * 100_000)
        assert (done.code, done.output) == (0, b"cba" * 100_000)

    async def test_tells_its_code_and_its_last_words(self, processes: Processes, python: Tool) -> None:
        done = await processes.run(python, ["-c", "import sys; sys.exit('no such luck')"])
        assert (done.code, done.errors) == (1, "no such luck")

    async def test_sees_no_environment_of_ours(
        self, processes: Processes, python: Tool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("POLYCAST_CANARY", "secret")
        done = await processes.run(python, ["-I", "-c", "import os; print(*sorted(os.environ))"])
        assert done.output == b"LC_ALL PATH\n"

    async def test_is_cut_off_when_it_says_too_much(self, processes: Processes, python: Tool) -> None:
        with pytest.raises(TooLarge):
            await processes.run(python, ["-c", "while True: print('y' * 9999)"], output_bytes=1_000_000)

    async def test_is_ended_when_it_takes_too_long(self, processes: Processes, python: Tool) -> None:
        with pytest.raises(Unavailable):
            await processes.run(python, ["-c", SLEEP], limits=Limits(wall=timedelta(seconds=0.3)))

    async def test_of_a_tool_that_is_not_there_says_so(self, processes: Processes) -> None:
        done = await processes.run(Tool("gone", Path("/usr/bin/no-such-tool")), [])
        assert (done.code, "No such file" in done.errors) == (125, True)


class TestTheBlockEnds:
    async def test_and_a_child_that_does_not_want_to_is_killed(self, processes: Processes, python: Tool) -> None:
        stubborn = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
        async with processes.running(python, ["-c", stubborn], stdout=PIPE, grace=timedelta(milliseconds=100)) as child:
            assert await child.stdout.readline() == b"up\n"
        assert child.code == -signal.SIGKILL

    async def test_and_one_that_writes_without_end_is_gone_too(self, processes: Processes, python: Tool) -> None:
        async with processes.running(python, ["-c", "while True: print('y' * 9999)"], stdout=PIPE) as child:
            await child.stdout.readline()
        assert child.code is not None
        with pytest.raises(ProcessLookupError):
            os.kill(child.pid, 0)

    async def test_by_cancellation_and_the_child_is_gone(self, processes: Processes, python: Tool) -> None:
        pids: list[int] = []

        async def watch() -> None:
            async with processes.running(python, ["-c", SLEEP], stdout=PIPE) as child:
                pids.append(child.pid)
                await child.stdout.readline()
                started.set()
                await child.wait()

        started = asyncio.Event()
        task = asyncio.create_task(watch())
        await started.wait()
        task.cancel()
        await asyncio.wait([task])
        with pytest.raises(ProcessLookupError):
            os.kill(pids[0], 0)

    async def test_with_children_of_the_child_and_they_are_gone(self, processes: Processes, python: Tool) -> None:
        family = Tool("family", python.path, python.needs, starts_children=True)
        breed = (
            f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); print(p.pid, flush=True)"
        )
        async with processes.running(family, ["-c", breed], stdout=PIPE) as child:
            grandchild = int(await child.stdout.readline())
            await child.wait()
            os.kill(grandchild, 0)
        await _until_gone(grandchild)

    async def test_of_a_feeding_that_the_child_no_longer_wants(self, processes: Processes, python: Tool) -> None:
        async with processes.running(python, ["-c", "import os; os.close(0); input()"], stdin=PIPE) as child:
            await child.wait()
            results = [await child.feed(b"x" * 300_000) for _ in range(3)]
        assert results[-1] is False


class TestTheServerIsKilled:
    async def test_and_no_tool_outlives_it(self, python: Tool) -> None:
        server = (
            "import asyncio\n"
            "from pathlib import Path\n"
            "from polycast.core.processes import PIPE, Processes, Tool, Tools\n"
            "async def main():\n"
            f"    tool = Tool('python', Path({str(python.path)!r}), (Path({str(python.needs[0])!r}),))\n"
            f"    async with Processes(Tools()).running(tool, ['-c', {SLEEP!r}], stdout=PIPE) as child:\n"
            "        await child.stdout.readline()\n"
            "        print(child.pid, flush=True)\n"
            "        await child.wait()\n"
            "asyncio.run(main())\n"
        )
        root = str(Path(__file__).parents[3] / "src")
        with subprocess.Popen(
            [sys.executable, "-c", server], stdout=subprocess.PIPE, env={"PYTHONPATH": root}
        ) as started:
            assert started.stdout is not None
            pid = int(await asyncio.to_thread(started.stdout.readline))
            os.kill(pid, 0)
            started.kill()
        await _until_gone(pid)


@pytest.mark.needs_kernel
class TestInsideTheSandbox:
    async def test_only_what_was_named_can_be_read(self, landlocked: Processes, python: Tool, tmp_path: Path) -> None:
        (tmp_path / "canary").write_text("secret")
        (tmp_path / "input").write_text("fine")
        script = _tries(f"open('{tmp_path}/input').read()", f"open('{tmp_path}/canary')", "open('/etc/passwd')")
        done = await landlocked.run(python, ["-c", script], read=[tmp_path / "input"])
        assert done.output.split() == [b"fine", b"PermissionError", b"PermissionError"]

    async def test_only_the_job_folder_can_be_written(
        self, landlocked: Processes, python: Tool, tmp_path: Path
    ) -> None:
        (tmp_path / "job").mkdir()
        (tmp_path / "other").write_text("old")
        (tmp_path / "job" / "way-out").symlink_to(tmp_path / "other")
        script = _tries(
            f"open('{tmp_path}/job/a', 'w').write('x')",
            f"os.rename('{tmp_path}/job/a', '{tmp_path}/job/b')",
            f"open('{tmp_path}/other', 'w')",
            f"open('{tmp_path}/job/way-out', 'w')",
            f"os.unlink('{tmp_path}/other')",
            f"os.rename('{tmp_path}/job/b', '{tmp_path}/c')",
        )
        done = await landlocked.run(python, ["-c", f"import os\n{script}"], write=[tmp_path / "job"])
        *said, moved = done.output.split()
        assert said == [b"1", b"None"] + [b"PermissionError"] * 3
        assert moved in {b"OSError", b"PermissionError"}  # EXDEV or EACCES, as the kernel likes
        assert (tmp_path / "other").read_text() == "old"
        assert (tmp_path / "job" / "b").exists()

    async def test_no_connection_can_be_made(self, landlocked: Processes, python: Tool) -> None:
        accepted = asyncio.Event()
        server = await asyncio.start_server(lambda _r, w: (accepted.set(), w.close()), "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            script = "import socket\n" + _tries(
                f"socket.create_connection(('127.0.0.1', {port}))",
                "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
                "socket.socket(socket.AF_UNIX)",
            )
            done = await landlocked.run(python, ["-c", script])
        assert done.output.split() == [b"PermissionError"] * 3
        assert not accepted.is_set()

    async def test_a_fork_bomb_does_not_begin(self, landlocked: Processes, python: Tool) -> None:
        done = await landlocked.run(
            python, ["-c", "import os\n" + _tries("os.fork()", "os.posix_spawn('/bin/true', ['true'], {})")]
        )
        assert done.output.split() == [b"PermissionError"] * 2

    async def test_ten_gigabytes_of_output_stop_at_the_limit(
        self, landlocked: Processes, python: Tool, tmp_path: Path
    ) -> None:
        script = f"f = open('{tmp_path}/big', 'wb')\nfor _ in range(10240): f.write(bytes(1 << 20))"
        await landlocked.run(python, ["-c", script], write=[tmp_path], limits=Limits(file_bytes=5_000_000))
        assert (tmp_path / "big").stat().st_size <= 5_000_000

    async def test_memory_ends_at_the_limit(self, landlocked: Processes, python: Tool) -> None:
        script = _tries("len(bytes(1 << 30))")
        done = await landlocked.run(python, ["-c", script], limits=Limits(memory_bytes=512 * 1024**2))
        assert done.output.split() == [b"MemoryError"]

    async def test_no_power_of_root_is_left(self, landlocked: Processes, python: Tool) -> None:
        script = "print(open('/proc/self/status').read())"
        done = await landlocked.run(python, ["-c", script], read=[Path("/proc")])
        powers = dict(re.findall(rb"(Cap\w+|NoNewPrivs|Seccomp):\s+(\w+)", done.output))
        assert int(powers[b"CapEff"], 16) & ~0b10 == 0
        assert (powers[b"NoNewPrivs"], powers[b"Seccomp"]) == (b"1", b"2")

    async def test_an_open_descriptor_is_the_only_other_way_in(
        self, landlocked: Processes, python: Tool, tmp_path: Path
    ) -> None:
        (tmp_path / "film").write_text("reel")
        with (tmp_path / "film").open("rb") as film:
            script = f"import os; print(os.read({film.fileno()}, 9))"
            done = await landlocked.run(python, ["-c", script], fds=[film.fileno()])
        assert done.output == b"b'reel'\n"


@pytest.mark.needs_kernel
class TestWithoutLandlock:
    async def test_bubblewrap_holds_the_child(self, python: Tool, tmp_path: Path) -> None:
        wrapped = Processes(Tools(), sandbox=Sandbox.BUBBLEWRAP)
        if wrapped.tools.find("bwrap") is None:
            pytest.skip("bubblewrap is not installed")
        (tmp_path / "canary").write_text("secret")
        (tmp_path / "job").mkdir()
        script = _tries(f"open('{tmp_path}/canary')", f"open('{tmp_path}/job/a', 'w').write('x')")
        done = await wrapped.run(python, ["-c", script], write=[tmp_path / "job"])
        assert done.output.split() == [b"FileNotFoundError", b"1"], done.errors

    def test_the_status_page_warns(self) -> None:
        assert health(Processes(Tools(), sandbox=Sandbox.NONE))[0].ok is False


class TestFfmpeg:
    async def test_the_one_from_the_package_runs_confined(self, processes: Processes, tmp_path: Path) -> None:
        source = ["-f", "lavfi", "-i", "sine=duration=0.2"]
        done = await processes.run(
            processes.tools.ffmpeg,
            ["-hide_banner", "-nostdin", "-loglevel", "error", *source, f"file:{tmp_path}/a.wav"],
            write=[tmp_path],
        )
        assert (done.code, done.errors) == (0, "")
        assert (tmp_path / "a.wav").read_bytes()[:4] == b"RIFF"

    async def test_takes_files_of_any_name(self, processes: Processes, tmp_path: Path) -> None:
        for index, name in enumerate(HOSTILE):
            folder = tmp_path / str(index)
            folder.mkdir()
            with (folder / name).open("xb") as file, wave.open(file, "wb") as sound:
                sound.setparams((1, 2, 8000, 0, "NONE", ""))
                sound.writeframes(bytes(800))
            argv = [*input_words(protocols="file"), "-i", file_word(folder / name), "-f", "null", "-"]
            done = await processes.run(processes.tools.ffmpeg, ["-nostdin", "-v", "error", *argv], read=[folder])
            assert (done.code, done.errors) == (0, ""), name

    @pytest.mark.parametrize(
        "text", ["#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n", "ffconcat version 1.0\nfile x\n"]
    )
    async def test_takes_no_playlist_in_disguise(self, processes: Processes, tmp_path: Path, text: str) -> None:
        (tmp_path / "film.avi").write_text(text)
        argv = [*input_words(protocols="file"), "-i", file_word(tmp_path / "film.avi"), "-f", "null", "-"]
        done = await processes.run(processes.tools.ffmpeg, ["-nostdin", "-v", "error", *argv], read=[tmp_path])
        assert done.code != 0

    def test_a_configured_one_that_is_missing_is_reported(self) -> None:
        [_, line] = health(Processes(Tools(ffmpeg="/no/such/ffmpeg")))
        assert line.ok is False


def _tries(*expressions: str) -> str:
    """A script that prints each expression's value, or the name of its error."""
    return "\n".join(f"try: print({text})\nexcept Exception as e: print(type(e).__name__)" for text in expressions)


async def _until_gone(pid: int) -> None:
    """A killed process of another parent needs a moment; within the 2 s that are promised."""
    async with asyncio.timeout(2):
        while Path(f"/proc/{pid}/stat").exists() and b") Z" not in Path(f"/proc/{pid}/stat").read_bytes():
            await asyncio.sleep(0.01)
