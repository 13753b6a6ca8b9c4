"""The configuration as `/api/config` reads and writes it. Keys are the original's."""

from typing import Any, Final, Literal

from msgspec import Struct

PROVIDERS: Final = ("realdebrid", "alldebrid", "debridlink", "torbox", "premiumize")
ProviderKind = Literal["realdebrid", "alldebrid", "debridlink", "torbox", "premiumize"]
ActionWord = Literal["symlink", "download", "strm", "none"]
VIDEO_TYPES: Final = (
    "3gp",
    "avi",
    "asf",
    "divx",
    "f4v",
    "flv",
    "iso",
    "m2ts",
    "m4v",
    "mk3d",
    "mkv",
    "mov",
    "mp4",
    "mpeg",
    "mpg",
    "mts",
    "ogm",
    "ogv",
    "rm",
    "rmvb",
    "ts",
    "vob",
    "webm",
    "wmv",
    "wtv",
)
MEDIA_TYPES: Final = (
    *VIDEO_TYPES,
    "aac",
    "ac3",
    "aif",
    "aiff",
    "alac",
    "ape",
    "dsf",
    "dts",
    "eac3",
    "flac",
    "m4a",
    "m4b",
    "mka",
    "mp2",
    "mp3",
    "ogg",
    "opus",
    "wav",
    "wma",
)
RESERVED_NAMES: Final = frozenset({"download", "torrents", "nzbs", "version.txt", "links", "inbox", "stream"})


class Debrid(Struct, frozen=True, kw_only=True):
    """An account at a provider. Order in the list is preference."""

    provider: ProviderKind
    name: str = ""
    api_key: str = ""
    download_api_keys: tuple[str, ...] = ()
    download_uncached: bool = False
    rate_limit: str = "250/minute"
    repair_rate_limit: str = ""
    download_rate_limit: str = ""
    create_rate_limit: str = ""
    proxy: str = ""
    unpack_rar: bool = False
    minimum_free_slot: int = 0
    limit: int = 0
    torrents_refresh_interval: str = "10m"
    download_links_refresh_interval: str = "5m"
    workers: int = 20
    auto_expire_links_after: str = "3d"
    user_agent: str = ""
    base_url: str = ""
    tls_fingerprint: str = ""


class UsenetServer(Struct, frozen=True, kw_only=True):
    """A news server."""

    host: str = ""
    port: int = 0  # 0: 119, 563 with TLS
    username: str = ""
    password: str = ""
    backbone: str = ""
    max_connections: int = 20
    ssl: bool = False
    priority: int = 0
    backup: bool = False


class Usenet(Struct, frozen=True, kw_only=True):
    """News servers and how they are read."""

    providers: tuple[UsenetServer, ...] = ()
    max_connections: int = 15
    processing_max_connections: int = 0
    read_ahead: str = "16MB"
    buffer_memory: str = "512MB"
    disk_buffer_path: str = ""
    socket_read_buffer: str = "4MB"
    socket_write_buffer: str = "1MB"
    processing_timeout: str = "10m"
    availability_sample_percent: int = 10
    import_availability_sample_percent: int = 1
    hole_policy: Literal["zero_fill", "error"] = "zero_fill"
    pipeline_depth: int = 4


class ExternalRclone(Struct, frozen=True, kw_only=True):
    """An rclone of somebody else's that is told what changed."""

    rc_url: str = ""
    rc_username: str = ""
    rc_password: str = ""


class Mount(Struct, frozen=True, kw_only=True):
    """Where the tree appears as files."""

    type: Literal["dfs", "rclone", "external_rclone", "none"] = "none"
    mount_path: str = "/mnt/acquire"
    dfs: dict[str, Any] = {}
    rclone: dict[str, Any] = {}
    external_rclone: ExternalRclone = ExternalRclone()
    symlink_verify: Literal["", "mount", "catalog", "none"] = ""  # "": mount where there is one


class Filters(Struct, frozen=True, kw_only=True):
    """What must hold of an entry to be in a custom folder."""

    include: str = ""
    exclude: str = ""
    starts_with: str = ""
    not_starts_with: str = ""
    ends_with: str = ""
    not_ends_with: str = ""
    exact_match: str = ""
    not_exact_match: str = ""
    regex: str = ""
    not_regex: str = ""
    files_regex: str = ""
    not_files_regex: str = ""
    size_gt: str = ""
    size_lt: str = ""
    file_count_gt: int | None = None
    file_count_lt: int | None = None
    last_added: str = ""


class CustomFolder(Struct, frozen=True, kw_only=True):
    """A top-level folder that is a filtered view of all entries."""

    filters: Filters = Filters()


class RepairConfig(Struct, frozen=True, kw_only=True):
    """When and how dead content is looked for."""

    enabled: bool = False
    source: Literal["arr", "managed", "both"] = "both"
    schedule: str = ""
    workers: int = 5
    nntp_connection_percent: int = 20
    strategy: Literal["per_entry", "per_file"] = "per_entry"
    recheck_interval: str = "168h"
    arrs: tuple[str, ...] = ()
    auto_repair: bool = False
    skip_nzb_repair: bool = False


class CleanupRule(Struct, frozen=True, kw_only=True):
    """What is done with an item that an Arr cannot import."""

    id: str = ""
    match: str = ""
    action: Literal["", "import", "blacklist", "blacklist_research"] = ""


class QueueCleanup(Struct, frozen=True, kw_only=True):
    """Rules in order; the first that fits counts."""

    enabled: bool = True
    dry_run: bool = False
    rules: tuple[CleanupRule, ...] = ()


class Notifications(Struct, frozen=True, kw_only=True):
    """Who is told what."""

    enabled: bool = False
    webhook_url: str = ""
    callback_url: str = ""
    events: tuple[str, ...] = ()


class Config(Struct, frozen=True, kw_only=True):
    """The whole of it. What is absent in the stored document has these values."""

    bind_address: str = "0.0.0.0"  # noqa: S104 - the original's own; ours is the host's to set
    port: str = "8282"
    url_base: str = "/"
    app_url: str = ""
    log_level: Literal["trace", "debug", "info", "warn", "error"] = "info"
    use_auth: bool = True
    enable_webdav_auth: bool = True
    disable_webdav: bool = False
    webdav_inbox: bool = True
    webdav_delete: Literal["deny", "hide", "remove"] = "deny"
    nzb_user_agent: str = ""
    download_folder: str = ""
    categories: tuple[str, ...] = ("sonarr", "radarr")
    refresh_interval: str = "30s"
    max_active_downloads: int = 5
    retries: int = 3
    skip_pre_cache: bool = False
    skip_multi_season: bool = False
    skip_auto_move: bool = False
    always_rm_tracker_urls: bool = False
    allow_samples: bool = False
    folder_naming: Literal["filename", "original", "filename_no_ext", "original_no_ext", "infohash"] = "filename"
    default_download_action: ActionWord = "symlink"
    allowed_file_types: tuple[str, ...] = MEDIA_TYPES
    min_file_size: str = ""
    max_file_size: str = ""
    remove_stalled_after: str = ""
    refresh_dirs: str = "__all__"
    custom_folders: dict[str, CustomFolder] = {}
    qbt_profile: Literal["4", "5"] = "4"
    qbt_overloads: bool = True
    arr_logins: bool = True  # an Arr that signs in by its own address may be approved
    debrids: tuple[Debrid, ...] = ()
    usenet: Usenet = Usenet()
    mount: Mount = Mount()
    repair: RepairConfig = RepairConfig()
    queue_cleanup: QueueCleanup = QueueCleanup()
    notifications: Notifications = Notifications()

    def named(self, name: str) -> Debrid | None:
        """The account with this name."""
        return next((one for one in self.debrids if one.name == name), None)
