"""Every preference of qBittorrent 4.6.7 with the type that clients check, and the few that mean something here."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from polycast.acquire.config.service import Configs
from polycast.acquire.config.store import DocumentStore
from polycast.core.errors import Invalid
from polycast.core.identity.caller import Caller
from polycast.core.identity.scopes import Scope
from polycast.core.storage import Database, Unit

NAME: Final = "preferences"
BYTES: Final = 256 * 1024
FLAGS: Final = [
    "add_to_top_of_queue",
    "add_trackers_enabled",
    "alternative_webui_enabled",
    "announce_to_all_tiers",
    "announce_to_all_trackers",
    "anonymous_mode",
    "auto_tmm_enabled",
    "autorun_enabled",
    "autorun_on_torrent_added_enabled",
    "block_peers_on_privileged_ports",
    "bypass_auth_subnet_whitelist_enabled",
    "bypass_local_auth",
    "category_changed_tmm_enabled",
    "dont_count_slow_torrents",
    "dyndns_enabled",
    "embedded_tracker_port_forwarding",
    "enable_coalesce_read_write",
    "enable_embedded_tracker",
    "enable_multi_connections_from_same_ip",
    "enable_piece_extent_affinity",
    "enable_upload_suggestions",
    "excluded_file_names_enabled",
    "file_log_backup_enabled",
    "file_log_delete_old",
    "file_log_enabled",
    "i2p_enabled",
    "i2p_mixed_mode",
    "idn_support_enabled",
    "incomplete_files_ext",
    "ip_filter_enabled",
    "ip_filter_trackers",
    "limit_lan_peers",
    "limit_tcp_overhead",
    "limit_utp_rate",
    "lsd",
    "mail_notification_auth_enabled",
    "mail_notification_enabled",
    "mail_notification_ssl_enabled",
    "max_inactive_seeding_time_enabled",
    "max_seeding_time_enabled",
    "merge_trackers",
    "performance_warning",
    "pex",
    "preallocate_all",
    "proxy_auth_enabled",
    "proxy_bittorrent",
    "proxy_hostname_lookup",
    "proxy_misc",
    "proxy_peer_connections",
    "proxy_rss",
    "random_port",
    "reannounce_when_address_changed",
    "recheck_completed_torrents",
    "resolve_peer_countries",
    "rss_auto_downloading_enabled",
    "rss_download_repack_proper_episodes",
    "rss_processing_enabled",
    "save_path_changed_tmm_enabled",
    "scheduler_enabled",
    "ssrf_mitigation",
    "start_paused_enabled",
    "temp_path_enabled",
    "torrent_changed_tmm_enabled",
    "upnp",
    "use_category_paths_in_manual_mode",
    "use_https",
    "use_subcategories",
    "validate_https_tracker_certificate",
    "web_ui_clickjacking_protection_enabled",
    "web_ui_csrf_protection_enabled",
    "web_ui_host_header_validation_enabled",
    "web_ui_reverse_proxy_enabled",
    "web_ui_secure_cookie_enabled",
    "web_ui_upnp",
    "web_ui_use_custom_http_headers_enabled",
]
NUMBERS: Final = [
    "alt_dl_limit",
    "alt_up_limit",
    "async_io_threads",
    "auto_delete_mode",
    "bdecode_depth_limit",
    "bdecode_token_limit",
    "bittorrent_protocol",
    "checking_memory_use",
    "connection_speed",
    "disk_cache",
    "disk_cache_ttl",
    "disk_io_read_mode",
    "disk_io_type",
    "disk_io_write_mode",
    "disk_queue_size",
    "dl_limit",
    "dyndns_service",
    "embedded_tracker_port",
    "encryption",
    "file_log_age",
    "file_log_age_type",
    "file_log_max_size",
    "file_pool_size",
    "hashing_threads",
    "i2p_inbound_length",
    "i2p_inbound_quantity",
    "i2p_outbound_length",
    "i2p_outbound_quantity",
    "i2p_port",
    "listen_port",
    "max_active_checking_torrents",
    "max_active_downloads",
    "max_active_torrents",
    "max_active_uploads",
    "max_concurrent_http_announces",
    "max_connec",
    "max_connec_per_torrent",
    "max_inactive_seeding_time",
    "max_ratio_act",
    "max_seeding_time",
    "max_uploads",
    "max_uploads_per_torrent",
    "memory_working_set_limit",
    "outgoing_ports_max",
    "outgoing_ports_min",
    "peer_tos",
    "peer_turnover",
    "peer_turnover_cutoff",
    "peer_turnover_interval",
    "proxy_port",
    "refresh_interval",
    "request_queue_size",
    "rss_max_articles_per_feed",
    "rss_refresh_interval",
    "save_resume_data_interval",
    "schedule_from_hour",
    "schedule_from_min",
    "schedule_to_hour",
    "schedule_to_min",
    "scheduler_days",
    "send_buffer_low_watermark",
    "send_buffer_watermark",
    "send_buffer_watermark_factor",
    "slow_torrent_dl_rate_threshold",
    "slow_torrent_inactive_timer",
    "slow_torrent_ul_rate_threshold",
    "socket_backlog_size",
    "socket_receive_buffer_size",
    "socket_send_buffer_size",
    "stop_tracker_timeout",
    "torrent_file_size_limit",
    "up_limit",
    "upload_choking_algorithm",
    "upload_slots_behavior",
    "upnp_lease_duration",
    "utp_tcp_mixed_mode",
    "web_ui_ban_duration",
    "web_ui_max_auth_fail_count",
    "web_ui_port",
    "web_ui_session_timeout",
]
TEXTS: Final = [
    "add_trackers",
    "alternative_webui_path",
    "announce_ip",
    "autorun_on_torrent_added_program",
    "autorun_program",
    "banned_IPs",
    "bypass_auth_subnet_whitelist",
    "current_interface_address",
    "current_interface_name",
    "current_network_interface",
    "dyndns_domain",
    "dyndns_password",
    "dyndns_username",
    "excluded_file_names",
    "export_dir",
    "export_dir_fin",
    "file_log_path",
    "i2p_address",
    "ip_filter_path",
    "locale",
    "mail_notification_email",
    "mail_notification_password",
    "mail_notification_sender",
    "mail_notification_smtp",
    "mail_notification_username",
    "proxy_ip",
    "proxy_password",
    "proxy_type",
    "proxy_username",
    "resume_data_storage_type",
    "rss_smart_episode_filters",
    "save_path",
    "temp_path",
    "torrent_content_layout",
    "torrent_stop_condition",
    "web_ui_address",
    "web_ui_custom_http_headers",
    "web_ui_domain_list",
    "web_ui_https_cert_path",
    "web_ui_https_key_path",
    "web_ui_reverse_proxies_list",
    "web_ui_username",
]
USUAL: Final[Mapping[str, Any]] = {
    "bdecode_depth_limit": 100,
    "bdecode_token_limit": 10_000_000,
    "file_log_max_size": 65,
    "i2p_port": 7656,
    "listen_port": 6881,
    "locale": "en",
    "max_connec": 500,
    "max_connec_per_torrent": 100,
    "max_active_torrents": -1,
    "max_active_uploads": -1,
    "proxy_type": "None",
    "refresh_interval": 1500,
    "resume_data_storage_type": "Legacy",
    "rss_refresh_interval": 30,
    "rss_max_articles_per_feed": 50,
    "torrent_content_layout": "Original",
    "torrent_stop_condition": "None",
    "torrent_file_size_limit": 10 * 1024 * 1024,
    "web_ui_address": "*",
    "web_ui_domain_list": "*",
    "web_ui_session_timeout": 3600,
    "web_ui_max_auth_fail_count": 5,
    "web_ui_ban_duration": 3600,
    "web_ui_csrf_protection_enabled": True,
    "web_ui_clickjacking_protection_enabled": True,
    "max_inactive_seeding_time": -1,
    "max_seeding_time": -1,
    "pex": True,
    "lsd": True,
    "ssrf_mitigation": True,
    "validate_https_tracker_certificate": True,
}
# What an Arr's connection test depends on: no client can change it.
FIXED: Final[Mapping[str, Any]] = {
    "dht": True,
    "queueing_enabled": True,
    "max_ratio_enabled": True,
    "max_ratio": 1,
    "max_ratio_act": 0,
    "max_seeding_time_enabled": False,
    "max_inactive_seeding_time_enabled": False,
}
KINDS: Final = {**dict.fromkeys(FLAGS, False), **dict.fromkeys(NUMBERS, 0), **dict.fromkeys(TEXTS, "")}


class Preferences:
    """What clients read, with what they have set."""

    def __init__(self, *, db: Database, store: DocumentStore, configs: Configs) -> None:
        self._db = db
        self._store = store
        self._configs = configs

    async def read(self, *, port: int, username: str) -> dict[str, Any]:
        """Every key."""
        config = await self._configs.read()
        stored, _ = await self._db.read(self._store.read, NAME)
        shown: dict[str, Any] = {**KINDS, "scan_dirs": {}, **USUAL, **stored}
        shown |= {"max_active_downloads": config.max_active_downloads, "web_ui_port": port, "web_ui_username": username}
        shown |= {"save_path": f"{config.download_folder}/", **FIXED}
        return dict(sorted(shown.items()))

    async def change(self, caller: Caller, text: str) -> None:
        """Keep known keys of a JSON object. Raises: Invalid."""
        caller.require(Scope.ACQUIRE_WRITE)
        try:
            sent = msgspec.json.decode(text[:BYTES], type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Invalid.one("json", "invalid", "The preferences are no JSON object.") from error
        kept = {name: value for name, value in sent.items() if _fits(name, value)}
        await self._db.write(self._change, kept)

    def _change(self, unit: Unit, kept: Mapping[str, Any]) -> None:
        stored, _ = self._store.read(unit, NAME)
        self._store.write(unit, NAME, {**stored, **kept})

    async def limits(self) -> tuple[int, int, bool]:
        """Global limits down and up in bytes a second, and whether the alternative ones are on."""
        stored, _ = await self._db.read(self._store.read, NAME)
        return int(stored.get("dl_limit", 0)), int(stored.get("up_limit", 0)), bool(stored.get("alternative", False))

    async def keep(self, caller: Caller, **values: Any) -> None:
        caller.require(Scope.ACQUIRE_WRITE)
        await self._db.write(self._change, values)


def _fits(name: str, value: Any) -> bool:
    kind = {**KINDS, **FIXED}.get(name)
    if kind is None or name in FIXED:
        return False
    if isinstance(kind, bool) or isinstance(value, bool):
        return isinstance(kind, bool) and isinstance(value, bool)
    if isinstance(kind, str):
        return isinstance(value, str) and len(value) < 4000
    return isinstance(value, int) and abs(value) < 1 << 53
