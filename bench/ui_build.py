"""How long the pages take to build, from nothing: `python -m bench.ui_build`.

Documents, types, the type check, the bundle and its budget, as `make ui` does them, in a copy that has nothing built.
"""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEFT_OUT = shutil.ignore_patterns("node_modules", "dist", "ui", "openapi", "__pycache__")


def copied(folder: Path) -> Path:
    """The sources without anything built, beside the tools as they are installed here."""
    copy = folder / "polycast"
    for name in ("web", "src", "tools"):
        shutil.copytree(ROOT / name, copy / name, ignore=LEFT_OUT)
    (copy / "web" / "node_modules").symlink_to(ROOT / "web" / "node_modules")
    (copy / ".venv").symlink_to(ROOT / ".venv")
    return copy


def main() -> None:
    """Build once and say how long it took."""
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(Path(folder))
        path = f"{ROOT / '.venv' / 'bin'}:/usr/local/bin:/usr/bin:/bin"
        environ = {"PATH": path, "PYTHONPATH": str(copy / "src"), "HOME": folder}
        started = time.monotonic()
        python = ROOT / ".venv" / "bin" / "python"
        subprocess.run([python, "-m", "polycast", "openapi"], cwd=copy, env=environ, check=True)
        subprocess.run(
            [copy / "tools" / "npm", "run", "--silent", "build"],
            cwd=copy,
            env=environ,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        print(f"pages: built from clean in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
