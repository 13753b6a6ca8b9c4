"""One spelling for each path, and claims by whole segments."""

from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from polycast.core.http import BadPath
from polycast.core.http.routes import RouteInfo
from polycast.core.identity.caller import OPEN
from polycast.core.module import Slash
from polycast.front.paths import ClaimedTwice, PathTable, clean_path, raw_of, segments
from polycast.front.slashes import SlashRule

PIECES = some.sampled_from(
    [
        "/",
        "//",
        "..",
        ".",
        "%2e",
        "%2E%2e",
        "%2f",
        "%5c",
        "\\",
        "%00",
        "%25",
        "%252e",
        ";",
        "a",
        "B",
        "é",
        "%c3%a9",
        "%ff",
        "%",
        "~",
        " ",
        "*",
    ]
)


class TestAnyPath:
    @given(some.lists(PIECES, max_size=12).map(lambda pieces: ("/" + "".join(pieces)).encode()))
    def test_has_one_spelling_or_none(self, raw: bytes) -> None:
        try:
            path = clean_path(raw)
        except BadPath:
            return
        assert path.startswith("/")
        assert "//" not in path
        assert "\\" not in path
        assert "\0" not in path
        assert not {".", ".."} & set(path.split("/"))
        assert clean_path(raw_of(path)) == path

    @given(some.binary(max_size=60))
    def test_of_any_bytes_is_cleaned_or_refused(self, raw: bytes) -> None:
        try:
            assert clean_path(b"/" + raw).startswith("/")
        except BadPath:
            return

    # Whatever a name holds, it stays one segment and comes out as it went in.
    @given(some.text(min_size=1, max_size=30))
    def test_keeps_a_quoted_name_whole(self, name: str) -> None:
        assume(not any(0xD800 <= ord(letter) <= 0xDFFF for letter in name))
        try:
            words = segments(clean_path(f"/user/{quote(name, safe='')}".encode()))
        except BadPath:
            assert name.split(";", maxsplit=1)[0] in (".", "..") or any(
                letter in "/\\" or ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in name
            )
            return
        assert words == ("user", name)


@pytest.fixture
def table() -> PathTable[str]:
    found: PathTable[str] = PathTable()
    found.add(["/api/*", "/get.php"], "rest", owner="rest")
    found.add(["/api/v1/*", "/api/v1/settings/deep"], "monitor", owner="monitor")
    found.add(["/api/v1/settings"], "radio", owner="radio")
    found.add(["/{user}/{pass}/{digits}", "/tuner{digits}/*"], "patterns", owner="patterns")
    found.add(["/Videos/*", "/System/Info"], "jelly", owner="jelly", ignores_case=True)
    found.add(["/"], "ui", owner="ui")
    return found


class TestAPathTable:
    @pytest.mark.parametrize(
        ("path", "target"),
        [
            ("/api", "rest"),
            ("/api/", "rest"),
            ("/api/x/y", "rest"),
            ("/apis", None),
            ("/API/x", None),
            ("/api/v1", "monitor"),
            ("/api/v1/x", "monitor"),
            ("/api/v1/settings", "radio"),
            ("/api/v1/settings/", "radio"),
            ("/api/v1/settings/x", "monitor"),
            ("/api/v1/settings/deep", "monitor"),
            ("/api/v10", "rest"),
            ("/get.php", "rest"),
            ("/get.php/x", None),
            ("/u/p/12", "patterns"),
            ("/u/p/12.ts", "patterns"),
            ("/u/p/12.mkv", None),
            ("/u/p/12/", "patterns"),
            ("/u/p/x12", None),
            ("/api/p/12", "rest"),
            ("/tuner0/v5", "patterns"),
            ("/tuner/v5", None),
            ("/tuner0", "patterns"),
            ("/videos/1", "jelly"),
            ("/VIDEOS/1", "jelly"),
            ("/system/INFO", "jelly"),
            ("/", "ui"),
        ],
    )
    def test_finds_the_longest_claim(self, table: PathTable[str], path: str, target: str | None) -> None:
        assert table.find(path) == target

    def test_refuses_what_is_no_claim(self, table: PathTable[str]) -> None:
        for claim in ("api", "/a/*/b", "/lineup*"):
            with pytest.raises(ValueError, match="is not a claim"):
                table.add([claim], "x", owner="x")

    def test_names_both_owners_of_a_conflict(self, table: PathTable[str]) -> None:
        with pytest.raises(ClaimedTwice, match="late and jelly both claim /videos/\\*"):
            table.add(["/videos/*"], "x", owner="late")

    def test_takes_a_claim_of_everything_last(self, table: PathTable[str]) -> None:
        table.add(["/*"], "rest of it", owner="last")
        assert table.find("/nothing") == "rest of it"
        assert table.find("/u/p/12") == "patterns"
        assert table.find("/") == "ui"


ROUTES = [
    RouteInfo(method="GET", path=path, policy=OPEN)
    for path in ("/a/{id}/", "/a/swagger.json", "/a/{id}/{name}.json", "/b", "/b/{rest:path}/")
]


class TestASlashRule:
    @pytest.mark.parametrize(
        ("slash", "method", "path", "answer"),
        [
            (Slash.ADD, "GET", "/a/5", (301, "/a/5/")),
            (Slash.ADD, "HEAD", "/a/5", (301, "/a/5/")),
            (Slash.ADD, "POST", "/a/5", None),
            (Slash.ADD, "GET", "/a/5/", None),
            (Slash.ADD, "GET", "/a/swagger.json", None),
            (Slash.ADD, "GET", "/a/5/x.json", None),
            (Slash.ADD, "GET", "/", None),
            (Slash.STRIP, "GET", "/b/", (307, "/b")),
            (Slash.STRIP, "PUT", "/b/", (307, "/b")),
            (Slash.STRIP, "GET", "/a/5/", None),
            (Slash.STRIP, "GET", "/b/x/y/", None),
            (Slash.EITHER, "GET", "/b/", None),
            (Slash.EXACT, "GET", "/b/", None),
        ],
    )
    def test_redirects_or_serves(self, slash: Slash, method: str, path: str, answer: tuple[int, str] | None) -> None:
        assert SlashRule(slash, ROUTES).redirect(method, path) == answer

    @pytest.mark.parametrize(
        ("path", "refused"),
        [("/a/5", True), ("/a/5/", False), ("/b", False), ("/b/", True), ("/none", False), ("/", False)],
    )
    def test_does_not_forgive_where_it_is_exact(self, path: str, refused: bool) -> None:
        assert SlashRule(Slash.EXACT, ROUTES).refuses(path) is refused
        assert not SlashRule(Slash.EITHER, ROUTES).refuses(path)
