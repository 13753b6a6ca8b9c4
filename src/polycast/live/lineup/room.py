"""The line-up, built: services for dialects and other features, jobs and events for the module."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from polycast.core.clock import Clock
from polycast.core.events.model import Event
from polycast.core.ids import Ids
from polycast.core.jobs.model import Job, Lane, Tick
from polycast.core.net import Limits, Net, Trust
from polycast.core.storage import Database
from polycast.live.lineup import from_guide, from_streams
from polycast.live.lineup.bulk import BulkChanges
from polycast.live.lineup.channels import Channels, Viewers
from polycast.live.lineup.edits import ChannelEdits
from polycast.live.lineup.events import PUBLISHED
from polycast.live.lineup.from_guide import GuideFields
from polycast.live.lineup.from_streams import StreamChannels
from polycast.live.lineup.groups import Groups, Profiles
from polycast.live.lineup.kept import KeptAnswers, Versions
from polycast.live.lineup.logo_folder import LogoFolder
from polycast.live.lineup.logos import UPLOAD_LIMIT, Logos
from polycast.live.lineup.ports import Pictures
from polycast.live.lineup.store_channels import ChannelStore
from polycast.live.lineup.store_groups import GroupStore, ProfileStore
from polycast.live.lineup.store_links import LinkStore
from polycast.live.lineup.store_logos import LogoStore
from polycast.live.lineup.store_sync import SyncStore
from polycast.live.lineup.store_undos import UndoStore
from polycast.live.lineup.store_versions import VersionStore
from polycast.live.lineup.store_windows import WindowStore
from polycast.live.lineup.sync import AutoSync
from polycast.live.lineup.undo import Undos
from polycast.live.lineup.writing import ChannelWriter
from polycast.live.preferences.service import Preferences
from polycast.live.preferences.store import SettingsStore

LOGO: Final = Limits(
    connect=timedelta(seconds=5),
    first_byte=timedelta(seconds=10),
    total=timedelta(seconds=10),
    size_bytes=UPLOAD_LIMIT,
    counts_answers=False,
)


class LineUp:
    """Everything about channels, groups, profiles and logos."""

    def __init__(
        self,
        *,
        db: Database,
        viewers: Viewers,
        clock: Clock,
        ids: Ids,
        data_dir: Path,
        pictures: Pictures,
        net: Net,
        preferences: Preferences,
    ) -> None:
        groups, profiles, links = GroupStore(), ProfileStore(), LinkStore()
        self.writer = ChannelWriter(
            store=ChannelStore(), links=links, groups=groups, profiles=profiles, clock=clock, ids=ids
        )
        logos = LogoStore()
        self.sync = AutoSync(db=db, writer=self.writer, store=SyncStore(), logos=logos, clock=clock)
        self.channels = Channels(db=db, writer=self.writer, windows=WindowStore(), viewers=viewers, settling=self.sync)
        self.versions = Versions(db=db, store=VersionStore())
        self.kept = KeptAnswers()
        self.edits = ChannelEdits(db=db, writer=self.writer)
        self.undos = Undos(db=db, writer=self.writer, store=UndoStore(), clock=clock, ids=ids)
        self.bulk = BulkChanges(db=db, writer=self.writer, edits=self.edits, undos=self.undos)
        self.groups = Groups(db=db, store=groups)
        self.profiles = Profiles(db=db, store=profiles)
        self.from_streams = StreamChannels(db=db, writer=self.writer, logos=logos, clock=clock)
        self.guide_fields = GuideFields(db=db, writer=self.writer, logos=logos, clock=clock)
        self.logos = Logos(
            db=db,
            store=logos,
            links=links,
            pictures=pictures,
            fetcher=net.client(Trust.CONTENT, owner="live.logos", limits=LOGO),
            folder=data_dir / "logos",
            clock=clock,
            sees=self.channels.visible_to,
        )
        self.logo_folder = LogoFolder(
            db=db, store=logos, settings=SettingsStore(), preferences=preferences, data_dir=data_dir, clock=clock
        )

    def jobs(self) -> list[Job]:
        """The worker's part."""
        return [
            Job(
                name=from_streams.JOB,
                payload=from_streams.CreateChannels,
                run=self.from_streams.run,
                title="Make channels from streams",
            ),
            Job(
                name=from_guide.JOB,
                payload=from_guide.TakeFromGuide,
                run=self.guide_fields.run,
                title="Take names, ids or logos from the guide",
            ),
            Job(
                name="live.watch_logos",
                payload=Tick,
                run=self.logo_folder.look,
                lane=Lane.QUICK,
                one_per="",
                every=timedelta(seconds=20),
                title="Look for new logo files",
            ),
        ]

    def events(self) -> list[type[Event]]:
        """What is published from here."""
        return list(PUBLISHED)
