"""What the names of files and folders say."""

from polycast.library.scanning.names.model import Ids, Named, NameKind
from polycast.library.scanning.names.paths import read_path
from polycast.library.scanning.names.single import read_name, split_part

__all__ = ["Ids", "NameKind", "Named", "read_name", "read_path", "split_part"]
