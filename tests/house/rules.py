"""Each rule reads one parsed file and yields what breaks it."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

SRC = Path(__file__).parents[2] / "src" / "polycast"
MODULES = ("live", "library", "radio", "acquire", "monitor")
FILE_LINES = 400
FUNCTION_LINES = 50


class Source(Struct, frozen=True):
    """A file of the package, read and parsed."""

    path: str  # relative to src/polycast, with /
    text: str
    tree: ast.Module


class Broken(Struct, frozen=True):
    """A place that breaks a rule."""

    rule: str
    where: str  # "live/relay/session.py" or "live/relay/session.py:tune"
    line: int
    what: str


Rule = Callable[[Source], Iterator[Broken]]


def sources() -> Iterator[Source]:
    """Every Python file of the package, generated ones left out."""
    for path in sorted(SRC.rglob("*.py")):
        text = path.read_text("utf-8")
        yield Source(path.relative_to(SRC).as_posix(), text, ast.parse(text))


def file_length(source: Source) -> Iterator[Broken]:
    lines = source.text.count("\n")
    if lines > FILE_LINES and "/migrations/" not in source.path:  # one revision, read once, is not better in two
        yield Broken("file_length", source.path, lines, f"{lines} lines, {FILE_LINES} are allowed")


def function_length(source: Source) -> Iterator[Broken]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES and "/migrations/" not in source.path:
                where = f"{source.path}:{node.name}"
                yield Broken("function_length", where, node.lineno, f"{lines} lines, {FUNCTION_LINES} are allowed")


def broad_except(source: Source) -> Iterator[Broken]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler):
            caught = {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)} if node.type else {"BaseException"}
            if caught & {"Exception", "BaseException"}:
                yield Broken("broad_except", source.path, node.lineno, "catches everything")


def inner_import(source: Source) -> Iterator[Broken]:
    if source.path in {"app.py", "cli.py"}:
        return
    for outer in ast.walk(source.tree):
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(outer):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield Broken("inner_import", source.path, node.lineno, "imports inside a function")


def module_state(source: Source) -> Iterator[Broken]:
    """Names bound at module level are constants, types, tables or loggers; nothing is rebound with `global`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Global):
            yield Broken("module_state", source.path, node.lineno, "uses global")
    if "/migrations/" in source.path:
        return
    for node in source.tree.body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield Broken("module_state", source.path, node.lineno, "works at import")
        if isinstance(node, ast.Assign | ast.AnnAssign) and _is_container(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name) and not target.id.lstrip("_").isupper() and target.id != "__all__":
                    yield Broken(
                        "module_state", source.path, node.lineno, f"{target.id} is a container that can change"
                    )


def _is_container(node: ast.expr | None) -> bool:
    return isinstance(node, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)


ROOMS: tuple[tuple[str, re.Pattern[str], re.Pattern[str], str], ...] = (
    (
        "sql_room",
        re.compile(r"^(sqlalchemy|alembic|psycopg|pysqlite3)(\.|$)"),
        re.compile(
            r"(^|/)(store\w*\.py|\w+_store\.py|tables\w*\.py|migrations/|tables/|stores/)|^core/storage/|^core/module\.py$"
        ),
        "SQL only in store.py, tables.py, migrations/ and core/storage",
    ),
    (
        "web_room",
        re.compile(r"^(litestar|starlette|uvicorn)(\.|$)"),
        re.compile(r"/dialects/|^core/http/|^front/|^hub/|^core/module\.py$"),
        "web frameworks only in dialects/, core/http and front/",
    ),
    (
        "process_room",
        re.compile(r"^(subprocess|multiprocessing)(\.|$)"),
        re.compile(r"^core/processes/|^core/media/"),
        "child processes only in core/processes",
    ),
    (
        "socket_room",
        re.compile(r"^(socket|aiohttp|ssl|http\.client|urllib\.request|smtplib|ftplib)(\.|$)"),
        re.compile(r"^core/net/|^front/protocol\w*\.py$|^core/events/pokes\.py$|^core/processes/|^core/media/"),
        "sockets only through core/net",
    ),
    (
        "secret_room",
        re.compile(r"^(hmac|secrets|jwt|argon2|cryptography)(\.|$)"),
        re.compile(r"^core/secrets/|^core/identity/|^core/ids\.py$|^core/backups/"),
        "secrets and signatures only in core/secrets and core/identity",
    ),
    (
        "xml_room",
        re.compile(r"^(xml|pyexpat|lxml)(\.|$)"),
        re.compile(r"^core/xmlin\.py$"),
        "XML is read only in core/xmlin.py",
    ),
    (
        "archive_room",
        re.compile(r"^(zipfile|tarfile|gzip|lzma|bz2|zlib)(\.|$)"),
        re.compile(r"^core/files/|^core/net/|^core/backups/"),
        "archives only in core/files",
    ),
)


def rooms(source: Source) -> Iterator[Broken]:
    for line, name in imports(source):
        for rule, banned, allowed, what in ROOMS:
            if banned.search(name) and not allowed.search(source.path):
                yield Broken(rule, source.path, line, f"imports {name}: {what}")


def environment(source: Source) -> Iterator[Broken]:
    if source.path.startswith("core/settings/") or source.path in {"__main__.py", "cli.py"}:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}:
            yield Broken("environment", source.path, node.lineno, "the environment only in core/settings")


def layers(source: Source) -> Iterator[Broken]:
    """`hub` sees of a module its module.py alone; inside a module features do not see dialects."""
    first, _, rest = source.path.partition("/")
    for line, name in imports(source):
        parts = name.split(".")
        if parts[0] != "polycast" or len(parts) < 3:
            continue
        if first == "hub" and parts[1] in MODULES and parts[2] not in {"module", "events"}:
            yield Broken("layers", source.path, line, f"hub imports {name}; only module.py is public")
        if (
            first in MODULES
            and parts[1] == first
            and parts[2] == "dialects"
            and not rest.startswith(("dialects/", "module.py"))
        ):
            yield Broken("layers", source.path, line, f"a feature imports a dialect ({name})")


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything that is imported."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.lineno, node.module


def return_types(source: Source) -> Iterator[Broken]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is None:
            yield Broken("return_types", f"{source.path}:{node.name}", node.lineno, "has no return type")


RULES: tuple[Rule, ...] = (
    file_length,
    function_length,
    broad_except,
    inner_import,
    module_state,
    rooms,
    environment,
    layers,
    return_types,
)
