"""One refresh under way, and how it can be refused."""

from datetime import datetime, timedelta
from pathlib import Path

from msgspec import Struct, field

from polycast.core.errors import PolycastError
from polycast.core.jobs.model import Run
from polycast.live.sources.accounts.state import Loaded
from polycast.live.sources.model import AccountType, RefreshAccount
from polycast.live.sources.refresh.fetch import Material
from polycast.live.sources.refresh.importing import Outcome, Target
from polycast.live.sources.refresh.meter import Meter
from polycast.live.sources.refresh.playlist import Tally
from polycast.live.sources.refresh.scan import Groups, Scan


class Held(PolycastError):
    """The drop guard: most entries are gone, so nothing was changed until somebody confirms."""

    code = "held"


class NothingUsable(PolycastError):
    """The source answers well, but not one entry can be used."""

    code = "nothing_usable"


class Work(Struct, kw_only=True):
    """One refresh under way."""

    payload: RefreshAccount
    run: Run
    now: datetime
    started: timedelta
    loaded: Loaded
    keys: tuple[str, ...]
    groups: Groups
    trusts: bool  # the settings are those of the last import
    meter: Meter
    material: Material = Material()
    tally: Tally = field(default_factory=Tally)
    outcome: Outcome = field(default_factory=Outcome)
    scan: Scan | None = None

    @property
    def account_id(self) -> int:
        return self.loaded.account.id

    @property
    def kind(self) -> AccountType:
        return self.loaded.account.account_type

    @property
    def path(self) -> Path:
        if self.material.path is None:
            raise NothingUsable("There is no playlist to read.")
        return self.material.path

    @property
    def entries(self) -> int:
        """How many entries the source has, before filters."""
        return self.material.survey.entries if self.material.survey else self.loaded.entry_count

    @property
    def target(self) -> Target:
        account = self.loaded.account
        return Target(
            account_id=account.id,
            now=self.now,
            last_seen=account.scanned_at or self.now,
            stale_for=timedelta(days=account.stale_days),
            indexed_id=self.loaded.indexed_id,
        )
