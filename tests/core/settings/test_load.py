"""The tree as the host sets it: environment, polycast.toml, defaults."""

from pathlib import Path
from typing import Annotated

import msgspec
import pytest
from msgspec import Meta, Struct

from polycast.core.settings import BadSettings, CoreSettings, SecretText, read_host
from polycast.core.settings.book import SettingsBook


class Relay(Struct, frozen=True, kw_only=True):
    """A part of a section."""

    timeout_s: Annotated[float, Meta(ge=0.5, le=60)] = 4.0


class Toy(Struct, frozen=True, kw_only=True):
    """A module's section."""

    scripts: bool = False
    relay: Relay = Relay()


SECTIONS = {"toy": Toy}


def book(environ: dict[str, str], toml: Path | None = None) -> SettingsBook:
    fixed, _ = read_host(environ, toml, SECTIONS)
    return SettingsBook(fixed, SECTIONS)


class TestNothingIsSet:
    def test_every_setting_has_its_default(self) -> None:
        settings = book({})
        assert settings.core.port == 8000
        assert settings.of(Toy) == Toy()


class TestTheEnvironmentSetsThings:
    def test_a_name_with_double_underscores_reaches_into_the_tree(self) -> None:
        settings = book({"POLYCAST_TOY__RELAY__TIMEOUT_S": "2.5", "POLYCAST_TOY__SCRIPTS": "true"})
        assert settings.of(Toy) == Toy(scripts=True, relay=Relay(timeout_s=2.5))

    def test_lists_are_split_at_commas_and_paths_at_colons(self) -> None:
        settings = book(
            {
                "POLYCAST_EXTRA_PORTS": "8282, 3000",
                "POLYCAST_MEDIA_DIRS": "/srv/films:/srv/shows",
                "POLYCAST_NET__TRUSTED_HOSTS": "127.0.0.1,tuner.lan",
            }
        )
        assert settings.core.extra_ports == (8282, 3000)
        assert settings.core.media_dirs == (Path("/srv/films"), Path("/srv/shows"))
        assert settings.core.net.trusted_hosts == ("127.0.0.1", "tuner.lan")

    def test_a_value_that_does_not_fit_names_its_variable(self) -> None:
        with pytest.raises(BadSettings, match="POLYCAST_PORT"):
            book({"POLYCAST_PORT": "many"})

    # Kubernetes sets POLYCAST_PORT_8000_TCP and the like for a service of that name.
    def test_a_name_nobody_knows_is_told_not_refused(self) -> None:
        _, strange = read_host({"POLYCAST_PORT_8000_TCP": "x", "HOME": "/root"}, None, SECTIONS)
        assert strange == ["POLYCAST_PORT_8000_TCP"]


class TestAFileSetsThings:
    def test_it_is_the_same_tree_and_the_environment_wins(self, tmp_path: Path) -> None:
        toml = tmp_path / "polycast.toml"
        toml.write_text('port = 9000\nhost = "0.0.0.0"\n[toy.relay]\ntimeout_s = 3\n')
        settings = book({"POLYCAST_PORT": "9001"}, toml)
        assert (settings.core.port, settings.core.host) == (9001, "0.0.0.0")
        assert settings.of(Toy).relay.timeout_s == 3.0

    def test_a_broken_file_says_where_it_is(self, tmp_path: Path) -> None:
        toml = tmp_path / "polycast.toml"
        toml.write_text("port = = 1")
        with pytest.raises(BadSettings, match=r"polycast\.toml"):
            book({}, toml)


class TestSecretsAmongTheSettings:
    def test_they_are_never_printed(self) -> None:
        settings = book({"POLYCAST_DATABASE_URL": "postgresql://me:hunter2@db/polycast"})
        assert "hunter2" not in repr(settings.core)
        assert isinstance(settings.core, CoreSettings)
        described = {info.path: info.value for info in settings.describe()}
        assert described["database_url"] == "***"


class TestNamesOfAnotherProgram:
    def test_they_work_and_ours_wins(self) -> None:
        class Watch(Struct, frozen=True, kw_only=True):
            open_door: Annotated[bool, Meta(extra={"env": ("CW_DISABLE_AUTH",)})] = False

        fixed, strange = read_host({"CW_DISABLE_AUTH": "true"}, None, {"watch": Watch})
        assert (fixed, strange) == ({"watch.open_door": True}, [])
        both = {"CW_DISABLE_AUTH": "true", "POLYCAST_WATCH__OPEN_DOOR": "false"}
        assert read_host(both, None, {"watch": Watch}) == ({"watch.open_door": False}, [])

    # Decypharr's users set its whole tree so (`DECYPHARR_DEBRIDS__0__API_KEY`): only the module knows what is in it.
    def test_a_whole_tree_of_them_goes_to_one_setting(self) -> None:
        class Fetch(Struct, frozen=True, kw_only=True):
            fixed: Annotated[SecretText, Meta(extra={"env_prefixes": ("OTHER_", "POLYCAST_FETCH__")})] = SecretText("")
            named: int = 0

        environ = {"OTHER_A__0__KEY": "k", "POLYCAST_FETCH__B": "c", "POLYCAST_FETCH__NAMED": "7", "HOME": "/"}
        fixed, strange = read_host(environ, None, {"fetch": Fetch})
        text = fixed["fetch.fixed"].plain
        assert (msgspec.json.decode(text), strange) == ({"OTHER_A__0__KEY": "k", "POLYCAST_FETCH__B": "c"}, [])
        assert fixed["fetch.named"] == 7
