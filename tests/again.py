"""Prints the files whose tests failed in the last run, for `make test` to ask them once more with nothing beside them.

Whole files, because tests of one file may share a server. Exit code 1 when no test is to blame.
"""

import json
import sys
from pathlib import Path

FAILED = Path(".pytest_cache", "v", "cache", "lastfailed")


def main() -> int:
    """Write the paths on one line."""
    names = json.loads(FAILED.read_bytes()) if FAILED.is_file() else {}
    files = sorted({name.partition("::")[0] for name in names})
    sys.stdout.write(" ".join(file for file in files if Path(file).is_file()) + "\n")
    return 0 if files else 1


if __name__ == "__main__":
    raise SystemExit(main())
