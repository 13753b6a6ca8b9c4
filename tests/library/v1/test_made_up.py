"""Requests that a machine makes up from our own document: none of them is a failure of ours."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path
from typing import Final

import pytest

from polycast.core.identity.scopes import Role
from tests.library.world import library, world

SEED: Final = "20261121"
HOOKS: Final = Path(__file__).with_name("made_up_hooks.py")
KEYS: Final = 60
# What ends the run's own sign-in or is allowed three times a minute, and what never ends.
LEFT_OUT: Final = (
    r"/api/auth/|/v1/(speedtest|events|backups)|/v1/migration/discover|/v1/users/me|/v1/admin/(users|reset)"
)


@pytest.mark.slow
class TestMadeUpRequests:
    async def test_no_answer_is_a_fault_of_the_server(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        async with world(tmp_path) as here:
            await library(here, "Films", "movie", here.films)
            await library(here, "Shows", "tv", here.shows)
            keys = [(await here.server.client(Role.OWNER)).headers["X-API-Key"] for _ in range(KEYS)]
            words = ["run", f"{here.server.url}/v1/openapi.json", "--seed", SEED, "--checks", "not_a_server_error"]
            words += ["--phases", "examples,fuzzing", "--max-examples", "2", "--workers", "1", "--no-color"]
            words += ["--exclude-path-regex", LEFT_OUT, "--continue-on-failure"]
            environ = os.environ | {"SCHEMATHESIS_HOOKS": str(HOOKS), "MADE_UP_KEYS": ",".join(keys)}
            tool = Path(sys.executable).with_name("schemathesis")
            process = await asyncio.create_subprocess_exec(
                str(tool), *words, stdout=PIPE, stderr=STDOUT, cwd=tmp_path, env=environ
            )
            said = (await process.communicate())[0].decode()
        tested = re.search(r"Tested: (\d+)", said)
        assert tested is not None, said[-3000:]
        assert int(tested[1]) > 100
        # What this server has no means for (no key of TMDB's, no model) says so, with 503.
        assert set(re.findall(r"^\s*\[(5\d\d)\]", said, re.MULTILINE)) <= {"503"}, said[-6000:]
        assert not [one for one in caplog.records if one.exc_info], [one.exc_info for one in caplog.records]
