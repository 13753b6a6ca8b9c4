"""Requests that a machine makes up from our own document: none of them is a failure of ours."""

import asyncio
import re
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import aiohttp
import pytest

from tests.command import serving
from tests.live.relay.test_killed import asked
from tests.server import PASSWORD

SEED = "20261121"
# What ends the sign-in of the run itself, or works for minutes.
LEFT_OUT = r"/(token|auth|users|api-keys|backups)/|rehash|refresh/$"


@pytest.mark.slow
class TestMadeUpRequests:
    async def test_no_answer_is_a_fault_of_the_server(self, tmp_path: Path) -> None:
        async with serving(tmp_path, POLYCAST_LOG_LEVEL="warning") as command, aiohttp.ClientSession() as session:
            await command.ready(session)
            sent = {"username": "owner", "password": PASSWORD}
            token = (await asked(session, "POST", f"{command.url}/api/accounts/token/", json=sent))["access"]
            words = ["run", f"{command.url}/api/schema/", "-H", f"Authorization: Bearer {token}", "--seed", SEED]
            words += ["--checks", "not_a_server_error", "--phases", "examples,fuzzing", "--max-examples", "2"]
            words += ["--exclude-path-regex", LEFT_OUT, "--continue-on-failure", "--no-color"]
            tool = Path(sys.executable).with_name("schemathesis")
            process = await asyncio.create_subprocess_exec(str(tool), *words, stdout=PIPE, stderr=STDOUT, cwd=tmp_path)
            said = (await process.communicate())[0].decode()
        tested = re.search(r"Tested: (\d+)", said)
        assert tested is not None, said[-2000:]
        assert int(tested[1]) > 200
        # What is not built yet says so, with 501.
        assert set(re.findall(r"^\[(5\d\d)\]", said, re.MULTILINE)) <= {"501"}, said[-5000:]
        assert "Traceback" not in command.log.read_text()
