"""Whether the files of an entry are still where it says they are."""

from typing import Final, Protocol

from polycast.acquire.catalogue.model import Detail, Placement
from polycast.acquire.providers.accounts import Accounts
from polycast.acquire.providers.errors import ProviderError, Trouble
from polycast.acquire.providers.limits import CallClass
from polycast.acquire.providers.model import FileAt, Probe
from polycast.acquire.repair.model import Broken, Wish

REASONS: Final = {Probe.GONE: "hoster_unavailable", Probe.UNKNOWN: "provider_probe_error"}
POST_REASONS: Final = {Probe.GONE: "usenet_segment_missing", Probe.UNKNOWN: "usenet_probe_error"}
INCONCLUSIVE: Final = frozenset({REASONS[Probe.UNKNOWN], POST_REASONS[Probe.UNKNOWN]})


class Posts(Protocol):
    """News servers."""

    async def probe(self, entry_id: int, path: str) -> Probe:
        """By a sample of the articles of one file."""
        ...


class Probes:
    """Asks accounts and news servers, as cheaply as they can be asked."""

    def __init__(self, *, accounts: Accounts, posts: Posts) -> None:
        self._accounts = accounts
        self._posts = posts

    async def entry(self, detail: Detail, wish: Wish, probes: dict[str, list[bool]]) -> list[Broken]:
        """Files that are not there, or that nobody can say it of. With `per_entry` the first one is enough.

        `probes` gathers what came of the questions, by account.
        """
        live = [one for one in detail.placements if one.is_live]
        if not live:
            return [_broken(detail, file.name, "entry_not_found", "", file.size_bytes) for file in detail.shown]
        active = next((one for one in live if one.provider == detail.entry.active_provider), live[0])
        is_post = detail.entry.protocol == "nzb"
        reasons = POST_REASONS if is_post else REASONS
        found = []
        for file in detail.shown:
            if is_post:
                result = await self._posts.probe(detail.entry.id, file.path)
            else:
                result = await self._file(active, file.name, file.size_bytes, wish)
            probes.setdefault(active.provider, []).append(result is Probe.ALIVE)
            if result is not Probe.ALIVE:
                found.append(_broken(detail, file.name, reasons[result], active.provider, file.size_bytes))
                if wish.strategy == "per_entry":
                    break
        return found

    async def _file(self, placement: Placement, name: str, size_bytes: int, wish: Wish) -> Probe:
        account = await self._accounts.named(placement.provider)
        ref = placement.remote_files.get(name)
        if account is None or ref is None:
            return Probe.UNKNOWN if account is None else Probe.GONE
        at = FileAt(item_id=placement.remote_id, file_id=ref.id, link=ref.link, path=ref.path, size_bytes=size_bytes)
        try:
            if wish.unrestricts:
                await account.provider.link(at, key=account.access.download_keys[0], kind=CallClass.REPAIR)
                return Probe.ALIVE
            return await account.provider.probe(at)
        except ProviderError as error:
            return Probe.GONE if error.trouble in (Trouble.GONE, Trouble.NOT_FOUND) else Probe.UNKNOWN


def _broken(detail: Detail, name: str, reason: str, provider: str, size_bytes: int = 0) -> Broken:
    return Broken(
        entry_name=detail.entry.folder,
        file_name=name,
        info_hash=detail.entry.info_hash,
        protocol=detail.entry.protocol,
        reason=reason,
        size=size_bytes,
        provider=provider,
    )
