"""Rows of packages."""

from typing import Any

from sqlalchemy import Row, delete, select, update

from polycast.core.storage import Unit, fold
from polycast.radio.accounts.model import FEATURES, Features, Kind, Limits
from polycast.radio.accounts.store_rows import ALL_LIMITS
from polycast.radio.tables import templates
from polycast.radio.templates.model import Template


class TemplateStore:
    """The only place that writes `radio_templates`."""

    def of_kind(self, unit: Unit, kind: Kind) -> list[Template]:
        """In the order of their names."""
        query = select(templates).where(templates.c.kind == kind.value).order_by(templates.c.name_key)
        return [_template(row) for row in unit.execute(query)]

    def get(self, unit: Unit, kind: Kind, template_id: int) -> Template | None:
        query = select(templates).where(templates.c.id == template_id, templates.c.kind == kind.value)
        row = unit.execute(query).first()
        return None if row is None else _template(row)

    def named(self, unit: Unit, name: str) -> Template | None:
        """Of either kind."""
        row = unit.execute(select(templates).where(templates.c.name_key == fold(name))).first()
        return None if row is None else _template(row)

    def insert(self, unit: Unit, kind: Kind, values: dict[str, Any]) -> int:
        return unit.insert(templates, kind=kind.value, name_key=fold(values["name"]), **values)

    def update(self, unit: Unit, template_id: int, values: dict[str, Any]) -> None:
        if "name" in values:
            values = values | {"name_key": fold(values["name"])}
        if values:
            unit.execute(update(templates).where(templates.c.id == template_id).values(**values))

    def delete(self, unit: Unit, template_id: int) -> None:
        unit.execute(delete(templates).where(templates.c.id == template_id))


def _template(row: Row[Any]) -> Template:
    values = row._mapping
    return Template(
        id=values["id"],
        kind=Kind(values["kind"]),
        name=values["name"],
        server_type=values["server_type"] or "icecast",
        limits=Limits(**{name: values[name] for name in ALL_LIMITS}),
        features=Features(**{name: values[name] for name in FEATURES}),
    )
