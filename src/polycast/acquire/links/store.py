"""Rows of addresses that providers have handed out."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select

from polycast.acquire.tables import links
from polycast.core.storage import Unit


class LinkStore:
    """Sealed, by account, key and what they were made from."""

    def get(self, unit: Unit, provider: str, account: str, link: str) -> Row[Any] | None:
        query = select(links).where(links.c.provider == provider, links.c.account == account, links.c.link == link)
        return unit.execute(query).one_or_none()

    def put(
        self, unit: Unit, provider: str, account: str, link: str, *, url_sealed: bytes, size_bytes: int, at: datetime
    ) -> None:
        row = {
            "provider": provider,
            "account": account,
            "link": link,
            "url_sealed": url_sealed,
            "size_bytes": size_bytes,
            "made_at": at,
        }
        unit.upsert(links, [row], key=["provider", "account", "link"], update=["url_sealed", "size_bytes", "made_at"])

    def drop(self, unit: Unit, provider: str, link: str) -> None:
        unit.execute(delete(links).where(links.c.provider == provider, links.c.link == link))

    def purge(self, unit: Unit, before: datetime) -> int:
        return int(unit.execute(delete(links).where(links.c.made_at < before)).rowcount)
