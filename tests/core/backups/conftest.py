from collections.abc import Iterator
from pathlib import Path

import pytest

from polycast.core.storage import Branch, StorageSettings, migrate
from tests.core.backups.world import put_covers, write_branch
from tests.engines import ENGINES, place


@pytest.fixture
def branch(tmp_path: Path) -> Branch:
    return write_branch(tmp_path / "shop-revisions")


@pytest.fixture(params=ENGINES)
def settings(request: pytest.FixtureRequest, tmp_path: Path, branch: Branch) -> Iterator[StorageSettings]:
    """A shop without films, on each engine."""
    with place(request.param, tmp_path) as settings:
        migrate(settings, [branch])
        put_covers(settings.data_dir, stalker="the old cover")
        yield settings


@pytest.fixture
def on_sqlite(tmp_path: Path, branch: Branch) -> StorageSettings:
    """The same, where the engine makes no difference."""
    settings = StorageSettings(data_dir=tmp_path / "data")
    migrate(settings, [branch])
    put_covers(settings.data_dir, stalker="the old cover")
    return settings
