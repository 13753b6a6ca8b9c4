"""`python -m tests.house` checks the rules and the modules' `surface.txt`; `--write` rewrites the latter.

`--write` also names the routes that the tests run since have not reached well.
"""

import sys

from tests.house.exceptions import EXCEPTIONS
from tests.house.reached import unreached
from tests.house.rules import RULES, SRC, sources
from tests.house.surface import surfaces


def broken_rules() -> list[str]:
    """One line for each broken rule and each exception without need."""
    found = [broken for source in sources() for rule in RULES for broken in rule(source)]
    used = {(broken.rule, broken.where) for broken in found}
    lines = [
        f"{broken.where}:{broken.line}: {broken.rule}: {broken.what}"
        for broken in found
        if (broken.rule, broken.where) not in EXCEPTIONS
    ]
    return lines + [f"exceptions.py: {entry} excuses nothing" for entry in EXCEPTIONS if entry not in used]


def stale_surfaces() -> list[str]:
    """One line for each `surface.txt` that does not say what the module shows."""
    return [
        f"{path.relative_to(SRC)}: does not say what the module shows; `make lists` rewrites it, look at the diff"
        for path, text in surfaces().items()
        if not path.exists() or path.read_text("utf-8") != text
    ]


def main(arguments: list[str]) -> int:
    if "--write" in arguments:
        now = surfaces()
        for path, text in now.items():
            path.write_text(text, "utf-8")
        sys.stdout.write("".join(f"{line}\n" for line in unreached(now)))
        return 0
    lines = [*broken_rules(), *stale_surfaces()]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
