"""Packages of the business. Editing one touches no account that was made from it."""

from typing import Any, Final

from msgspec import UNSET

from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.storage import Database, Unit, clean
from polycast.radio.accounts.model import Kind
from polycast.radio.accounts.rules import word_problems
from polycast.radio.accounts.who import Who
from polycast.radio.templates.model import Template, TemplateChange
from polycast.radio.templates.store import TemplateStore

RESERVED: Final = "no_template"  # what the billing program sends for "none"
LONGEST: Final = 100


class Templates:
    """Packages for broadcasters and for resellers; their names are one list."""

    def __init__(self, *, db: Database, store: TemplateStore) -> None:
        self._db = db
        self._store = store

    async def of_kind(self, who: Who, kind: Kind) -> list[Template]:
        """Resellers see those for broadcasters. Raises: NotAllowed."""
        self._may_read(who, kind)
        return await self._db.read(self._store.of_kind, kind)

    async def get(self, who: Who, kind: Kind, template_id: int) -> Template:
        """Raises: NotAllowed; NotFound."""
        self._may_read(who, kind)
        return await self._db.read(self._require, kind, template_id)

    async def create(self, who: Who, kind: Kind, change: TemplateChange) -> Template:
        """Raises: NotAllowed, but for admins; Invalid."""
        who.require(Kind.ADMIN)
        return await self._db.write(self._create, kind, change)

    async def update(self, who: Who, kind: Kind, template_id: int, change: TemplateChange) -> Template:
        """Raises: as `create`; NotFound."""
        who.require(Kind.ADMIN)
        return await self._db.write(self._update, kind, template_id, change)

    async def delete(self, who: Who, kind: Kind, template_id: int) -> None:
        """Raises: NotAllowed, but for admins; NotFound."""
        who.require(Kind.ADMIN)
        await self._db.write(self._delete, kind, template_id)

    def named_in(self, unit: Unit, name: str) -> Template | None:
        """Of either kind, by the name that the billing program sends."""
        return self._store.named(unit, name)

    def _create(self, unit: Unit, kind: Kind, change: TemplateChange) -> Template:
        values = self._values(unit, kind, change, None)
        template_id = self._store.insert(unit, kind, {"server_type": "icecast"} | values)
        return self._require(unit, kind, template_id)

    def _update(self, unit: Unit, kind: Kind, template_id: int, change: TemplateChange) -> Template:
        before = self._require(unit, kind, template_id)
        self._store.update(unit, template_id, self._values(unit, kind, change, before))
        return self._require(unit, kind, template_id)

    def _delete(self, unit: Unit, kind: Kind, template_id: int) -> None:
        self._require(unit, kind, template_id)
        self._store.delete(unit, template_id)

    def _require(self, unit: Unit, kind: Kind, template_id: int) -> Template:
        found = self._store.get(unit, kind, template_id)
        if found is None:
            raise NotFound("The template")
        return found

    def _values(self, unit: Unit, kind: Kind, change: TemplateChange, before: Template | None) -> dict[str, Any]:
        names = TemplateChange.__struct_fields__
        values = {name: value for name in names if (value := getattr(change, name)) is not UNSET}
        if kind is Kind.RESELLER:
            values = {n: v for n, v in values.items() if n not in ("limit_stations", "limit_streams", "server_type")}
        else:
            values.pop("limit_accounts", None)
        problems = word_problems(server_type=values.get("server_type"))
        if "name" in values or before is None:
            name = clean(str(values.get("name", "")), LONGEST)
            other = self._store.named(unit, name) if name else None
            if not name:
                problems.append(Problem("name", "required"))
            elif name.lower() == RESERVED:
                problems.append(Problem("name", "invalid"))
            elif other is not None and (before is None or other.id != before.id):
                problems.append(Problem("name", "unique"))
            values["name"] = name
        if problems:
            raise Invalid(problems)
        return values

    @staticmethod
    def _may_read(who: Who, kind: Kind) -> None:
        who.require(Kind.ADMIN, *([Kind.RESELLER] if kind is Kind.BROADCASTER else []))
