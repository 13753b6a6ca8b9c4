"""The keys of hosts that were visited before."""

from datetime import datetime

from sqlalchemy import select

from polycast.core.storage import Unit
from polycast.radio.tables import ssh_hosts


class HostStore:
    """The only place that writes `radio_ssh_hosts`."""

    def key(self, unit: Unit, host: str, port: int) -> str | None:
        query = select(ssh_hosts.c.public_key).where(ssh_hosts.c.host == host, ssh_hosts.c.port == port)
        found: str | None = unit.execute(query).scalar()
        return found

    def keep(self, unit: Unit, host: str, port: int, key: str, *, at: datetime) -> None:
        row = {"host": host, "port": port, "public_key": key, "seen_at": at}
        unit.upsert(ssh_hosts, [row], key=["host", "port"], update=["seen_at"])
