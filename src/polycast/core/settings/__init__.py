"""One typed tree from environment, `polycast.toml` and database."""

from polycast.core.settings.load import BadSettings, read_host
from polycast.core.settings.model import BackupSettings, CoreSettings, MediaSettings, NetSettings, SecretText

__all__ = ["BackupSettings", "BadSettings", "CoreSettings", "MediaSettings", "NetSettings", "SecretText", "read_host"]
