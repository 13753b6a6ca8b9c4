"""Guide sources: making, changing and deleting them, and asking for refreshes."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from msgspec import UNSET, Struct

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotBuilt, NotFound, Problem
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.secrets import Secrets, is_mask
from polycast.core.storage import Database, Unit, clean
from polycast.live.guide.files import GuideFiles
from polycast.live.guide.model import (
    GuideSource,
    GuideSourceChanged,
    RefreshGuide,
    SourceForm,
    SourceStatus,
    SourceType,
)
from polycast.live.guide.reading import Listed
from polycast.live.guide.store_channels import GuideChannelStore
from polycast.live.guide.store_pages import PageStore
from polycast.live.guide.store_sources import SourceStore
from polycast.live.sources.accounts.state import next_refresh, require_cron
from polycast.live.sources.addresses import is_masked, masked

NAME_LIMIT: Final = 255
URL_LIMIT: Final = 1000
CLEAR_AT_ONCE: Final = 50  # guide channels in one write
MOST_HOURS: Final = 24 * 365
PRIORITY: Final = 1_000_000


Recover = Callable[[Unit, str], None]  # after rows that this column of channels pointed at are gone


class Opened(Struct, frozen=True, kw_only=True):
    """A source as a refresh needs it, secrets opened."""

    source: GuideSource
    url: str
    etag: str
    last_modified: str
    digest: bytes | None


class GuideSources:
    """Where programmes come from."""

    def __init__(
        self,
        *,
        db: Database,
        store: SourceStore,
        channels: GuideChannelStore,
        pages: PageStore,
        files: GuideFiles,
        recover: Recover,
        secrets: Secrets,
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        self._db = db
        self._store = store
        self._channels = channels
        self._pages = pages
        self._files = files
        self._recover = recover
        self._secrets = secrets
        self._clock = clock
        self._zone = zone

    async def all(self, caller: Caller) -> list[GuideSource]:
        """All sources, by name. Raises: NotAllowed."""
        caller.require(Scope.LIVE_READ)
        return await self._db.read(self._store.all)

    async def get(self, caller: Caller, source_id: int) -> GuideSource:
        """Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIVE_READ)
        return await self._db.read(self._known, source_id)

    async def create(self, caller: Caller, form: SourceForm) -> GuideSource:
        """Add a source; its guide is then fetched in the background. Raises: NotAllowed; Invalid."""
        caller.require(Scope.LIVE_WRITE)
        return await self._db.write(self._create, form, caller.user_id)

    async def change(self, caller: Caller, source_id: int, form: SourceForm) -> GuideSource:
        """Raises: NotAllowed; NotFound; Invalid."""
        caller.require(Scope.LIVE_WRITE)
        return await self._db.write(self._change, source_id, form)

    async def delete(self, caller: Caller, source_id: int) -> None:
        """Remove a source with its channels and programmes. Raises: NotAllowed; NotFound."""
        caller.require(Scope.LIVE_WRITE)
        await self._db.read(self._known, source_id)
        # In short writes first: a week of a big guide is a hundred megabytes, and others want to write as well.
        while ids := await self._db.read(self._channels.stored, source_id, CLEAR_AT_ONCE):
            await self._db.write(self._clear, ids)
        await self._db.write(self._delete, source_id)

    async def refresh(self, caller: Caller, source_id: int, *, force: bool = False) -> int:
        """Ask for a refresh; the job's id.

        Raises: NotAllowed; NotFound; Invalid for a dummy guide; Conflict when it is switched off; NotBuilt.
        """
        caller.require(Scope.LIVE_WRITE)
        return await self._db.write(self._ask, source_id, force, caller.user_id)

    def open(self, unit: Unit, source_id: int) -> Opened | None:
        """A source with its address in plain words. Raises: Unsealable, when the key that sealed it is gone."""
        row, source = self._store.row(unit, source_id), self._store.by_id(unit, source_id)
        if row is None or source is None:
            return None
        sealed = row.url_sealed
        url = self._secrets.open(sealed, context=_context(source_id, "url")) if sealed else ""
        return Opened(source=source, url=url, etag=row.etag, last_modified=row.last_modified, digest=row.content_digest)

    def plan_next(self, unit: Unit, source: GuideSource, now: datetime) -> None:
        """Set when the source is refreshed next."""
        due = next_refresh(source.cron, source.refresh_hours, now=now, zone=self._zone)
        is_due = source.is_active and source.source_type is SourceType.XMLTV
        self._store.update(unit, source.id, {"next_refresh_at": due if is_due else None})

    def _create(self, unit: Unit, form: SourceForm, by: int | None) -> GuideSource:
        now = self._clock.now()
        values = self._checked(unit, form, None)
        is_active = values.setdefault("is_active", True)
        status = SourceStatus.IDLE if is_active else SourceStatus.DISABLED
        values = {"source_type": "xmltv", "custom_properties": {}, "status": status.value, "created_at": now, **values}
        source_id = self._store.insert(unit, values)
        self._store.update(unit, source_id, self._sealed(form, source_id))
        source = self._known(unit, source_id)
        self.plan_next(unit, source, now)
        self._keep_entry(unit, source)
        unit.publish(GuideSourceChanged(source_id=source_id, change="created"))
        if is_active and source.source_type is SourceType.XMLTV and (form.url or form.file_path):
            unit.enqueue("live.refresh_guide", RefreshGuide(source_id=source_id), by=by)
        return self._known(unit, source_id)

    def _change(self, unit: Unit, source_id: int, form: SourceForm) -> GuideSource:
        source = self._known(unit, source_id)
        values = self._checked(unit, form, source)
        if values.get("is_active", source.is_active) != source.is_active:
            values["status"] = (SourceStatus.IDLE if values["is_active"] else SourceStatus.DISABLED).value
        if "custom_properties" in values:
            merged = {**source.custom_properties, **values["custom_properties"]}
            values["custom_properties"] = {k: v for k, v in merged.items() if v is not None}
        self._store.update(unit, source_id, {**values, **self._sealed(form, source_id)})
        if values.get("file_path", source.file_path) != source.file_path:
            self._left(unit, source.file_path)
        if values.keys() & {"is_active", "cron", "refresh_hours", "source_type"}:
            self.plan_next(unit, self._known(unit, source_id), self._clock.now())
        self._keep_entry(unit, self._known(unit, source_id))
        unit.publish(GuideSourceChanged(source_id=source_id, change="updated"))
        return self._known(unit, source_id)

    def _keep_entry(self, unit: Unit, source: GuideSource) -> None:
        """A dummy guide has one guide channel, by which channels are mapped to it."""
        if source.source_type is not SourceType.DUMMY:
            return
        entry = Listed(f"dummy-{source.id}", source.name, "")
        known = self._channels.page_of(unit, source.id, None)
        if not known:
            self._channels.add(unit, source.id, [entry])
        else:
            self._channels.rename(unit, [(known[0].id, entry)])
        self._store.update(unit, source.id, {"channel_count": 1})

    def _delete(self, unit: Unit, source_id: int) -> None:
        source = self._known(unit, source_id)
        self._store.delete(unit, source_id)
        self._recover(unit, "guide_channel_id")
        self._left(unit, source.file_path)
        unit.publish(GuideSourceChanged(source_id=source_id, change="deleted"))

    def _left(self, unit: Unit, file_path: str) -> None:
        """An upload that no source reads any more leaves the disk with this commit."""
        if file_path and not self._store.is_file_read(unit, file_path):
            unit.after_commit(lambda: self._files.drop(file_path))

    def _clear(self, unit: Unit, guide_channel_ids: list[int]) -> None:
        self._pages.clear(unit, guide_channel_ids)
        for each in guide_channel_ids:
            self._channels.set_programmes(unit, each, fingerprint=None, count=0)

    def _ask(self, unit: Unit, source_id: int, force: bool, by: int | None) -> int:
        source = self._known(unit, source_id)
        if source.source_type is SourceType.DUMMY:
            raise Invalid.one("id", "dummy", "A dummy guide has nothing to import.")
        if source.source_type is SourceType.SCHEDULES_DIRECT:
            raise NotBuilt("Guides from Schedules Direct cannot be fetched by this version.")
        if not source.is_active:
            raise Conflict("The source is switched off.", reason="inactive")
        return unit.enqueue("live.refresh_guide", RefreshGuide(source_id=source_id, force=force), by=by)

    def _checked(self, unit: Unit, form: SourceForm, source: GuideSource | None) -> dict[str, Any]:
        """The plain columns that `form` sets. Raises: Invalid with everything that is wrong."""
        problems: list[Problem] = []
        values: dict[str, Any] = {}
        if form.name is not UNSET or source is None:
            values["name"] = name = clean(form.name if isinstance(form.name, str) else "", NAME_LIMIT * 4)
            problems += self._name_problems(unit, form, name, None if source is None else source.id)
        if form.source_type is not UNSET:
            values["source_type"] = form.source_type
            if form.source_type not in set(SourceType):
                problems.append(Problem("source_type", "not_a_choice", {"value": form.source_type}))
        if isinstance(form.url, str) and not is_masked(form.url):
            problems += _url_problems(form.url.strip())
        for field, low, high in (("refresh_hours", 0, MOST_HOURS), ("priority", -PRIORITY, PRIORITY)):
            number = getattr(form, field)
            if number is not UNSET:
                values[field] = number
                problems += _range_problems(field, number, low, high)
        if form.cron is not UNSET:
            values["cron"] = form.cron.strip()
            problems += self._cron_problems(values["cron"])
        for plain in ("is_active", "file_path", "custom_properties"):
            if getattr(form, plain) is not UNSET:
                values[plain] = getattr(form, plain)
        if problems:
            raise Invalid(problems)
        return values

    def _name_problems(self, unit: Unit, form: SourceForm, name: str, but: int | None) -> list[Problem]:
        if form.name is UNSET:
            return [Problem("name", "required")]
        if not name:
            return [Problem("name", "blank")]
        if len(name) > NAME_LIMIT:
            return [Problem("name", "max_length", {"limit": NAME_LIMIT})]
        if self._store.is_name_taken(unit, name, but=but):
            return [Problem("name", "unique", {"model": "epg source", "field": "name"})]
        return []

    def _cron_problems(self, cron: str) -> list[Problem]:
        try:
            require_cron(cron, now=self._clock.now(), zone=self._zone)
        except Invalid as error:
            return list(error.problems)
        return []

    def _sealed(self, form: SourceForm, source_id: int) -> Mapping[str, Any]:
        values: dict[str, Any] = {}
        if isinstance(form.url, str) and not is_masked(form.url):
            url = form.url.strip()
            values |= {
                "url_sealed": self._secrets.seal(url, context=_context(source_id, "url")) if url else None,
                "url_masked": masked(url),
                "etag": "",
                "last_modified": "",
                "content_digest": None,
            }
        for name in ("username", "password"):
            sent = getattr(form, name)
            if sent is UNSET or is_mask(sent) or (name == "password" and not sent):
                continue
            sealed = self._secrets.seal(sent, context=_context(source_id, name)) if sent else None
            values[f"{name}_sealed"] = sealed
        return values

    def _known(self, unit: Unit, source_id: int) -> GuideSource:
        source = self._store.by_id(unit, source_id)
        if source is None:
            raise NotFound("The guide source")
        return source


def _context(source_id: int, what: str) -> str:
    return f"live.guide_source:{source_id}:{what}"


def _url_problems(url: str) -> list[Problem]:
    if not url:
        return []
    if len(url) > URL_LIMIT:
        return [Problem("url", "max_length", {"limit": URL_LIMIT})]
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_good = False
    return [] if is_good else [Problem("url", "bad_url", text="Enter a valid URL.")]


def _range_problems(field: str, number: int, low: int, high: int) -> list[Problem]:
    path = "refresh_interval" if field == "refresh_hours" else field
    if number < low:
        return [Problem(path, "min_value", {"limit": low})]
    return [Problem(path, "max_value", {"limit": high})] if number > high else []
