"""The configured accounts as things that can be asked, in the order of preference."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import blake2b
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from polycast.acquire.config.document import in_use
from polycast.acquire.config.model import Config, Debrid
from polycast.acquire.config.service import Configs
from polycast.acquire.config.units import Rate, rate
from polycast.acquire.providers.calls import USER_AGENT, Access, Calls, Judge
from polycast.acquire.providers.errors import ProviderError, Trouble
from polycast.acquire.providers.limits import CallClass, Windows
from polycast.acquire.providers.port import Provider
from polycast.acquire.providers.store import AccountStore
from polycast.core.clock import Clock
from polycast.core.net import API, LIVE, Net, Outbound, Trust, jitter, read_via, trust_at
from polycast.core.net.target import host_of
from polycast.core.storage import Database

DISABLED_FOR: Final = timedelta(minutes=10)
WEB_SHARE: Final = 0.8  # of each limit; the worker has the rest
STREAM: Final = LIVE  # no end in time or size: a film


class Kind(Struct, frozen=True):
    """A provider that the server knows."""

    base_url: str
    judge: Judge
    make: Callable[[Calls], Provider]
    limits: Mapping[CallClass, Rate] = {}  # beside those of the configuration


class Live(Struct, frozen=True, kw_only=True):
    """An account, ready to be asked."""

    config: Debrid
    access: Access
    provider: Provider
    calls: Calls
    trust: Trust = Trust.SOURCE

    @property
    def name(self) -> str:
        return self.config.name


class Accounts:
    """Makes clients of the configuration; one account's change touches no other's."""

    def __init__(
        self,
        *,
        configs: Configs,
        kinds: Mapping[str, Kind],
        net: Net,
        db: Database,
        store: AccountStore,
        clock: Clock,
        share: float = 1.0,
    ) -> None:
        self._configs = configs
        self._kinds = kinds
        self._net = net
        self._db = db
        self._store = store
        self._clock = clock
        self._share = share
        self._made: dict[str, tuple[Debrid, int, Live]] = {}
        self._windows: dict[str, Windows] = {}

    async def all(self) -> list[Live]:
        """Every account that has a key, in the order of the configuration."""
        return self._of(await self._configs.read())

    def last(self) -> list[Live]:
        """As of the last `all`."""
        return self._of(self._configs.last)

    def _of(self, config: Config) -> list[Live]:
        return [self._live(one, config.retries) for one in in_use(config)]

    async def usable(self) -> tuple[list[Live], dict[str, str]]:
        """Those that may be asked now, and why the others may not."""
        found = await self.all()
        disabled = await self._db.read(self._store.disabled, self._clock.now())
        return [one for one in found if one.name not in disabled], disabled

    async def named(self, name: str) -> Live | None:
        return next((one for one in await self.all() if one.name == name), None)

    async def failed(self, live: Live, error: ProviderError) -> None:
        """Leave an account alone for a while when it was refused as a whole."""
        if error.trouble is Trouble.ACCOUNT:
            until = self._clock.now() + DISABLED_FOR
            await self._db.write(self._store.put, live.name, error=error.message, disabled_until=until)

    async def passed(self, live: Live) -> None:
        """It answers again."""
        await self._db.write(self._store.put, live.name, error="", disabled_until=None)

    def stream_client(self, live: Live, url: str) -> Outbound:
        """A client for an address that this account has handed out."""
        host = host_of(url)
        trust = trust_at(host, live.access.host)
        # The proxy is for everything of the account; the pin only for its API, the file servers are others.
        return self._net.client(
            trust,
            via=read_via(proxy=live.config.proxy),
            owner=f"acquire.{live.name}.files",
            limits=STREAM,
            named_by=live.access.base_url,
            user_agent=USER_AGENT,
        )

    def _live(self, config: Debrid, retries: int) -> Live:
        known = self._made.get(config.name)
        if known is not None and known[:2] == (config, retries):
            return known[2]
        kind = self._kinds[config.provider]
        access = Access(
            name=config.name,
            base_url=config.base_url or kind.base_url,
            api_key=config.api_key,
            download_keys=tuple(key for key in config.download_api_keys if key) or (config.api_key,),
        )
        windows = self._windows.setdefault(config.name, Windows(self._clock, share=self._share, jitter=jitter))
        windows.set(dict(kind.limits) | _rates(config))
        net = self._net.client(
            Trust.SOURCE,
            owner=f"acquire.{config.name}",
            limits=replace(API, attempts=max(1, retries)),
            user_agent=config.user_agent or USER_AGENT,
            via=read_via(proxy=config.proxy, fingerprint=config.tls_fingerprint),
        )
        calls = Calls(access, net=net, windows=windows, judge=kind.judge, tries=max(1, retries))
        live = Live(config=config, access=access, provider=kind.make(calls), calls=calls)
        self._made[config.name] = (config, retries, live)
        return live


def _rates(config: Debrid) -> dict[CallClass, Rate]:
    words = {
        CallClass.API: config.rate_limit,
        CallClass.CREATE: config.create_rate_limit,
        CallClass.REPAIR: config.repair_rate_limit,
        CallClass.DOWNLOAD: config.download_rate_limit,
    }
    return {kind: found for kind, text in words.items() if (found := rate(text, path="rate_limit")) is not None}


def fingerprint(key: str) -> str:
    """A name for a key that tells nothing about it."""
    return blake2b(key.encode(), digest_size=8, person=b"acquire-key").hexdigest()
