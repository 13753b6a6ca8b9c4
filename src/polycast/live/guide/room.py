"""The guide, built: services for dialects and other features, jobs, listeners and events for the module."""

from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from polycast.core.clock import Clock
from polycast.core.events.model import Event, Listener
from polycast.core.files import open_compressed
from polycast.core.ids import Ids
from polycast.core.jobs.model import Job, Lane, Retry, Tick
from polycast.core.net import Net
from polycast.core.secrets import Secrets
from polycast.core.storage import Database, Unit
from polycast.live.folders import FolderWatch
from polycast.live.guide.dummies import Dummies
from polycast.live.guide.fetching import GuideFetches
from polycast.live.guide.files import GuideFiles, GuideUploads
from polycast.live.guide.guide_channels import GuideChannels
from polycast.live.guide.importing import GuideImporter
from polycast.live.guide.listings import Listings
from polycast.live.guide.match.service import Matched, MatchGuides, Matching, MatchProgress, SingleMatched
from polycast.live.guide.match.store import SuggestionStore
from polycast.live.guide.model import PUBLISHED, GuideRefreshed, GuideSourceChanged, LoadGuide, RefreshGuide
from polycast.live.guide.ports import Assigner, Pictures, Teller, Viewers
from polycast.live.guide.posters import Posters
from polycast.live.guide.programmes import Programmes
from polycast.live.guide.refresh import GuideRefreshes
from polycast.live.guide.sources import GuideSources
from polycast.live.guide.store_channels import GuideChannelStore
from polycast.live.guide.store_guided import GuidedStore
from polycast.live.guide.store_pages import PageStore
from polycast.live.guide.store_sources import SourceStore
from polycast.live.guide.watch import WatchedGuides
from polycast.live.guide.windows import GuideWindows
from polycast.live.lineup.store_links import LinkStore
from polycast.live.preferences.service import Preferences

SCRATCH = "tmp/live"


class ChannelGuideSet(Event, frozen=True, kw_only=True):
    """What the guide reads of the line-up's event."""

    name: ClassVar[str] = "live.channel_guide_set"
    guide_channel_ids: list[int] = []


class Guide:
    """Everything about what is on when."""

    def __init__(
        self,
        *,
        db: Database,
        secrets: Secrets,
        net: Net,
        viewers: Viewers,
        preferences: Preferences,
        assigner: Assigner,
        pictures: Pictures,
        ids: Ids,
        teller: Teller,
        clock: Clock,
        zone: ZoneInfo,
        data_dir: Path,
    ) -> None:
        store, channels, pages, self.guided = SourceStore(), GuideChannelStore(), PageStore(), GuidedStore()
        self.files = GuideFiles(data_dir)
        fetches = GuideFetches(net=net, unpack=open_compressed, files=self.files)
        rows: dict[str, Any] = {"db": db, "store": store, "channels": channels, "pages": pages}
        rows |= {"secrets": secrets, "clock": clock, "zone": zone}
        self.sources = GuideSources(**rows, files=self.files, recover=LinkStore().recover)
        watched = WatchedGuides(sources=self.sources, store=store)
        self.watch = FolderWatch(db=db, files=self.files, preferences=preferences, watched=watched)
        self.dummies = Dummies(sources=store, guided=self.guided)
        self.programmes = Programmes(store=pages, dummies=self.dummies)
        self.guide_channels = GuideChannels(db=db, store=channels)
        reading: dict[str, Any] = {"db": db, "programmes": self.programmes, "viewers": viewers, "clock": clock}
        self.listings = Listings(**reading, guided=self.guided, channels=channels, pages=pages)
        self.windows = GuideWindows(**reading, guided=self.guided, pages=pages)
        telling: dict[str, Any] = {"db": db, "teller": teller, "clock": clock}
        self.matching = Matching(
            **telling,
            store=SuggestionStore(),
            guide_channels=channels,
            preferences=preferences,
            assigner=assigner,
        )
        self.posters = Posters(listings=self.listings, pictures=pictures, net=net)
        self.uploads = GuideUploads(files=self.files, ids=ids)
        self.refreshes = GuideRefreshes(
            **telling,
            sources=self.sources,
            store=store,
            channels=channels,
            importer=GuideImporter(db=db, channels=channels, store=pages, fetches=fetches, folder=data_dir / SCRATCH),
            fetches=fetches,
        )

    def jobs(self) -> list[Job]:
        """The worker's part."""
        return [
            Job(
                name="live.refresh_guide",
                payload=RefreshGuide,
                run=self.refreshes.refresh,
                one_per="source_id",
                timeout=timedelta(minutes=30),
                # The fetch has its own tries; the next refresh comes by schedule. One more is for a killed worker.
                retry=Retry(attempts=2, first_wait=timedelta(minutes=2)),
                title="Refresh a guide",
            ),
            Job(
                name="live.load_guide",
                payload=LoadGuide,
                run=self.refreshes.load,
                one_per="source_id",
                timeout=timedelta(minutes=20),
                retry=Retry(attempts=2, first_wait=timedelta(seconds=10)),
                title="Read the programmes of mapped channels",
            ),
            Job(
                name="live.match_guides",
                payload=MatchGuides,
                run=self.matching.run,
                timeout=timedelta(minutes=20),
                retry=Retry(attempts=2, first_wait=timedelta(seconds=10)),
                title="Find guides for channels",
            ),
            Job(
                name="live.watch_guide_files",
                payload=Tick,
                run=self.watch.look,
                lane=Lane.QUICK,
                one_per="",
                every=timedelta(seconds=20),
                title="Look for new guide files",
            ),
            Job(
                name="live.refresh_due_guides",
                payload=Tick,
                run=self.refreshes.refresh_due,
                one_per="",
                every=timedelta(minutes=1),
                title="Refresh guides that are due",
            ),
        ]

    def listeners(self) -> list[Listener]:
        """What the guide does when something has happened."""
        return [
            Listener(name="live.load_mapped_guides", event=ChannelGuideSet, once=self._mapped),
            Listener(name="live.forget_guide_files", event=GuideSourceChanged, once=self._changed),
            Listener(name="live.apply_guide_logos", event=GuideRefreshed, once=self.refreshes.refreshed),
        ]

    def events(self) -> list[type[Event]]:
        """What is published or told from here."""
        return [*PUBLISHED, MatchProgress, Matched, SingleMatched]

    def _mapped(self, unit: Unit, event: ChannelGuideSet) -> None:
        self.refreshes.mapped(unit, event.guide_channel_ids)

    def _changed(self, unit: Unit, event: GuideSourceChanged) -> None:
        if event.change == "deleted":
            self.refreshes.forgotten(unit, event.source_id)
