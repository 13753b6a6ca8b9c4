"""Connections to Arrs: kept, tested, found by their own sign-in."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from polycast.acquire.arrs.client import ArrClient
from polycast.acquire.arrs.model import Arr, ArrForm, ArrKind, ArrState, Check, guessed
from polycast.acquire.arrs.store import ArrStore
from polycast.acquire.config.document import is_folder_name
from polycast.acquire.config.service import Configs
from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound, PolycastError
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.net import Net
from polycast.core.secrets import Tokens, is_mask
from polycast.core.storage import Database, Unit, clean

PENDING: Final = 20


class Arrs:
    """All of them. Configured ones of the original's `arrs` list are kept here too."""

    def __init__(
        self, *, db: Database, store: ArrStore, configs: Configs, net: Net, tokens: Tokens, clock: Clock
    ) -> None:
        self._db = db
        self._store = store
        self._configs = configs
        self._net = net
        self._tokens = tokens
        self._clock = clock

    async def shown(self, caller: Caller, *, state: ArrState | None = ArrState.ACTIVE) -> list[Arr]:
        caller.require(Scope.ACQUIRE_READ)
        return await self.all(state)

    async def all(self, state: ArrState | None = ArrState.ACTIVE) -> list[Arr]:
        return await self._db.read(self._store.all, state)

    async def of_category(self, category: str) -> Arr | None:
        """The one whose category this is."""
        found = await self._db.read(self._store.named, category) if category else None
        return found if found is not None and found.state is ArrState.ACTIVE else None

    def client(self, arr: Arr) -> ArrClient:
        return ArrClient(arr, self._net)

    async def put(self, caller: Caller, form: ArrForm, *, source: str = "manual") -> Arr:
        """Add one, or change the one with this name. Raises: NotAllowed; Invalid."""
        caller.require(Scope.ACQUIRE_ADMIN)
        return await self._db.write(self._put, caller, form, source)

    def _put(self, unit: Unit, caller: Caller, form: ArrForm, source: str) -> Arr:
        name = clean(form.name or "", 100)
        if not is_folder_name(name):
            raise Invalid.one("name", "name", "A connection needs a name that can be a category.")
        known = self._store.named(unit, name)
        values: dict[str, Any] = {"state": ArrState.ACTIVE.value, "source": source, "user_id": caller.user_id or 0}
        if form.host is not None or known is None:
            values["host"] = checked_host(form.host or "")
        if form.token is not None and not is_mask(form.token):
            values["token"] = form.token.strip()[:200]
        elif known is None:
            raise Invalid.one("token", "required", "The API key is missing.")
        host = values.get("host", known.host if known else "")
        kind = form.kind or (known.kind if known else guessed(f"{name} {host}"))
        values["kind"] = kind.value
        for word in ("skip_repair", "download_uncached", "selected_debrid"):
            if (given := getattr(form, word)) is not None:
                values[word] = given
        if known is None:
            values["added_at"] = self._clock.now()
        self._store.put(unit, name, **values)
        found = self._store.named(unit, name)
        if found is None:
            raise NotFound("The connection")
        return found

    async def remove(self, caller: Caller, arr_id: int) -> None:
        """Raises: NotFound."""
        caller.require(Scope.ACQUIRE_ADMIN)
        await self._db.write(self._remove, arr_id)

    def _remove(self, unit: Unit, arr_id: int) -> None:
        if self._store.get(unit, arr_id) is None:
            raise NotFound("The connection")
        self._store.delete(unit, arr_id)

    async def approve(self, caller: Caller, arr_id: int) -> Arr:
        """Let one in that has knocked, once its address and key have proved right.

        Raises: NotFound; Unavailable, when it does not answer or does not know the key.
        """
        caller.require(Scope.ACQUIRE_ADMIN)
        found = await self._db.read(self._store.get, arr_id)
        if found is None or found.state is not ArrState.PENDING:
            raise NotFound("The connection")
        kind = guessed(f"{found.name} {found.host}")
        status = await self.client(replace(found, kind=kind)).status()
        kind = guessed(status.app_name) if status.app_name else kind
        await self._db.write(
            self._store.update,
            arr_id,
            state=ArrState.ACTIVE.value,
            kind=kind.value,
            version=status.version[:50],
            user_id=caller.user_id or 0,
            seen_at=self._clock.now(),
            problem="",
        )
        approved = await self._db.read(self._store.get, arr_id)
        return approved or found

    async def knock(self, host: str, key: str) -> Arr | None:
        """An Arr signs in by its own address: the approved one it is, or nobody. Nothing is sent anywhere.

        A stranger is written down for an administrator to see.
        """
        try:
            bare = checked_host(host)
        except Invalid:
            return None
        config = await self._configs.read()
        if not config.arr_logins:
            return None
        for arr in await self._db.read(self._store.at, bare):
            if arr.state is ArrState.ACTIVE and arr.token and self._tokens.same(arr.token, key):
                return arr
        await self._db.write(self._note, bare, key)
        return None

    def _note(self, unit: Unit, host: str, key: str) -> None:
        if self._store.at(unit, host) or self._store.count(unit, ArrState.PENDING) >= PENDING:
            return
        kind = guessed(host)
        taken = {arr.name for arr in self._store.all(unit, None)}
        base = kind.value if kind is not ArrKind.OTHERS else "arr"
        names = [base, *(f"{base}-{number}" for number in range(2, PENDING + 100))]
        name = next(name for name in names if name not in taken)
        self._store.put(
            unit,
            name,
            host=host,
            token=key[:200],
            kind=kind.value,
            source="auto",
            state=ArrState.PENDING.value,
            added_at=self._clock.now(),
        )

    async def test(self, caller: Caller, arr_id: int) -> Sequence[Check]:
        """Every step from the address to the folder, with what would mend it. Raises: NotFound."""
        caller.require(Scope.ACQUIRE_ADMIN)
        arr = await self._db.read(self._store.get, arr_id)
        if arr is None:
            raise NotFound("The connection")
        client, checks = self.client(arr), list[Check]()
        try:
            status = await client.status()
        except PolycastError as error:
            return [Check(step="reach", ok=False, text=error.message, fix="Check the address and the API key.")]
        checks.append(Check(step="reach", ok=True, text=f"{status.app_name} {status.version}"))
        checks += await self._client_checks(client, arr)
        checks.append(await self._folder_check(client, arr))
        problem = next((check.text for check in checks if not check.ok), "")
        await self._db.write(
            self._store.update, arr.id, version=status.version[:50], problem=problem[:500], seen_at=self._clock.now()
        )
        return checks

    async def _client_checks(self, client: ArrClient, arr: Arr) -> list[Check]:
        try:
            found = [one for one in await client.clients() if one.implementation in ("QBittorrent", "Sabnzbd")]
        except PolycastError as error:
            return [Check(step="client", ok=False, text=error.message)]
        if not found:
            fix = "Add a download client of the kind qBittorrent there, with this server's address."
            return [Check(step="client", ok=False, text="It has no download client of ours.", fix=fix)]
        categories = {
            str(field.value)
            for one in found
            for field in one.fields
            if field.name.lower().endswith("category") and field.value
        }
        fits = arr.name in categories
        return [
            Check(step="client", ok=True, text=", ".join(one.name for one in found)),
            Check(
                step="category",
                ok=fits,
                text=f"Its categories: {', '.join(sorted(categories)) or 'none'}",
                fix="" if fits else f"Set the category of the download client to {arr.name}.",
            ),
        ]

    async def _folder_check(self, client: ArrClient, arr: Arr) -> Check:
        folder = (await self._configs.read()).download_folder
        try:
            await client.sees(folder)
            mapped = [one for one in await client.mappings() if folder.startswith(one.remote_path.rstrip("/"))]
        except PolycastError as error:
            return Check(step="folder", ok=False, text=error.message)
        text = f"{folder} is {mapped[0].local_path} there" if mapped else f"It looks for files in {folder}"
        return Check(step="folder", ok=True, text=text)


def checked_host(text: str) -> str:
    """An http(s) address without credentials, query or a slash at its end. Raises: Invalid."""
    wrong = Invalid.one("host", "not_a_url", "An address looks like http://sonarr:8989.")
    if len(text) > 500 or not text.isprintable():
        raise wrong
    try:
        parts = urlsplit(text.strip())
        host = parts.hostname
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        raise wrong
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"
