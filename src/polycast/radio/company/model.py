"""What the machine's owner has set for the business: name, pictures, the way mail leaves, the licence."""

from msgspec import UNSET, Struct, UnsetType


class Company(Struct, frozen=True, kw_only=True):
    """Name and pictures that everybody may see."""

    company_name: str = ""
    company_logo: str = ""  # path below /media/company/, or empty
    company_favicon: str = ""
    copyright: str = ""


class Smtp(Struct, frozen=True, kw_only=True):
    """The way mail leaves. `password` is open here: keep it out of answers."""

    host: str = ""
    port: int | None = None
    username: str = ""
    password: str = ""
    sender: str = ""
    tls: bool = False  # STARTTLS
    ssl: bool = False  # TLS from the first byte

    def __repr__(self) -> str:
        return f"Smtp({self.host!r})"


class CompanyChange(Struct, frozen=True, kw_only=True):
    """Absent keeps."""

    company_name: str | UnsetType = UNSET
    company_logo: str | UnsetType = UNSET
    company_favicon: str | UnsetType = UNSET
    copyright: str | UnsetType = UNSET
    smtp_host: str | UnsetType = UNSET
    smtp_port: int | None | UnsetType = UNSET
    smtp_username: str | UnsetType = UNSET
    smtp_password: str | UnsetType = UNSET
    smtp_sender: str | UnsetType = UNSET
    smtp_tls: bool | UnsetType = UNSET
    smtp_ssl: bool | UnsetType = UNSET

    def __repr__(self) -> str:
        return "CompanyChange()"


class License(Struct, frozen=True, kw_only=True):
    """A key that was entered, and the record that it was."""

    key: str = ""
    local_key: str = ""
    max_accounts: int = 0  # 0: no cap
    expires: str = ""  # 2027-01-31, or never
