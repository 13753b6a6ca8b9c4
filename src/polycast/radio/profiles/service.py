"""One's own profile, whoever one is."""

import asyncio
from pathlib import Path
from typing import Any, Final

from msgspec import UNSET

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.files import UnsafePath, safe_path, write_bytes
from polycast.core.identity.service import Identity
from polycast.core.identity.users.model import UserPatch
from polycast.core.media import sniff
from polycast.core.secrets import Tokens
from polycast.core.storage import Database, Unit
from polycast.radio.accounts.model import Account, AccountChange
from polycast.radio.accounts.rules import email_problems, word_problems
from polycast.radio.accounts.store import AccountStore
from polycast.radio.accounts.who import Who, refuse_silenced
from polycast.radio.events import AccountChanged

LARGEST: Final = 1_000_000
ENDINGS: Final = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}
TYPES: Final = {ending: kind for kind, ending in ENDINGS.items()}
DEFAULT: Final = "user_default.png"


class Profiles:
    """Names, addresses and pictures of those who are signed in."""

    def __init__(
        self, *, db: Database, store: AccountStore, identity: Identity, tokens: Tokens, clock: Clock, data_dir: Path
    ) -> None:
        self._db = db
        self._store = store
        self._identity = identity
        self._tokens = tokens
        self._clock = clock
        self._folder = data_dir / "radio" / "avatars"

    async def own(self, who: Who) -> Account:
        """Raises: NotFound, for a key that belongs to nobody."""
        if who.id is None:
            raise NotFound("The profile")
        found = await self._db.read(self._store.get, who.id)
        if found is not None:
            return found
        return await self._db.write(self._store.ensure, who.id, who.kind, at=self._clock.now())

    async def change(self, who: Who, change: AccountChange, image: bytes | None) -> Account:
        """Name, address, language, zone and picture; everything else is passed over. Raises: Invalid; NotAllowed."""
        before = await self.own(who)
        refuse_silenced(before)
        problems = [
            *([] if change.email is UNSET else email_problems(change.email)),
            *word_problems(language=change.language, timezone=change.timezone),
        ]
        if problems:
            raise Invalid(problems)
        path = None if image is None else await asyncio.to_thread(self._keep, before.id, image)
        return await self._db.write(self._change, who, before.id, change, path)

    def _change(self, unit: Unit, who: Who, account_id: int, change: AccountChange, path: str | None) -> Account:
        values: dict[str, Any] = {
            name: value for name in ("language", "timezone") if (value := getattr(change, name)) is not UNSET
        }
        if change.email is not UNSET:
            values |= {"email": change.email, "email_key": change.email.lower()}
        if path is not None:
            values["image"] = path
        self._store.update(unit, account_id, **values)
        if change.first_name is not UNSET:
            self._identity.users.update_in(unit, account_id, UserPatch(name=change.first_name), by=who.caller)
        unit.publish(AccountChanged(account_id=account_id))
        found = self._store.get(unit, account_id)
        if found is None:
            raise NotFound("The profile")
        return found

    def _keep(self, account_id: int, content: bytes) -> str:
        ending = ENDINGS.get(sniff(content) or "")
        if ending is None or len(content) > LARGEST:
            raise Invalid([Problem("image", "invalid_image")])
        name = f"{account_id}-{self._tokens.hash(content.hex()).hex()[:12]}.{ending}"
        self._folder.mkdir(parents=True, exist_ok=True)
        write_bytes(self._folder / name, content)
        return f"/media/user/{name}"

    def picture(self, name: str) -> tuple[Path, str]:
        """A kept picture's file and type. Raises: NotFound."""
        kind = TYPES.get(name.rpartition(".")[2])
        try:
            path = safe_path(self._folder, name)
        except UnsafePath as error:
            raise NotFound("The picture") from error
        if kind is None or "/" in name or not path.is_file():
            raise NotFound("The picture")
        return path, kind
