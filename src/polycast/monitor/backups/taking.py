"""Taking over what an archive holds, in one commit: settings, servers, rules, history, users."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from polycast.core.errors import PolycastError
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.identity.service import Identity
from polycast.core.identity.users.model import UserNew, UserReady
from polycast.core.ids import Ids
from polycast.core.secrets import Unsealable, fernet_opens
from polycast.core.storage import Database, Unit
from polycast.monitor.alerts.rulebook import Rulebook, check_body
from polycast.monitor.alerts.rules import RuleBody
from polycast.monitor.backups.model import OldUser, Unpacked
from polycast.monitor.history.model import Activity
from polycast.monitor.history.store import ActivityStore
from polycast.monitor.people.service import ROLES
from polycast.monitor.preferences.checks import checked
from polycast.monitor.preferences.model import SECRETS, Preferences
from polycast.monitor.preferences.service import PreferencesBook
from polycast.monitor.servers.model import ServerNew, ServerPatch, dvr_id_of
from polycast.monitor.servers.service import Servers
from polycast.monitor.vault import PREFIX, Vault

# Who may come in is decided here, never by a file: these keep the values they have.
KEPT: Final = frozenset(
    {"dvr_servers", "alert_rules", "_version", "api_key", "auth_mode", "rbac_enabled", "security_setup_completed"}
)
BATCH: Final = 1000
_ID: Final = re.compile(r"dvr_[0-9a-f]{8}")
FIELDS: Final[Mapping[str, str]] = {"group": "group_name"}
Open = Callable[[str], str]


class Taken(Struct, frozen=True, kw_only=True):
    """How much was taken over."""

    settings: int = 0
    servers: int = 0
    rules: int = 0
    activities: int = 0
    users: int = 0


class _Plan(Struct, frozen=True, kw_only=True):
    """All that is judged before the commit begins."""

    settings: Mapping[str, Any]
    servers: Sequence[Mapping[str, Any]]
    rules: Sequence[tuple[str, bool, RuleBody]]
    activities: Sequence[Activity]
    users: Sequence[UserReady]


class Taking:
    """The other direction of a backup."""

    def __init__(
        self, *, db: Database, book: PreferencesBook, servers: Servers, rules: Rulebook, activities: ActivityStore,
        identity: Identity, vault: Vault, ids: Ids,
    ) -> None:  # fmt: skip
        self._db = db
        self._book = book
        self._servers = servers
        self.rules = rules
        self._activities = activities
        self._identity = identity
        self._vault = vault
        self._ids = ids

    async def take(self, caller: Caller, unpacked: Unpacked) -> tuple[Taken, list[str]]:
        """What was taken over, and what was left out and why."""
        warnings: list[str] = []
        opens = self._opener(unpacked.key)
        before = (await self._book.load()).known
        plan = _Plan(
            settings=self._settings(unpacked.settings, before, opens, warnings),
            servers=_servers(unpacked.settings.get("dvr_servers"), opens),
            rules=_rules(unpacked.settings.get("alert_rules"), {one.name for one in self.rules.rules}, warnings),
            activities=unpacked.found.activities,
            users=await self._users(caller, unpacked.found.users, warnings),
        )
        try:
            taken, refused = await self._db.write(self._write, caller, plan)
        finally:
            self._book.reread()
            self._servers.reread()
        await self._book.load()
        await self.rules.load()
        return taken, warnings + refused

    def _opener(self, key: bytes | None) -> Open:
        def opens(text: str) -> str:
            if not text.startswith(PREFIX):
                return text
            if key is None:
                return self._vault.open(text)
            try:
                return fernet_opens(key, text.removeprefix(PREFIX))
            except Unsealable:
                return self._vault.open(text)

        return opens

    def _settings(
        self, sent: Mapping[str, Any], before: Preferences, opens: Open, warnings: list[str]
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in sent.items():
            plain: Any = value
            if name in KEPT:
                continue
            if name in SECRETS:
                plain = opens(value) if isinstance(value, str) else ""
                if not plain:
                    if value:
                        warnings.append(f"{name}: the secret cannot be opened; the present one stays.")
                    continue
            elif name == "webhooks":
                plain = _webhooks(value, opens)
            judged, problems = checked(name, plain, before, self._ids.uuid)
            if problems:
                warnings.append(f"{name}: {problems[0].text or problems[0].code}")
            else:
                found[name] = judged
        return found

    async def _users(self, caller: Caller, users: Sequence[OldUser], warnings: list[str]) -> list[UserReady]:
        if users and not (caller.has(Scope.CORE_ADMIN) and await self._identity.users.any()):
            warnings.append("The users of the backup were left out: only an administrator with an account takes them over.")  # fmt: skip
            return []
        ready: list[UserReady] = []
        for one in users:
            if await self._identity.users.find(one.username) is not None:
                warnings.append(f"The user {one.username} is there already and stays as it is.")
            elif one.role not in ROLES:
                warnings.append(f"The user {one.username} has no role that is known here.")
            else:
                try:
                    ready.append(
                        await self._identity.users.prepare(UserNew(username=one.username, role=ROLES[one.role]))
                    )
                    warnings.append(f"The user {one.username} needs a new password before the next sign-in.")
                except PolycastError as error:
                    warnings.append(f"The user {one.username}: {error}")
        return ready

    def _write(self, unit: Unit, caller: Caller, plan: _Plan) -> tuple[Taken, list[str]]:
        warnings: list[str] = []
        self._book.put_in(unit, plan.settings)
        servers = sum(self._server(unit, one, warnings) for one in plan.servers)
        for name, is_on, body in plan.rules:
            self.rules.add_in(unit, name, body, is_on)
        for ready in plan.users:
            self._identity.users.add_in(unit, ready, by=caller)
        count = 0
        for start in range(0, len(plan.activities), BATCH):
            part = {one.uuid: one for one in plan.activities[start : start + BATCH]}
            for known in self._activities.known(unit, list(part)):
                del part[known]
            if part:
                self._activities.add(unit, list(part.values()))
                count += len(part)
        taken = Taken(
            settings=len(plan.settings), servers=servers, rules=len(plan.rules), activities=count, users=len(plan.users)
        )
        return taken, warnings

    def _server(self, unit: Unit, one: Mapping[str, Any], warnings: list[str]) -> bool:
        """Add or change a server, with the id it had: its history hangs on it."""
        values = {FIELDS.get(name, name): value for name, value in one.items()}
        old_id, deleted = str(values.get("id") or ""), values.pop("deleted_at", None)
        try:
            known = {server.dvr_id: server for server in self._servers.all_in(unit)}
            found = known.get(old_id)
            if found is not None:
                patch = {name: value for name, value in values.items() if name in ServerPatch.__struct_fields__}
                self._servers.change_in(unit, found.dvr_id, msgspec.convert(patch, ServerPatch, strict=False))
                return True
            wanted = {name: value for name, value in values.items() if name in ServerNew.__struct_fields__}
            new = msgspec.convert(wanted, ServerNew, strict=False)
            keeps = old_id if _ID.fullmatch(old_id) and old_id not in known else dvr_id_of(new.host, new.port)
            self._servers.add_in(unit, new, dvr_id=keeps, deleted_at=_moment(deleted))
        except (PolycastError, msgspec.ValidationError) as error:
            warnings.append(f"The server {str(values.get('host'))[:100]}: {str(error)[:200]}")
            return False
        return True


def _servers(sent: Any, opens: Open) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for one in sent if isinstance(sent, list) else []:
        if isinstance(one, dict) and isinstance(one.get("host"), str):
            key = one.get("api_key")
            opened = opens(key) if isinstance(key, str) else ""
            found.append({name: value for name, value in one.items() if name != "api_key"} | ({"api_key": opened} if opened else {}))  # fmt: skip
    return found


def _webhooks(sent: Any, opens: Open) -> list[dict[str, Any]]:
    return [
        {**one, "url": url, "secret": opens(str(one.get("secret") or ""))}
        for one in (sent if isinstance(sent, list) else [])
        if isinstance(one, dict) and (url := opens(str(one.get("url") or "")))
    ]


def _rules(sent: Any, known: set[str], warnings: list[str]) -> list[tuple[str, bool, RuleBody]]:
    found: list[tuple[str, bool, RuleBody]] = []
    for one in sent if isinstance(sent, list) else []:
        name = str(one.get("name") or "")[:120] if isinstance(one, dict) else ""
        if not name or name in known:
            continue
        try:
            body = msgspec.convert(one.get("body") or {}, RuleBody)
            check_body(body)
        except (msgspec.ValidationError, PolycastError) as error:
            warnings.append(f"The rule {name}: {str(error)[:200]}")
        else:
            found.append((name, bool(one.get("enabled", True)), body))
    return found


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else None
