"""The catalogue, built: stores that every room of the module shares, and what reads them."""

from pathlib import Path

from polycast.core.clock import Clock
from polycast.core.identity.service import Identity
from polycast.core.ids import Ids
from polycast.core.settings.book import SettingsBook
from polycast.core.storage import Database
from polycast.library.catalogue.files import Files
from polycast.library.catalogue.libraries import Libraries
from polycast.library.catalogue.statistics import Statistics
from polycast.library.catalogue.store_alike import AlikeStore
from polycast.library.catalogue.store_files import FileStore
from polycast.library.catalogue.store_items import ItemStore
from polycast.library.catalogue.store_libraries import LibraryStore
from polycast.library.catalogue.store_lists import ListStore
from polycast.library.catalogue.store_states import StateStore
from polycast.library.catalogue.store_statistics import StatisticsStore
from polycast.library.catalogue.store_viewer import ViewerStore
from polycast.library.catalogue.titles import Titles, TitleStores


class Catalogue:
    """Everything about what there is."""

    def __init__(self, *, db: Database, identity: Identity, settings: SettingsBook, clock: Clock, ids: Ids) -> None:
        self.viewers = ViewerStore()
        self.stores = TitleStores(
            viewers=self.viewers,
            libraries=LibraryStore(),
            items=ItemStore(),
            files=FileStore(),
            lists=ListStore(),
            states=StateStore(),
            alike=AlikeStore(),
        )
        self.titles = Titles(db=db, stores=self.stores)
        self.files = Files(
            db=db,
            viewers=self.viewers,
            libraries=self.stores.libraries,
            items=self.stores.items,
            files=self.stores.files,
        )

        def media_dirs() -> list[Path]:
            return [Path(one) for one in settings.core.media_dirs]

        self.libraries = Libraries(
            db=db, store=self.stores.libraries, viewers=self.viewers, identity=identity, media_dirs=media_dirs,
            clock=clock, ids=ids,
        )  # fmt: skip
        self.statistics = Statistics(
            db=db, viewers=self.viewers, libraries=self.stores.libraries, store=StatisticsStore()
        )
