"""Asking an Xtream panel about the login of one profile: its state, its end, how many connections it allows."""

from typing import Any

import msgspec

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound, PolycastError
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.jobs.model import Run
from polycast.core.storage import Database, Unit
from polycast.live.providers.xtream.client import base_of
from polycast.live.providers.xtream.wire import AccountInfo
from polycast.live.sources.accounts.state import AccountState, Loaded
from polycast.live.sources.accounts.store import AccountStore
from polycast.live.sources.addresses import Login, find_login
from polycast.live.sources.model import AccountInfoRefreshed, AccountProfile, AccountType, RefreshInfo
from polycast.live.sources.ports import Teller
from polycast.live.sources.refresh.fetch import Asked, Fetches, moment
from polycast.live.sources.upstreams.service import rewritten
from polycast.live.tables import account_profiles


class AccountInfos:
    """What panels say about logins."""

    def __init__(
        self,
        *,
        db: Database,
        store: AccountStore,
        state: AccountState,
        fetches: Fetches,
        teller: Teller,
        clock: Clock,
    ) -> None:
        self._db = db
        self._store = store
        self._state = state
        self._fetches = fetches
        self._teller = teller
        self._clock = clock

    async def ask(self, caller: Caller, profile_id: int) -> int:
        """Ask in the background; the job's id. Raises: NotAllowed; NotFound; Invalid when it is no Xtream account."""
        caller.require(Scope.LIVE_WRITE)
        return await self._db.write(self._ask, profile_id, caller.user_id)

    async def refresh(self, payload: RefreshInfo, run: Run) -> None:
        """The job. Raises: what went wrong, once it is told."""
        profile, loaded = await self._db.read(self._load, payload.profile_id)
        try:
            url, login = self._login(profile, loaded)
            info = await self._fetches.panel(_asked(loaded, url, login)).info()
        except PolycastError as error:
            self._teller.tell(
                AccountInfoRefreshed(profile_id=profile.id, profile_name=profile.name, error=error.message)
            )
            raise
        await self._db.write(self._keep, profile, login, info)
        self._teller.tell(
            AccountInfoRefreshed(
                profile_id=profile.id, profile_name=profile.name, message="Account info is up to date."
            )
        )

    def _login(self, profile: AccountProfile, loaded: Loaded) -> tuple[str, Login]:
        """Panel and login as the profile's rewriting makes them: it is written for addresses, so it is given one."""
        if loaded.login is None:
            raise Invalid.one("username", "required", "The account has no user name and password.")
        base = base_of(loaded.url)
        address = f"{base}/live/{loaded.login.username}/{loaded.login.password}/1.ts"
        address = rewritten(address, profile.search_pattern, profile.replace_pattern)
        return address.partition("/live/")[0], find_login(address) or loaded.login

    def _ask(self, unit: Unit, profile_id: int, by: int | None) -> int:
        _, loaded = self._load(unit, profile_id)
        if loaded.account.account_type is not AccountType.XTREAM:
            raise Invalid.one("profile", "not_xtream", "Profile is not associated with an XtreamCodes account")
        return unit.enqueue("live.refresh_account_info", RefreshInfo(profile_id=profile_id), by=by)

    def _load(self, unit: Unit, profile_id: int) -> tuple[AccountProfile, Loaded]:
        profile = self._store.profile(unit, profile_id)
        loaded = self._state.load(unit, profile.account_id) if profile else None
        if profile is None or loaded is None:
            raise NotFound("The profile")
        return profile, loaded

    def _keep(self, unit: Unit, profile: AccountProfile, login: Login, info: AccountInfo) -> None:
        user = info.user_info
        values: dict[str, Any] = {
            "user_info": msgspec.to_builtins(user),
            "server_info": msgspec.to_builtins(info.server_info),
            "info_at": self._clock.now(),
            "expires_at": moment(user.exp_date) if user else None,
            "login_fingerprint": login.fingerprint(),
        }
        self._store.update_part(unit, account_profiles, profile.id, values)


def _asked(loaded: Loaded, url: str, login: Login) -> Asked:
    return Asked(
        account_id=loaded.account.id,
        account_type=AccountType.XTREAM,
        url=url,
        file_path="",
        login=login,
        user_agent=loaded.user_agent,
        etag="",
        last_modified="",
        groups_only=True,
    )
