"""What is known of titles, built."""

from collections.abc import Callable, Sequence

from polycast.core.house import Core
from polycast.core.jobs import Job
from polycast.core.net import IMAGE, Outbound, Trust
from polycast.library.catalogue.room import Catalogue
from polycast.library.metadata.artwork import Artwork
from polycast.library.metadata.curating import Curating
from polycast.library.metadata.enriching import EnrichPhase
from polycast.library.metadata.local import LocalStep
from polycast.library.metadata.lookup import Lookup
from polycast.library.metadata.pictures import Pictures
from polycast.library.metadata.ports import TitleProvider
from polycast.library.metadata.ratings import RatingStep
from polycast.library.metadata.search import TitleIndex
from polycast.library.metadata.store import FactStore
from polycast.library.metadata.store_ratings import RatingStore
from polycast.library.metadata.subtitles import SubtitleFinder
from polycast.library.metadata.writing import FactWriter
from polycast.library.providers.room import Providers
from polycast.library.scanning.matching import MatchPhase
from polycast.library.scanning.store_match import MatchStore
from polycast.library.settings import LibrarySettings
from polycast.library.tracks.store import TrackStore
from polycast.library.workflows.service import Workflows


class Metadata:
    """Notes, pictures, providers, and what people decide."""

    def __init__(
        self, core: Core, *, catalogue: Catalogue, matching: MatchPhase, index: TitleIndex, workflows: Workflows,
        tracks: TrackStore, services: Providers, settings: Callable[[], LibrarySettings],
    ) -> None:  # fmt: skip
        facts = FactStore()
        writer = FactWriter(store=facts, matching=matching, clock=core.clock, ids=core.ids)

        def pictures(trust: Trust) -> Outbound:
            return core.net.client(trust, owner="library.pictures", limits=IMAGE)

        self.artwork = Artwork(folder=core.data_dir / "library" / "artwork", images=core.images, tokens=core.tokens)
        self.tmdb, self.tvdb = services.tmdb, services.tvdb
        self.ratings = RatingStep(db=core.db, store=RatingStore(), client=services.mdblist, clock=core.clock)
        self.subtitles = SubtitleFinder(
            db=core.db,
            files=catalogue.files,
            service=services.opensubtitles,
            store=tracks,
            clock=core.clock,
            ids=core.ids,
        )

        def providers(kind: str) -> Sequence[TitleProvider]:
            wanted = settings().movie_provider if kind == "movie" else settings().tv_provider
            return (self.tmdb, self.tvdb) if wanted == "tmdb" else (self.tvdb, self.tmdb)

        local = LocalStep(
            db=core.db, items=catalogue.stores.items, files=catalogue.stores.files, facts=facts, writer=writer,
            artwork=self.artwork, media=core.media, ids=core.ids,
        )  # fmt: skip
        self.lookup = Lookup(
            db=core.db, facts=facts, titles=MatchStore(), writer=writer, artwork=self.artwork,
            providers=providers, pictures=Pictures(out=pictures, addresses={
                "tmdb": lambda: settings().tmdb_images_url.rstrip("/"), "tvdb": lambda: settings().tvdb_url,
            }), clock=core.clock,
        )  # fmt: skip
        self.enriching = EnrichPhase(db=core.db, steps=[local, self.lookup, self.ratings], index=index)
        self.curating = Curating(
            db=core.db, titles=catalogue.titles, libraries=catalogue.stores.libraries, facts=facts, writer=writer,
            lookup=self.lookup, artwork=self.artwork, index=index, workflows=workflows,
            clock=core.clock, ids=core.ids,
        )  # fmt: skip

    def jobs(self) -> list[Job]:
        """For the worker."""
        return [*self.curating.jobs(), *self.ratings.jobs()]
