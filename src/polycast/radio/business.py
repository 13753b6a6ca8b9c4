"""The rooms of the hosting business: accounts, their money side, their letters."""

import polycast
from polycast.core.events import Event, Listener
from polycast.core.house import Core
from polycast.core.jobs import Job
from polycast.core.module import Daemon
from polycast.core.net import Trust
from polycast.radio.accounts.around import Surveys
from polycast.radio.accounts.pool import Pool
from polycast.radio.accounts.service import Accounts
from polycast.radio.accounts.store import AccountStore
from polycast.radio.accounts.store_usage import UsageStore
from polycast.radio.accounts.watching import Watching
from polycast.radio.billing.service import Billing
from polycast.radio.company.service import CompanyRoom
from polycast.radio.company.store import ValueStore
from polycast.radio.events import PUBLISHED
from polycast.radio.lifecycle.jobs import jobs as lifecycle_jobs
from polycast.radio.lifecycle.service import Lifecycle
from polycast.radio.machine.service import Machine
from polycast.radio.mail.jobs import jobs as mail_jobs
from polycast.radio.mail.service import MailRoom
from polycast.radio.mail.store import MailStore
from polycast.radio.migration.jobs import jobs as migration_jobs
from polycast.radio.migration.service import Migrations
from polycast.radio.migration.store import HostStore
from polycast.radio.ports import Air
from polycast.radio.profiles.service import Profiles
from polycast.radio.resets.service import Resets
from polycast.radio.saves.jobs import jobs as save_jobs
from polycast.radio.saves.restoring import Restoring
from polycast.radio.saves.service import Saves
from polycast.radio.saves.store_rows import RowStore
from polycast.radio.settings import RadioSettings
from polycast.radio.signin.service import SignIn
from polycast.radio.stations.making import Making
from polycast.radio.stations.store import StationStore
from polycast.radio.templates.service import Templates
from polycast.radio.templates.store import TemplateStore


class Business:
    """Everything about customers that is not sound. `air` tells who listens."""

    def __init__(self, core: Core, *, air: Air) -> None:
        self._core = core
        self.store = AccountStore()
        self.stations = StationStore()
        self.making = Making(store=self.stations, secrets=core.secrets, tokens=core.tokens, clock=core.clock)
        self.company = CompanyRoom(
            db=core.db,
            store=ValueStore(),
            secrets=core.secrets,
            tokens=core.tokens,
            clock=core.clock,
            data_dir=core.data_dir,
            node=core.node,
        )
        self.mail = MailRoom(
            db=core.db,
            store=MailStore(),
            company=self.company,
            owners=self.store,
            secrets=core.secrets,
            out=core.net.client(Trust.SOURCE, owner="radio.mail"),
            settings=self.settings,
            public_url=self.public_url,
            clock=core.clock,
        )
        self.accounts = self._accounts()
        self.surveys = Surveys(db=core.db, store=self.store, usage=UsageStore(), air=air, clock=core.clock)
        self.templates = Templates(db=core.db, store=TemplateStore())
        self.machine = Machine(clock=core.clock, data_dir=core.data_dir, zone=core.zone())
        self._people()
        self.saves = self._saves()
        self.lifecycle = self._lifecycle()
        self.watching = Watching(db=core.db, store=self.store, letters=self.mail, clock=core.clock)
        self.migrations = Migrations(
            db=core.db,
            store=self.store,
            stations=self.stations,
            hosts=HostStore(),
            values=ValueStore(),
            out=core.net.client(Trust.SOURCE, owner="radio.migration"),
            secrets=core.secrets,
            tokens=core.tokens,
            clock=core.clock,
            data_dir=core.data_dir,
        )

    def _accounts(self) -> Accounts:
        core = self._core
        self.pool = Pool(
            db=core.db, store=self.store, pairs=self.stations, settings=self.settings, host=core.settings.core.host
        )
        return Accounts(
            db=core.db,
            store=self.store,
            identity=core.identity,
            pool=self.pool,
            letters=self.mail,
            caps=self.company,
            rationing=self.stations,
            clock=core.clock,
        )

    def _people(self) -> None:
        """Signing in, one's own profile, forgotten passwords, billing programs."""
        core = self._core
        self.sign_in = SignIn(
            db=core.db, store=self.store, identity=core.identity, tokens=core.tokens, clock=core.clock
        )
        self.profiles = Profiles(
            db=core.db,
            store=self.store,
            identity=core.identity,
            tokens=core.tokens,
            clock=core.clock,
            data_dir=core.data_dir,
        )
        self.resets = Resets(
            db=core.db,
            store=self.store,
            identity=core.identity,
            mail=self.mail,
            tokens=core.tokens,
            public_url=self.public_url,
            clock=core.clock,
        )
        self.billing = Billing(
            db=core.db,
            identity=core.identity,
            sign_in=self.sign_in,
            accounts=self.accounts,
            store=self.store,
            templates=self.templates,
        )

    def _lifecycle(self) -> Lifecycle:
        core = self._core
        return Lifecycle(
            db=core.db,
            store=self.store,
            stations=self.stations,
            making=self.making,
            identity=core.identity,
            letters=self.mail,
            settings=self.settings,
            data_dir=core.data_dir,
            clock=core.clock,
            final=self.saves.make_last,
        )

    def _saves(self) -> Saves:
        core, rows = self._core, RowStore()
        restoring = Restoring(
            db=core.db,
            store=self.store,
            stations=self.stations,
            rows=rows,
            making=self.making,
            pool=self.pool,
            caps=self.company,
            identity=core.identity,
            secrets=core.secrets,
            clock=core.clock,
            data_dir=core.data_dir,
        )
        return Saves(
            db=core.db,
            store=self.store,
            rows=rows,
            restoring=restoring,
            letters=self.mail,
            secrets=core.secrets,
            tokens=core.tokens,
            clock=core.clock,
            data_dir=core.data_dir,
            folders=lambda: (self.settings().backup_dir, self.settings().restore_dir),
            version=polycast.__version__,
        )

    def settings(self) -> RadioSettings:
        """As they are now."""
        return self._core.settings.of(RadioSettings)

    def public_url(self) -> str:
        """The address in mails, without a slash at its end; empty when none is set."""
        return self._core.settings.core.public_url.rstrip("/")

    def jobs(self) -> list[Job]:
        """The worker's part."""
        return [
            *lifecycle_jobs(self.lifecycle),
            *mail_jobs(self.mail),
            *save_jobs(self.saves),
            *migration_jobs(self.migrations),
        ]

    def daemons(self) -> list[Daemon]:
        """Looks at the machine for its rates."""
        return [Daemon(name="radio.machine", run=self.machine.run, everywhere=True)]

    def listeners(self) -> list[Listener]:
        """What happens after something has happened."""
        return [*self.sign_in.listeners(), *self.lifecycle.listeners()]

    def events(self) -> list[type[Event]]:
        """What is published."""
        return list(PUBLISHED)
