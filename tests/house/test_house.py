"""The rules of the house are held, and each of them finds what it forbids."""

import ast

import pytest

from tests.house.__main__ import broken_rules
from tests.house.rules import RULES, Source


def found(path: str, text: str) -> set[str]:
    source = Source(path, text, ast.parse(text))
    return {broken.rule for rule in RULES for broken in rule(source)}


class TestTheHouse:
    def test_it_breaks_none_of_its_rules(self) -> None:
        assert broken_rules() == []


class TestARule:
    @pytest.mark.parametrize(
        ("path", "text", "rule"),
        [
            ("live/a.py", "x = 1\n" * 401, "file_length"),
            ("live/a.py", "def f() -> None:\n" + "    x = 1\n" * 51, "function_length"),
            ("live/a.py", "try:\n    pass\nexcept Exception:\n    pass\n", "broad_except"),
            ("live/a.py", "try:\n    pass\nexcept:\n    pass\n", "broad_except"),
            ("live/a.py", "def f() -> None:\n    import os\n", "inner_import"),
            ("live/a.py", "cache = {}\n", "module_state"),
            ("live/a.py", "def f() -> None:\n    global x\n", "module_state"),
            ("live/a.py", "print('hello')\n", "module_state"),
            ("live/a.py", "from sqlalchemy import select\n", "sql_room"),
            ("live/a.py", "from starlette.requests import Request\n", "web_room"),
            ("live/a.py", "import subprocess\n", "process_room"),
            ("live/a.py", "import aiohttp\n", "socket_room"),
            ("live/a.py", "import hmac\n", "secret_room"),
            ("live/a.py", "import xml.etree.ElementTree\n", "xml_room"),
            ("live/a.py", "import zipfile\n", "archive_room"),
            ("live/a.py", "import os\nx = os.environ\n", "environment"),
            ("hub/a.py", "from polycast.live.relay.service import Relay\n", "layers"),
            ("live/relay/a.py", "from polycast.live.dialects.rest import app\n", "layers"),
            ("live/a.py", "def f():\n    pass\n", "return_types"),
        ],
    )
    def test_it_finds_what_it_forbids(self, path: str, text: str, rule: str) -> None:
        assert rule in found(path, text)

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("live/lineup/store_channels.py", "from sqlalchemy import select\n"),
            ("live/dialects/rest/app.py", "from starlette.requests import Request\n"),
            ("core/net/client.py", "import aiohttp\n"),
            ("hub/joins/a.py", "from polycast.live.module import Live\n"),
            ("live/module.py", "from polycast.live.dialects.rest import app\n"),
            ("live/a.py", "CACHE = {}\n"),
        ],
    )
    def test_it_leaves_alone_what_is_in_its_room(self, path: str, text: str) -> None:
        assert found(path, text) == set()
