from collections.abc import Iterator
from pathlib import Path

import pytest

from polycast.core.storage import StorageSettings
from tests.engines import ENGINES, place


@pytest.fixture(params=ENGINES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StorageSettings]:
    """An empty database on each engine."""
    with place(request.param, tmp_path) as settings:
        yield settings
