"""Reading and changing what the machine's owner has set."""

import re
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import UNSET

from polycast.core.clock import Clock
from polycast.core.errors import Invalid, NotFound, Problem
from polycast.core.files import write_bytes
from polycast.core.media import sniff
from polycast.core.secrets import Secrets, Tokens
from polycast.core.storage import Database, Unit
from polycast.radio.accounts.model import Kind
from polycast.radio.accounts.who import Who
from polycast.radio.company.model import Company, CompanyChange, License, Smtp
from polycast.radio.company.store import ValueStore

MASKED: Final = "********"  # what is shown for a password that is set; sent back, it keeps the old one
CONTEXT: Final = "radio.smtp"
PASSWORD: Final = "smtp_password"  # noqa: S105 # a name, not a secret
KEY: Final = re.compile(r"[A-Za-z0-9-]{8,64}")
PICTURE_BYTES: Final = 1_000_000
PICTURES: Final = {"png": "image/png", "jpeg": "image/jpeg", "ico": "image/x-icon", "svg": "image/svg+xml"}
LICENSE: Final = "license"
PURPOSE: Final = "radio.license"


class CompanyRoom:
    """Name, pictures, mail server and licence of the business."""

    def __init__(
        self, *, db: Database, store: ValueStore, secrets: Secrets, tokens: Tokens, clock: Clock, data_dir: Path,
        node: str,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._secrets = secrets
        self._tokens = tokens
        self._clock = clock
        self._folder = data_dir / "radio" / "company"
        self._node = node

    async def shown(self) -> tuple[Company, Smtp]:
        """Both, the password open. Whoever answers with it masks it."""
        return await self._db.read(self._shown)

    async def smtp(self) -> Smtp:
        """The way mail leaves; an empty host when there is none."""
        return (await self.shown())[1]

    def name_in(self, unit: Unit) -> str:
        """What the business is called, in mails too."""
        return self._store.all(unit).get("company_name", "")

    def _shown(self, unit: Unit) -> tuple[Company, Smtp]:
        found = self._store.all(unit)
        sealed = self._store.sealed(unit, PASSWORD)
        company = Company(**{name: found.get(name, "") for name in Company.__struct_fields__})
        port = found.get("smtp_port", "")
        smtp = Smtp(
            host=found.get("smtp_host", ""),
            port=int(port) if port else None,
            username=found.get("smtp_username", ""),
            password="" if sealed is None else self._secrets.open(sealed, context=CONTEXT),
            sender=found.get("smtp_sender", ""),
            tls=found.get("smtp_tls") == "1",
            ssl=found.get("smtp_ssl") == "1",
        )
        return company, smtp

    async def change(self, who: Who, change: CompanyChange) -> tuple[Company, Smtp]:
        """Raises: NotAllowed, but for admins; Invalid."""
        who.require(Kind.ADMIN)
        return await self._db.write(self._change, change)

    def _change(self, unit: Unit, change: CompanyChange) -> tuple[Company, Smtp]:
        _, before = self._shown(unit)
        tls = before.tls if change.smtp_tls is UNSET else change.smtp_tls
        ssl = before.ssl if change.smtp_ssl is UNSET else change.smtp_ssl
        if tls and ssl:
            raise Invalid([Problem("smtp_tls", "conflict")])
        given = {
            name: value
            for name in CompanyChange.__struct_fields__
            if name != PASSWORD and (value := getattr(change, name)) is not UNSET
        }
        self._store.put(unit, {name: _text(value) for name, value in given.items()})
        if change.smtp_password is not UNSET and change.smtp_password != MASKED:
            plain = change.smtp_password
            self._store.seal(unit, PASSWORD, self._secrets.seal(plain, context=CONTEXT) if plain else None)
        return self._shown(unit)

    def keep_picture(self, field: str, content: bytes) -> str:
        """Keep a logo or favicon; its path below `/media/company/`. Blocking. Raises: Invalid."""
        if len(content) > PICTURE_BYTES:
            raise Invalid([Problem(field, "too_large")])
        kind = picture_kind(content)
        if kind is None:
            raise Invalid([Problem(field, "invalid_image")])
        name = f"{field.removeprefix('company_')}-{self._tokens.hash(content.hex()).hex()[:12]}.{kind}"
        self._folder.mkdir(parents=True, exist_ok=True)
        write_bytes(self._folder / name, content)
        return f"/media/company/{name}"

    def picture(self, name: str) -> tuple[Path, str]:
        """A kept picture's file and type. Raises: NotFound."""
        match = re.fullmatch(r"(?:logo|favicon)-[0-9a-f]{12}\.(png|jpeg|ico|svg)", name)
        path = self._folder / name
        if match is None or not path.is_file():
            raise NotFound("The picture")
        return path, PICTURES[match[1]]

    async def license(self, who: Who) -> License:
        """Raises: Invalid ("not_found"), when none was entered."""
        found = await self._db.read(self.license_in)
        if not found.key:
            raise Invalid([Problem("license", "not_found")])
        return found

    def license_in(self, unit: Unit) -> License:
        text = self._store.all(unit).get(LICENSE, "")
        return msgspec.json.decode(text, type=License) if text else License()

    async def enter_license(self, who: Who, key: str) -> License:
        """Keep a key. Raises: NotAllowed, but for admins; Invalid."""
        who.require(Kind.ADMIN)
        if not KEY.fullmatch(key):
            raise Invalid([Problem("license_key", "invalid")])
        return await self._db.write(self._enter, key)

    def _enter(self, unit: Unit, key: str) -> License:
        cap = self._cap(key)
        today: date = self._clock.now().date()
        record = f"{key}|{self._node}|{today.isoformat()}"
        local = self._tokens.mac(record, purpose=PURPOSE).hex()
        made = License(key=key, local_key=f"{today.isoformat()}-{local[:40]}", max_accounts=cap)
        self._store.put(unit, {LICENSE: msgspec.json.encode(made).decode()})
        return made

    def _cap(self, key: str) -> int:
        """The cap that a key signed by this very machine carries: `<number>-<16 hex>`; 0 for every other key."""
        match = re.fullmatch(r"CAP-([0-9]{1,6})-([0-9a-f]{16})", key)
        return int(match[1]) if match and self._tokens.same(match[2], self._signature(int(match[1]))) else 0

    def capped_key(self, accounts: int) -> str:
        """A key that lets this machine have no more than so many accounts: a host gives it to whoever runs it."""
        return f"CAP-{accounts}-{self._signature(accounts)}"

    def _signature(self, accounts: int) -> str:
        return self._tokens.mac(f"cap {accounts}", purpose=PURPOSE).hex()[:16]

    def is_full(self, unit: Unit, accounts: int) -> bool:
        """Whether the licence allows no more than `accounts`."""
        cap = self.license_in(unit).max_accounts
        return 0 < cap <= accounts


def picture_kind(content: bytes) -> str | None:
    """The ending for a picture, by its content."""
    kind = sniff(content)
    if kind in ("image/png", "image/jpeg"):
        return kind.removeprefix("image/")
    if content.startswith(b"\x00\x00\x01\x00"):
        return "ico"
    head = content[:1024].lstrip().lower()
    return "svg" if head.startswith((b"<svg", b"<?xml")) and b"<svg" in head else None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)
