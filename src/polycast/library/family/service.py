"""Managed profiles: who acts as whom, behind which PIN, and how long a child may watch."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn
from polycast.core.identity.caller import Caller, Credential
from polycast.core.identity.service import Identity
from polycast.core.ids import Ids
from polycast.core.secrets import Tokens
from polycast.core.storage import Database, Unit
from polycast.library.catalogue.model import Kind
from polycast.library.catalogue.store_libraries import LibraryStore
from polycast.library.catalogue.store_viewer import ViewerStore
from polycast.library.catalogue.titles import Titles
from polycast.library.family.store import FamilyStore
from polycast.library.family.tries import PinTries

PIN: Final = re.compile(r"[0-9]{4,8}")
MOST: Final = 10
UNLOCKED: Final = timedelta(minutes=15)
EPOCH: Final = date(1970, 1, 1)
PURPOSE: Final = "library.pin"


class Profile(Struct, frozen=True, kw_only=True):
    """A managed profile."""

    id: int
    nanoid: str
    name: str
    avatar: str
    max_age: int | None
    block_unrated: bool
    rating_country: str
    kids_ui: bool
    has_pin: bool
    allowed_libraries: list[str] | None  # nanoids
    daily_limit: int | None
    bedtime_from: str
    bedtime_to: str
    created_at: datetime


class Verified(Struct, frozen=True, kw_only=True):
    """Whether a PIN was right."""

    valid: bool
    unlock_token: str = ""
    expires_at: datetime | None = None
    attempts_left: int = 0


class Family:
    """The profiles of each account."""

    def __init__(
        self, *, db: Database, store: FamilyStore, titles: Titles, viewers: ViewerStore, libraries: LibraryStore,
        identity: Identity, tries: PinTries, tokens: Tokens, clock: Clock, ids: Ids, zone: ZoneInfo,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._titles = titles
        self._viewers = viewers
        self._libraries = libraries
        self._identity = identity
        self._tries = tries
        self._tokens = tokens
        self._clock = clock
        self._ids = ids
        self._zone = zone

    async def all(self, caller: Caller) -> list[Profile]:
        """The caller's own."""
        user = _user(caller)

        def work(unit: Unit) -> list[Profile]:
            names = self._libraries.nanoids(unit)
            return [_profile(row, names) for row in self._store.of_user(unit, user)]

        return await self._db.read(work)

    async def create(self, caller: Caller, values: dict[str, Any], *, pin: str | None) -> Profile:
        """Raises: NotAllowed within a profile; Invalid; Conflict beyond ten."""
        user = _manager(caller)
        hashed = await self._hashed(pin) if pin else None

        def work(unit: Unit) -> Profile:
            if len(self._store.of_user(unit, user)) >= MOST:
                raise Conflict("An account has at most ten profiles.", reason="too_many")
            now = self._clock.now()
            key = self._store.insert(
                unit, nanoid=self._ids.nanoid(), user_id=user, pin_hash=hashed, created_at=now, updated_at=now,
                **self._stored(unit, caller, values),
            )  # fmt: skip
            return self._read(unit, key)

        return await self._db.write(work)

    async def change(self, caller: Caller, nanoid: str, values: dict[str, Any]) -> Profile:
        """Raises: NotAllowed within a profile; NotFound; Invalid."""
        user = _manager(caller)

        def work(unit: Unit) -> Profile:
            row = self._require(unit, nanoid, user)
            self._store.update(unit, row.id, **self._stored(unit, caller, values), updated_at=self._clock.now())
            return self._read(unit, row.id)

        return await self._db.write(work)

    async def remove(self, caller: Caller, nanoid: str) -> None:
        """Raises: NotAllowed within a profile; NotFound."""
        user = _manager(caller)
        await self._db.write(lambda unit: self._store.delete(unit, self._require(unit, nanoid, user).id))

    async def set_pin(self, caller: Caller, nanoid: str | None, pin: str | None, *, current: str | None) -> None:
        """Set, change or (None) take away a profile's PIN, or with None for the profile the account's own.

        Raises: NotAllowed ("pin") when one is set and `current` is neither it nor the login password; Invalid.
        """
        user = _manager(caller)
        before = await self._db.read(self._pin_hash, user, nanoid)
        if before is not None:
            await self._confirm(caller, nanoid, before, current or "")
        hashed = await self._hashed(pin) if pin is not None else None

        def work(unit: Unit) -> None:
            if nanoid is None:
                self._store.set_pin(unit, user, hashed, self._clock.now())
            else:
                self._store.update(unit, self._require(unit, nanoid, user).id, pin_hash=hashed)
            self._identity.audit.note(unit, caller, "profile.pin", target=f"profile:{nanoid or 'account'}")

        await self._db.write(work)

    async def verify(self, caller: Caller, nanoid: str | None, pin: str) -> Verified:
        """Raises: NotFound; TooMany after five wrong ones."""
        user = _user(caller)
        hashed = await self._db.read(self._pin_hash, user, nanoid)
        left = 0 if hashed is None else await self._tried(caller, nanoid, hashed, pin)
        if left is None or hashed is None:
            ends = self._clock.now() + UNLOCKED
            token = self._tokens.sign(f"{user}:{nanoid or ''}", purpose=PURPOSE, life=UNLOCKED)
            return Verified(valid=True, unlock_token=token, expires_at=ends)
        return Verified(valid=False, attempts_left=left)

    async def switch(self, caller: Caller, nanoid: str | None, pin: str | None) -> Profile | None:
        """Act as a profile from now on, or as oneself again; in this session.

        Raises: NotAllowed ("pin"), when a PIN stands before it, or a key without a session asks; NotFound.
        """
        user = _user(caller)
        if caller.credential is not Credential.SESSION or caller.credential_id is None:
            raise NotAllowed("profile", "Only a signed-in session can switch profiles")
        leaving = caller.profile_id is not None
        target = None if nanoid is None else await self._db.read(self._row, user, nanoid)
        guard = await self._db.read(self._store.pin_of, user) if leaving else (target.pin_hash if target else None)
        guarded = None if leaving else nanoid
        if guard is not None and await self._tried(caller, guarded, guard, pin or "") is not None:
            raise NotAllowed("pin", "The PIN is wrong")
        session = caller.credential_id

        def work(unit: Unit) -> Profile | None:
            chosen = None if target is None else target.id
            self._identity.sessions.choose_profile_in(unit, session, chosen, user_id=user)
            return None if chosen is None else self._read(unit, chosen)

        return await self._db.write(work)

    async def active(self, caller: Caller) -> Profile | None:
        """The profile that the caller acts as."""
        profile_id = caller.profile_id
        return None if profile_id is None else await self._db.read(self._read, profile_id)

    async def restrictions(self, caller: Caller, nanoid: str) -> list[Any]:
        """Exceptions by title. Raises: NotFound."""
        user = _user(caller)
        return await self._db.read(lambda unit: self._store.restrictions(unit, self._require(unit, nanoid, user).id))

    async def restriction(self, caller: Caller, nanoid: str, kind: Kind, media: str) -> str | None:
        """ "allow", "block", None. Raises: NotFound."""
        user = _user(caller)

        def work(unit: Unit) -> str | None:
            row = self._require(unit, nanoid, user)
            item = self._titles.item_in(unit, caller, media, kind)[1]
            return self._store.restriction(unit, row.id, item.top_id or item.id)

        return await self._db.read(work)

    async def restrict(self, caller: Caller, nanoid: str, kind: Kind, media: str, action: str | None) -> None:
        """Except one film or show from the rule; None takes it back. Raises: NotAllowed; NotFound."""
        user = _manager(caller)

        def work(unit: Unit) -> None:
            row = self._require(unit, nanoid, user)
            item = self._titles.item_in(unit, caller, media, kind)[1]
            self._store.restrict(unit, row.id, item.top_id or item.id, action)

        await self._db.write(work)

    async def screen_time(self, caller: Caller, nanoid: str, *, days: int) -> tuple[Profile, list[tuple[date, int]]]:
        """Minutes by day, the last `days`, today last. Raises: NotFound."""
        user = _user(caller)

        def work(unit: Unit) -> tuple[Profile, list[tuple[date, int]]]:
            row = self._require(unit, nanoid, user)
            today = self.today()
            found = self._store.seconds_on(unit, row.id, today - days + 1, today)
            told = [
                (EPOCH + timedelta(days=day), found.get(day, 0) // 60) for day in range(today - days + 1, today + 1)
            ]
            return self._read(unit, row.id), told

        return await self._db.read(work)

    def may_watch_in(self, unit: Unit, caller: Caller) -> str:
        """Why the caller's profile may not watch now: "screen_time", "bedtime"; "" when it may."""
        if caller.profile_id is None:
            return ""
        row = self._store.by_id(unit, caller.profile_id)
        if row is None:
            return "profile"
        return self._barred(unit, row)

    def _barred(self, unit: Unit, row: Any) -> str:
        now = self._clock.now().astimezone(self._zone)
        if row.bedtime_from and row.bedtime_to and _within(f"{now:%H:%M}", row.bedtime_from, row.bedtime_to):
            return "bedtime"
        today = self.today()
        used = self._store.seconds_on(unit, row.id, today, today).get(today, 0)
        return "screen_time" if row.daily_limit is not None and used >= row.daily_limit * 60 else ""

    def watched_in(self, unit: Unit, profile_id: int, *, seconds: float, item_id: int) -> str | None:
        """Count what a profile has watched, in `unit`; why it must stop now ("screen_time", "bedtime"), or None."""
        row = self._store.by_id(unit, profile_id)
        if row is None:
            return "profile"
        if seconds >= 1:
            self._store.watched(unit, profile_id, self.today(), round(seconds), item_id)
        return self._barred(unit, row) or None

    def today(self) -> int:
        """Days since 1970 in the server's zone."""
        return (self._clock.now().astimezone(self._zone).date() - EPOCH).days

    async def _hashed(self, pin: str) -> str:
        if not PIN.fullmatch(pin):
            raise Invalid.one("pin", "invalid", "A PIN has 4 to 8 digits")
        return await self._identity.hasher.hash(pin)

    async def _confirm(self, caller: Caller, nanoid: str | None, hashed: str, shown: str) -> None:
        if PIN.fullmatch(shown) and await self._tried(caller, nanoid, hashed, shown) is None:
            return
        try:
            await self._identity.sign_ins.confirm(caller, shown)
        except NotSignedIn as error:
            raise NotAllowed("pin", "The current PIN is wrong") from error

    async def _tried(self, caller: Caller, nanoid: str | None, hashed: str, pin: str) -> int | None:
        """None when the PIN is right, else how many tries are left. Raises: TooMany, whatever the PIN."""
        user = _user(caller)
        profile = 0 if nanoid is None else (await self._db.read(self._row, user, nanoid)).id
        await self._identity.throttle.check(caller.address, None)
        await self._tries.check(user, profile)
        if PIN.fullmatch(pin) and await self._identity.hasher.verify(hashed, pin):
            await self._tries.right(user, profile)
            return None
        await self._identity.throttle.failed(caller.address, None)
        return await self._tries.wrong(user, profile)

    def _pin_hash(self, unit: Unit, user: int, nanoid: str | None) -> str | None:
        if nanoid is None:
            return self._store.pin_of(unit, user)
        found: str | None = self._require(unit, nanoid, user).pin_hash
        return found

    def _row(self, unit: Unit, user: int, nanoid: str) -> Any:
        return self._require(unit, nanoid, user)

    def _require(self, unit: Unit, nanoid: str, user: int) -> Any:
        row = self._store.get(unit, nanoid, user)
        if row is None:
            raise NotFound("The profile")
        return row

    def _read(self, unit: Unit, key: int) -> Profile:
        row = self._store.by_id(unit, key)
        if row is None:
            raise NotFound("The profile")
        return _profile(row, self._libraries.nanoids(unit))

    def _stored(self, unit: Unit, caller: Caller, values: dict[str, Any]) -> dict[str, Any]:
        told = dict(values)
        wanted: Sequence[str] | None = told.get("allowed_libraries")
        if wanted is not None:
            known = self._libraries.ids(unit, wanted)
            seen = set(self._viewers.of(unit, caller).library_ids)
            if len(known) != len(set(wanted)) or not set(known.values()) <= seen:
                raise Invalid.one("allowedLibraryIds", "does_not_exist", "No such library")
            told["allowed_libraries"] = sorted(known.values())
        return told


def _profile(row: Any, names: dict[int, str]) -> Profile:
    allowed = row.allowed_libraries
    return Profile(
        id=row.id, nanoid=row.nanoid, name=row.name, avatar=row.avatar, max_age=row.max_age,
        block_unrated=row.block_unrated, rating_country=row.rating_country, kids_ui=row.kids_ui,
        has_pin=row.pin_hash is not None,
        allowed_libraries=None if allowed is None else [names[one] for one in allowed if one in names],
        daily_limit=row.daily_limit, bedtime_from=row.bedtime_from, bedtime_to=row.bedtime_to, created_at=row.created_at,
    )  # fmt: skip


def _user(caller: Caller) -> int:
    if caller.user_id is None:
        raise NotSignedIn
    return caller.user_id


def _manager(caller: Caller) -> int:
    """Profiles are managed by the account, never by a profile."""
    if caller.profile_id is not None:
        raise NotAllowed("profile", "A managed profile may not do this")
    return _user(caller)


def _within(now: str, start: str, end: str) -> bool:
    return start <= now < end if start <= end else now >= start or now < end
