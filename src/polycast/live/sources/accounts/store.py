"""Rows of accounts and their parts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, delete, func, or_, select, update

from polycast.core.storage import Unit, fold
from polycast.live.folders import Known
from polycast.live.sources.model import (
    Account,
    AccountFilter,
    AccountProfile,
    AccountType,
    GroupAtAccount,
    OrphanCleanup,
    ServerGroup,
    Status,
)
from polycast.live.tables import account_profiles, accounts, filters, group_accounts, groups, server_groups, user_agents


class AccountStore:
    """Accounts, profiles, filters and server groups."""

    def all(self, unit: Unit) -> list[Account]:
        query = select(accounts).where(accounts.c.deleted_at.is_(None)).order_by(accounts.c.id)
        return [_account(row) for row in unit.execute(query)]

    def by_id(self, unit: Unit, account_id: int) -> Account | None:
        row = self.row(unit, account_id)
        return None if row is None else _account(row)

    def row(self, unit: Unit, account_id: int) -> Row[Any] | None:
        """The row with its sealed columns."""
        query = select(accounts).where(accounts.c.id == account_id, accounts.c.deleted_at.is_(None))
        return unit.execute(query).first()

    def user_agent(self, unit: Unit, agent_id: int | None) -> str | None:
        """What requests of an account call themselves; None for the server's default."""
        if agent_id is None:
            return None
        return unit.execute(select(user_agents.c.user_agent).where(user_agents.c.id == agent_id)).scalar()

    def is_name_taken(self, unit: Unit, table: Table, name: str, *, but: int | None = None) -> bool:
        query = select(table.c.id).where(table.c.name == name, table.c.id != (but or 0))
        return unit.execute(query).first() is not None

    def insert(self, unit: Unit, values: Mapping[str, Any], *, now: datetime) -> int:
        """Add an account and its default profile; the account's id."""
        account_id = unit.insert(
            accounts, **values, name_key=fold(values["name"]), created_at=now, custom_properties={}
        )
        unit.insert(
            account_profiles,
            account_id=account_id,
            name=f"{values['name']} Default",
            max_streams=values.get("max_streams", 0),
            is_default=True,
            search_pattern="^(.*)$",
            replace_pattern="$1",
            custom_properties={},
        )
        return account_id

    def update(self, unit: Unit, account_id: int, values: Mapping[str, Any]) -> None:
        """Set columns; the limit of connections is kept in step in the default profile."""
        if not values:
            return
        given = dict(values)
        if "name" in given:
            given["name_key"] = fold(given["name"])
        unit.execute(update(accounts).where(accounts.c.id == account_id).values(given))
        if "max_streams" in given:
            default = and_(account_profiles.c.account_id == account_id, account_profiles.c.is_default.is_(True))
            unit.execute(update(account_profiles).where(default).values(max_streams=given["max_streams"]))

    def file_of(self, unit: Unit, account_id: int) -> str:
        """Where an account's file lies, also one's that is being deleted; empty for none."""
        found = unit.execute(select(accounts.c.file_path).where(accounts.c.id == account_id)).scalar_one_or_none()
        return found or ""

    def is_file_read(self, unit: Unit, file_path: str) -> bool:
        """Whether any account reads this file."""
        return unit.execute(select(accounts.c.id).where(accounts.c.file_path == file_path).limit(1)).first() is not None

    def delete(self, unit: Unit, account_id: int) -> None:
        """Remove the row and all its parts; its streams must be gone."""
        unit.execute(delete(accounts).where(accounts.c.id == account_id))

    def hide(self, unit: Unit, account_id: int, *, at: datetime) -> None:
        """Nobody sees it from now on, and its name is free."""
        gone = {
            "name": f"~deleted-{account_id}",
            "is_active": False,
            "deleted_at": at,
            "status": Status.DISABLED.value,
            "next_refresh_at": None,
        }
        unit.execute(update(accounts).where(accounts.c.id == account_id).values(gone))

    def due(self, unit: Unit, now: datetime) -> list[int]:
        """Active accounts whose next refresh has come."""
        query = select(accounts.c.id).where(
            accounts.c.is_active.is_(True), accounts.c.locked.is_(False), accounts.c.next_refresh_at <= now
        )
        return list(unit.execute(query.order_by(accounts.c.next_refresh_at)).scalars())

    def active(self, unit: Unit) -> list[int]:
        query = select(accounts.c.id).where(accounts.c.is_active.is_(True), accounts.c.locked.is_(False))
        return list(unit.execute(query.order_by(accounts.c.id)).scalars())

    def of_files(self, unit: Unit) -> list[Known]:
        """Accounts that read a file; one that was never set up is not ready."""
        c = accounts.c
        waits = {Status.IDLE.value, Status.PENDING_SETUP.value}
        query = select(c.id, c.file_path, c.etag, c.is_active, c.status).where(c.account_type == AccountType.FILE.value)
        return [
            Known(row.id, row.file_path, row.etag, row.is_active, is_ready=row.status not in waits)
            for row in unit.execute(query)
        ]

    def busy(self, unit: Unit) -> list[int]:
        """Accounts that say that they are being refreshed."""
        states = [Status.FETCHING.value, Status.PARSING.value]
        return list(unit.execute(select(accounts.c.id).where(accounts.c.status.in_(states))).scalars())

    def profiles(self, unit: Unit, account_ids: Sequence[int] | None = None) -> list[AccountProfile]:
        query = select(account_profiles).order_by(
            account_profiles.c.account_id, account_profiles.c.is_default.desc(), account_profiles.c.id
        )
        return [_profile(row) for row in unit.execute(query.where(_of(account_profiles, account_ids)))]

    def profile(self, unit: Unit, profile_id: int) -> AccountProfile | None:
        row = unit.execute(select(account_profiles).where(account_profiles.c.id == profile_id)).first()
        return None if row is None else _profile(row)

    def is_profile_name_taken(self, unit: Unit, account_id: int, name: str, *, but: int | None = None) -> bool:
        query = select(account_profiles.c.id).where(
            account_profiles.c.account_id == account_id,
            account_profiles.c.name == name,
            account_profiles.c.id != (but or 0),
        )
        return unit.execute(query).first() is not None

    def insert_part(self, unit: Unit, table: Table, values: Mapping[str, Any]) -> int:
        """Add a profile, a filter or a server group; its id."""
        return unit.insert(table, **values)

    def update_part(self, unit: Unit, table: Table, row_id: int, values: Mapping[str, Any]) -> None:
        if values:
            unit.execute(update(table).where(table.c.id == row_id).values(dict(values)))

    def delete_part(self, unit: Unit, table: Table, row_id: int) -> bool:
        """Whether it was there."""
        return unit.execute(delete(table).where(table.c.id == row_id)).rowcount > 0

    def filters(self, unit: Unit, account_ids: Sequence[int] | None = None) -> list[AccountFilter]:
        """In the order in which they decide."""
        query = select(filters).where(_of(filters, account_ids))
        return [
            _filter(row) for row in unit.execute(query.order_by(filters.c.account_id, filters.c.position, filters.c.id))
        ]

    def filter(self, unit: Unit, filter_id: int) -> AccountFilter | None:
        row = unit.execute(select(filters).where(filters.c.id == filter_id)).first()
        return None if row is None else _filter(row)

    def groups(self, unit: Unit, account_ids: Sequence[int] | None = None) -> list[GroupAtAccount]:
        """How accounts use groups, by account and name."""
        query = (
            select(group_accounts, groups.c.name)
            .join(groups, groups.c.id == group_accounts.c.group_id)
            .where(_of(group_accounts, account_ids))
            .order_by(group_accounts.c.account_id, groups.c.name_key, group_accounts.c.id)
        )
        return [_group(row) for row in unit.execute(query)]

    def server_groups(self, unit: Unit) -> list[ServerGroup]:
        rows = unit.execute(select(server_groups).order_by(server_groups.c.id))
        return [ServerGroup(id=row.id, name=row.name) for row in rows]

    def missing(self, unit: Unit, table: Table, row_id: int | None) -> bool:
        """Whether `row_id` names no row."""
        if row_id is None:
            return False
        return unit.execute(select(table.c.id).where(table.c.id == row_id)).first() is None

    def expiring(self, unit: Unit, *, before: datetime) -> list[tuple[AccountProfile, str]]:
        """Active profiles of active accounts that end before `before`, each with its account's name."""
        query = (
            select(account_profiles, accounts.c.name.label("account_name"))
            .join(accounts, accounts.c.id == account_profiles.c.account_id)
            .where(accounts.c.is_active.is_(True), account_profiles.c.is_active.is_(True))
            .where(account_profiles.c.expires_at < before)
        )
        return [(_profile(row), row.account_name) for row in unit.execute(query)]

    def count_active_slots(self, unit: Unit) -> tuple[int, bool]:
        """Sum of the limits of active profiles of active accounts, and whether one of them has no limit."""
        active = or_(accounts.c.is_active.is_(True), accounts.c.locked.is_(True))
        query = (
            select(func.coalesce(func.sum(account_profiles.c.max_streams), 0), func.min(account_profiles.c.max_streams))
            .join(accounts, accounts.c.id == account_profiles.c.account_id)
            .where(active, accounts.c.locked.is_(False), account_profiles.c.is_active.is_(True))
        )
        total, least = unit.execute(query).one()
        return int(total), least == 0


def _of(table: Table, account_ids: Sequence[int] | None) -> ColumnElement[bool]:
    return table.c.account_id.in_(account_ids) if account_ids is not None else table.c.id > 0


def _account(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        account_type=AccountType(row.account_type),
        url=row.url_masked,
        file_path=row.file_path,
        has_username=row.username_sealed is not None,
        has_password=row.password_sealed is not None,
        server_group_id=row.server_group_id,
        max_streams=row.max_streams,
        is_active=row.is_active,
        locked=row.locked,
        user_agent_id=row.user_agent_id,
        stream_profile_id=row.stream_profile_id,
        refresh_hours=row.refresh_hours,
        cron=row.cron,
        stale_days=row.stale_days,
        priority=row.priority,
        status=Status(row.status),
        last_message=row.last_message,
        enable_vod=row.enable_vod,
        auto_enable_groups_live=row.auto_enable_groups_live,
        auto_enable_groups_vod=row.auto_enable_groups_vod,
        auto_enable_groups_series=row.auto_enable_groups_series,
        orphan_cleanup=OrphanCleanup(row.orphan_cleanup),
        custom_properties=row.custom_properties,
        created_at=row.created_at,
        updated_at=row.updated_at,
        scanned_at=row.scanned_at,
        next_refresh_at=row.next_refresh_at,
        stream_count=row.stream_count,
        is_held=row.is_held,
    )


def _profile(row: Row[Any]) -> AccountProfile:
    return AccountProfile(
        id=row.id,
        account_id=row.account_id,
        name=row.name,
        max_streams=row.max_streams,
        is_active=row.is_active,
        is_default=row.is_default,
        search_pattern=row.search_pattern,
        replace_pattern=row.replace_pattern,
        expires_at=row.expires_at,
        user_info=row.user_info,
        server_info=row.server_info,
        info_at=row.info_at,
        custom_properties=row.custom_properties,
    )


def _filter(row: Row[Any]) -> AccountFilter:
    return AccountFilter(
        id=row.id,
        account_id=row.account_id,
        filter_type=row.filter_type,
        regex_pattern=row.regex_pattern,
        exclude=row.exclude,
        case_sensitive=row.case_sensitive,
        position=row.position,
        custom_properties=row.custom_properties,
    )


def _group(row: Row[Any]) -> GroupAtAccount:
    return GroupAtAccount(
        id=row.id,
        account_id=row.account_id,
        group_id=row.group_id,
        group_name=row.name,
        enabled=row.enabled,
        auto_channel_sync=row.auto_channel_sync,
        sync_start=row.sync_start,
        sync_end=row.sync_end,
        category_id=row.category_id,
        custom_properties=row.custom_properties,
        stream_count=row.stream_count,
        stale_at=row.stale_at,
        last_seen_at=row.last_seen_at,
    )
