"""The audience of a row, as a condition: what `Audience.admits` says, for tables with its three columns."""

from sqlalchemy import ColumnElement, Table, and_, or_, true

from polycast.core.events.model import Audience
from polycast.core.identity.caller import Caller, Credential
from polycast.core.identity.scopes import Scope


def admitting(table: Table, caller: Caller) -> ColumnElement[bool]:
    """Rows of `table` (columns `scope`, `user_id`, `tenant_id`) that `caller`, not anonymous, may see."""
    if caller.credential is Credential.INTERNAL:
        return true()
    scopes = sorted(scope.value for scope in caller.scopes)
    conditions = [
        or_(table.c.scope.is_(None), table.c.scope.in_(scopes)),
        or_(table.c.user_id.is_(None), table.c.user_id == caller.user_id),
    ]
    if not caller.has(Scope.CORE_ADMIN):
        conditions.append(or_(table.c.tenant_id.is_(None), table.c.tenant_id == caller.tenant_id))
    return and_(*conditions)


def audience_values(audience: Audience) -> dict[str, str | int | None]:
    """The three columns of `audience`."""
    return {
        "scope": None if audience.scope is None else audience.scope.value,
        "user_id": audience.user_id,
        "tenant_id": audience.tenant_id,
    }
