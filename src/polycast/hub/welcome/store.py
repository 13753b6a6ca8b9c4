"""Rows of the first run's steps."""

from sqlalchemy import Column, MetaData, Table, Text, select

from polycast.core.storage import Unit, metadata

TABLES: MetaData = metadata("hub")
first_steps = Table(
    "hub_first_steps", TABLES, Column("name", Text, primary_key=True), Column("state", Text, nullable=False)
)


class StepStore:
    """One row for each step that is not open any more."""

    def all(self, unit: Unit) -> dict[str, str]:
        return {row.name: row.state for row in unit.execute(select(first_steps.c.name, first_steps.c.state))}

    def put(self, unit: Unit, name: str, state: str) -> None:
        unit.upsert(first_steps, [{"name": name, "state": state}], key=["name"], update=["state"])
