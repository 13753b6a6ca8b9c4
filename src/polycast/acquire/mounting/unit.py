"""The command and the systemd unit of an rclone that mounts the tree, from what the configuration says of it."""

from collections.abc import Sequence
from typing import Final

from polycast.acquire.config.model import Config
from polycast.acquire.mounting.service import port

FLAGS: Final = {  # the configuration's word -> rclone's, which takes a value
    "cache_dir": "--cache-dir",
    "vfs_cache_mode": "--vfs-cache-mode",
    "vfs_cache_max_age": "--vfs-cache-max-age",
    "vfs_cache_max_size": "--vfs-cache-max-size",
    "vfs_cache_poll_interval": "--vfs-cache-poll-interval",
    "vfs_read_chunk_size": "--vfs-read-chunk-size",
    "vfs_read_chunk_size_limit": "--vfs-read-chunk-size-limit",
    "vfs_read_ahead": "--vfs-read-ahead",
    "buffer_size": "--buffer-size",
    "bw_limit": "--bwlimit",
    "transfers": "--transfers",
    "uid": "--uid",
    "gid": "--gid",
    "umask": "--umask",
    "attr_timeout": "--attr-timeout",
    "dir_cache_time": "--dir-cache-time",
    "log_level": "--log-level",
}
SWITCHES: Final = {"no_modtime": "--no-modtime", "no_checksum": "--no-checksum"}
DEFAULTS: Final = {"vfs_cache_mode": "off", "dir_cache_time": "5m", "transfers": 4}


def command(config: Config, url: str) -> Sequence[str]:
    """What mounts the tree of the server at `url`. It takes an API key from `RCLONE_WEBDAV_BEARER_TOKEN`."""
    options = {**DEFAULTS, **config.mount.rclone}
    words = [
        "rclone",
        "mount",
        ":webdav:",
        config.mount.mount_path,
        f"--webdav-url={url.rstrip('/')}/webdav",
        "--webdav-vendor=other",
        "--read-only",
        "--allow-other",
        "--rc",
        "--rc-no-auth",
        f"--rc-addr=127.0.0.1:{port(config)}",
    ]
    words += [f"{flag}={options[name]}" for name, flag in FLAGS.items() if options.get(name) not in (None, "", 0)]
    words += [flag for name, flag in SWITCHES.items() if options.get(name)]
    if options.get("async_read") is False:
        words.append("--async-read=false")
    return words


def unit(config: Config, url: str) -> str:
    """A systemd unit. `/etc/polycast/rclone.env` holds `RCLONE_WEBDAV_BEARER_TOKEN=`, an API key that may read."""
    words, place = [_quoted(word) for word in command(config, url)], _quoted(config.mount.mount_path)
    return "\n".join(
        [
            "[Unit]",
            "Description=Polycast acquisition, mounted by rclone",
            "Wants=network-online.target",
            "After=network-online.target",
            "",
            "[Service]",
            "Type=notify",
            "EnvironmentFile=/etc/polycast/rclone.env",
            f"ExecStartPre=/bin/mkdir -p {place}",
            "ExecStart=/usr/bin/" + " \\\n  ".join(words),
            f"ExecStop=/bin/fusermount3 -uz {place}",
            "Restart=always",
            "RestartSec=5",
            "",
            "[Install]",
            "WantedBy=multi-user.target",
            "",
        ]
    )


def _quoted(word: str) -> str:
    """As systemd reads it: `%` is its own sign, a blank ends a word."""
    word = word.replace("%", "%%").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{word}"' if " " in word else word
