"""Exactly what the admin API sends about the business, the machine and the licence."""

from msgspec import Struct


class CompanyShown(Struct, frozen=True, kw_only=True):
    """What everybody may know of the business."""

    company_logo: str
    company_name: str
    company_favicon: str
    copyright: str


class SettingsShown(Struct, frozen=True, kw_only=True):
    """What the people of the business see; `smtp_password` is never the real one."""

    company_logo: str
    company_name: str
    company_favicon: str
    copyright: str
    smtp_host: str
    smtp_port: int | None
    smtp_username: str
    smtp_password: str
    smtp_sender: str
    smtp_tls: bool
    smtp_ssl: bool


class HostShown(Struct, frozen=True, kw_only=True):
    """What the host has set, beside the settings of an admin."""

    public_host: str
    base_url: str
    port_pool_min: int
    port_pool_max: int
    block_size: int
    engine: str
    player: str
    allowed_targets: list[str]
    history_days: int
    mail_enabled: bool
    default_language: str
    backup_dir: str
    restore_dir: str


class PermanentStats(Struct, frozen=True, kw_only=True):
    hostname: str
    ip: str
    os: str
    cpu_cores: str
    cpu_model: str


class DynamicStats(Struct, frozen=True, kw_only=True):
    """`broadsters_num` is spelled so."""

    broadsters_num: int
    resellers_num: int
    listeners_num: int
    r_kbps: float
    t_kbps: float
    du_free: int
    du_free_readable: str
    du_total: int
    du_total_readable: str
    uptime: str
    ram_free_megabytes: int
    ram_total_megabytes: int
    cpu_load: str


class LicenseInfo(Struct, frozen=True, kw_only=True):
    valid: bool
    expires: str | None
    max_accounts: int


class LicenseShown(Struct, frozen=True, kw_only=True):
    sc: bool
    key: str
    version: str
    last_version: str | None
    info: LicenseInfo
    changes: list[str]
    update_available: bool


class LicenseEntered(Struct, frozen=True, kw_only=True):
    key: str
    local_key: str
    version: str
    data: dict[str, int | str | None]
