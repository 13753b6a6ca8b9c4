"""`python -m polycast`."""

import sys

from polycast import cli


def main() -> int:
    """Run the command line; its exit code."""
    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
