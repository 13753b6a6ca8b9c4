"""From a file at a provider to an address that can be read: once per file, however many ask."""

import asyncio
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from polycast.acquire.config.units import span
from polycast.acquire.links.store import LinkStore
from polycast.acquire.providers.accounts import Accounts, Live, fingerprint
from polycast.acquire.providers.errors import ProviderError, Trouble
from polycast.acquire.providers.model import DirectLink, FileAt
from polycast.core.clock import Clock
from polycast.core.secrets import Secrets, Unsealable
from polycast.core.storage import Database

REMEMBERED: Final = 5_000
CONTEXT: Final = "acquire.link"
RESET_ZONE: Final = ZoneInfo("Europe/Paris")  # providers count traffic by days of this zone
LONGEST_LIFE: Final = timedelta(days=3)


class Resolved(Struct, frozen=True, kw_only=True):
    """An address and the key it was asked for with."""

    link: DirectLink
    account: str  # fingerprint of the key
    made_at: datetime


class Links:
    """Memory, then the database, then the provider."""

    def __init__(self, *, db: Database, store: LinkStore, secrets: Secrets, accounts: Accounts, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._secrets = secrets
        self._accounts = accounts
        self._clock = clock
        self._known: OrderedDict[tuple[str, str], Resolved] = OrderedDict()
        self._asking: dict[tuple[str, str], asyncio.Future[Resolved]] = {}
        self._spent: dict[str, datetime] = {}  # key -> when it may be used again

    async def get(self, live: Live, file: FileAt) -> Resolved:
        """The address of a file. Several who ask at once wait for the same call. Raises: ProviderError."""
        name = (live.name, _word(file))
        known = self._known.get(name)
        if known is not None and self._is_good(live, known):
            self._known.move_to_end(name)
            return known
        if (asking := self._asking.get(name)) is not None:
            return await asyncio.shield(asking)
        answer: asyncio.Future[Resolved] = asyncio.get_running_loop().create_future()
        self._asking[name] = answer
        found: Resolved | None = None
        failure = ProviderError(Trouble.RETRY, "It was interrupted.")
        try:
            found = await self._found(live, file)
        except ProviderError as error:
            failure = error
            raise
        finally:
            del self._asking[name]
            if found is None:
                answer.set_exception(failure)
                answer.exception()  # nobody else may be waiting for it
            else:
                answer.set_result(found)
        self._known[name] = found
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return found

    async def expired(self, live: Live, file: FileAt) -> None:
        """The address that is known does not work any more."""
        self._known.pop((live.name, _word(file)), None)
        await self._db.write(self._store.drop, live.name, _word(file))

    def spent(self, resolved: Resolved, *, until: datetime | None = None) -> None:
        """The key has used up its traffic: leave it alone until the provider's midnight."""
        self._spent[resolved.account] = until or next_midnight(self._clock.now())

    def is_spent(self, live: Live) -> bool:
        """Whether every key of the account has used up its traffic."""
        return not self._keys(live)

    async def _found(self, live: Live, file: FileAt) -> Resolved:
        keys = self._keys(live)
        if not keys:
            raise ProviderError(Trouble.TRAFFIC, f"{live.name} has used up its traffic.", word="spent")
        for key in keys:
            account = fingerprint(key)
            row = await self._db.read(self._store.get, live.name, account, _word(file))
            if row is not None and self._lives(live, row.made_at):
                try:
                    url = self._secrets.open(row.url_sealed, context=CONTEXT)
                except Unsealable:
                    continue
                link = DirectLink(url=url, size_bytes=row.size_bytes)
                return Resolved(link=link, account=account, made_at=row.made_at)
        return await self._asked(live, file, keys)

    async def _asked(self, live: Live, file: FileAt, keys: list[str]) -> Resolved:
        for key in keys:
            try:
                link = await live.provider.link(file, key=key)
            except ProviderError as error:
                if error.trouble is Trouble.TRAFFIC:
                    self._spent[fingerprint(key)] = next_midnight(self._clock.now())
                    if key != keys[-1]:
                        continue
                raise
            found = Resolved(link=link, account=fingerprint(key), made_at=self._clock.now())
            await self._db.write(
                self._store.put,
                live.name,
                found.account,
                _word(file),
                url_sealed=self._secrets.seal(link.url, context=CONTEXT),
                size_bytes=link.size_bytes,
                at=found.made_at,
            )
            return found
        raise ProviderError(Trouble.TRAFFIC, f"{live.name} has used up its traffic.", word="spent")

    def _keys(self, live: Live) -> list[str]:
        now = self._clock.now()
        return [key for key in live.access.download_keys if self._spent.get(fingerprint(key), now) <= now]

    def _is_good(self, live: Live, known: Resolved) -> bool:
        now = self._clock.now()
        return self._lives(live, known.made_at) and self._spent.get(known.account, now) <= now

    def _lives(self, live: Live, made_at: datetime) -> bool:
        life = span(live.config.auto_expire_links_after, path="auto_expire_links_after") or LONGEST_LIFE
        return self._clock.now() - made_at < life


def next_midnight(now: datetime) -> datetime:
    """When providers start to count anew."""
    local = now.astimezone(RESET_ZONE)
    return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def _word(file: FileAt) -> str:
    return file.link or f"{file.item_id}/{file.file_id}"
