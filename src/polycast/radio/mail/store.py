"""Rows of mail templates and of mails that wait."""

from datetime import datetime

from sqlalchemy import delete, func, select

from polycast.core.storage import Unit
from polycast.radio.mail.model import MailTemplate
from polycast.radio.tables import mail_templates, mails


class MailStore:
    """The only place that writes `radio_mail_templates` and `radio_mails`."""

    def template(self, unit: Unit, owner_id: int, language: str, email_type: str) -> MailTemplate | None:
        table = mail_templates.c
        query = select(mail_templates).where(
            table.owner_id == owner_id, table.language == language, table.email_type == email_type
        )
        row = unit.execute(query).first()
        return None if row is None else _template(row)

    def templates(self, unit: Unit, owner_id: int, language: str) -> dict[str, MailTemplate]:
        table = mail_templates.c
        query = select(mail_templates).where(table.owner_id == owner_id, table.language == language)
        return {row.email_type: _template(row) for row in unit.execute(query)}

    def put_template(self, unit: Unit, template: MailTemplate) -> None:
        values = {name: getattr(template, name) for name in MailTemplate.__struct_fields__}
        key = ["owner_id", "language", "email_type"]
        unit.upsert(mail_templates, [values], key=key, update=["subject", "body"])

    def add(self, unit: Unit, *, account_id: int | None, email_type: str, sealed: bytes, at: datetime) -> int:
        return unit.insert(mails, account_id=account_id, email_type=email_type, sealed=sealed, created_at=at)

    def get(self, unit: Unit, mail_id: int) -> bytes | None:
        found: bytes | None = unit.execute(select(mails.c.sealed).where(mails.c.id == mail_id)).scalar()
        return found

    def sent(self, unit: Unit, mail_id: int) -> None:
        """Keep that there was one, not what it said."""
        unit.execute(mails.update().where(mails.c.id == mail_id).values(sealed=b""))

    def count(self, unit: Unit, account_id: int, email_type: str, *, since: datetime) -> int:
        table = mails.c
        query = select(func.count()).where(
            table.account_id == account_id, table.email_type == email_type, table.created_at >= since
        )
        return int(unit.execute(query).scalar_one())

    def purge(self, unit: Unit, *, before: datetime) -> int:
        return unit.execute(delete(mails).where(mails.c.created_at < before)).rowcount


def _template(row: object) -> MailTemplate:
    return MailTemplate(**{name: getattr(row, name) for name in MailTemplate.__struct_fields__})
