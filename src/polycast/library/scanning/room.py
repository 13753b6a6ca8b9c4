"""The scanner, built."""

from collections.abc import Callable

from polycast.core.clock import Clock
from polycast.core.ids import Ids
from polycast.core.jobs import Job
from polycast.core.storage import Database
from polycast.library.catalogue.room import Catalogue
from polycast.library.probing.service import Prober
from polycast.library.scanning.discovery import Discovery
from polycast.library.scanning.matching import MatchPhase
from polycast.library.scanning.ports import Enricher
from polycast.library.scanning.probing import ProbePhase
from polycast.library.scanning.problems import Problems, Trouble
from polycast.library.scanning.scans import Phases, Rescans, Scans
from polycast.library.scanning.store import ScanStore
from polycast.library.scanning.store_problems import ProblemStore
from polycast.library.scanning.telling import Tell
from polycast.library.settings import LibrarySettings
from polycast.library.workflows.service import Workflows


class Scanning:
    """Everything from folders to titles."""

    def __init__(
        self, *, db: Database, catalogue: Catalogue, workflows: Workflows, prober: Prober, enriching: Enricher,
        matching: MatchPhase, store: ScanStore, settings: Callable[[], LibrarySettings], tell: Tell, clock: Clock,
        ids: Ids,
    ) -> None:  # fmt: skip
        libraries = catalogue.stores.libraries
        phases = Phases(
            discovery=Discovery(db=db, store=store, libraries=libraries, clock=clock, ids=ids),
            probing=ProbePhase(db=db, store=store, prober=prober),
            matching=matching,
            enriching=enriching,
        )
        self.scans = Scans(
            db=db, libraries=libraries, viewers=catalogue.viewers, phases=phases, workflows=workflows,
            settings=settings, tell=tell, clock=clock,
        )  # fmt: skip
        self.rescans = Rescans(db=db, libraries=libraries, scans=self.scans)
        self.problems = Problems(db=db, viewers=catalogue.viewers, libraries=libraries, store=ProblemStore(Trouble))

    def jobs(self) -> list[Job]:
        """For the worker."""
        return [*self.scans.jobs(), *self.rescans.jobs()]
