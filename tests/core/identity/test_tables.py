"""What the revision makes is what the models say, and no question of every request reads a whole table."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, inspect, text

from polycast.core.identity.devices.store import DeviceStore
from polycast.core.identity.store import CredentialStore
from polycast.core.identity.tables import METADATA
from polycast.core.identity.users.store import UserStore
from polycast.core.storage import Unit
from tests.core.identity.house import House
from tests.engines import ENGINES, opened


def shape(unit: Unit) -> dict[str, Any]:
    """Columns, indexes and constraints of our tables, as the database tells them."""
    seen = inspect(unit.connection)
    found: dict[str, Any] = {}
    for name in METADATA.tables:
        found[name] = {
            "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(name)],
            "key": seen.get_pk_constraint(name)["constrained_columns"],
            "indexes": sorted((i["name"] or "", i["column_names"]) for i in seen.get_indexes(name)),
            "unique": sorted((u["name"] or "", u["column_names"]) for u in seen.get_unique_constraints(name)),
            "foreign": [
                (f["constrained_columns"], f["referred_table"], f["options"]) for f in seen.get_foreign_keys(name)
            ],
        }
    return found


class TestTheRevision:
    @pytest.mark.parametrize("engine", ENGINES)
    async def test_it_makes_what_the_models_say(self, engine: str, tmp_path: Path) -> None:
        async with opened(engine, tmp_path / "migrated", migrated=True) as db:
            migrated = await db.read(shape)
        async with opened(engine, tmp_path / "made", metadatas=[METADATA]) as db:
            assert migrated == await db.read(shape)


class TestEveryRequest:
    def plans(self, unit: Unit) -> list[str]:
        """The plan of each statement behind `authenticate`, in SQLite's words."""
        statements: list[tuple[str, Any]] = []

        def keep(_c: Any, _cur: Any, statement: str, parameters: Any, _ctx: Any, _many: Any) -> None:
            statements.append((statement, parameters))

        event.listen(unit.connection, "before_cursor_execute", keep)
        reads, users = CredentialStore(UserStore(), DeviceStore()), UserStore()
        reads.session(unit, b"x")
        reads.session_by_id(unit, 1)
        reads.key(unit, b"x")
        reads.key_by_id(unit, 1)
        users.by_key(unit, "ada")
        users.by_nanoid(unit, "x")
        users.by_uuid(unit, "x")
        users.list(unit, limit=5, offset=0, tenant_id=7, search="")
        users.active_owners(unit, but=1)
        event.remove(unit.connection, "before_cursor_execute", keep)
        plans = []
        for statement, parameters in statements:
            cursor = unit.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans += [row[3] for row in cursor]
        return plans

    async def test_each_statement_has_its_index(self, home: House) -> None:
        plans = await home.db.read(self.plans)
        assert len(plans) >= 9
        assert [plan for plan in plans if plan.startswith("SCAN")] == []

    async def test_a_known_credential_reads_nothing(self, home: House) -> None:
        await home.user("ada")
        token, _ = await home.signed_in("ada")
        await home.db.write(lambda unit: unit.execute(text("DROP TABLE core_api_keys")))
        await home.db.write(lambda unit: unit.execute(text("ALTER TABLE core_sessions RENAME TO gone")))
        caller = await home.identity.authenticate_token(token, address="192.0.2.1")
        assert (caller.username, caller.address) == ("ada", "192.0.2.1")
