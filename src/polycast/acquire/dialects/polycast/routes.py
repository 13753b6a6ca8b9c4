"""The routes of our own pages."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from polycast.acquire.arrs.model import ArrForm
from polycast.acquire.catalogue.model import Action, Entry, Options
from polycast.acquire.catalogue.store import SORTS
from polycast.acquire.dialects.polycast import wire
from polycast.acquire.dialects.polycast.servers import server_routes
from polycast.acquire.dialects.rest.rooms import Rooms
from polycast.acquire.mounting.unit import command, unit
from polycast.acquire.repair.model import Wish
from polycast.acquire.torrents.model import Torrent
from polycast.acquire.transfers.adding import Wanted
from polycast.core.errors import Invalid, NotFound, PolycastError
from polycast.core.http import Docs, Route, delete, get, patch, post
from polycast.core.identity.caller import Caller, Policy, RateClass, needs
from polycast.core.identity.scopes import Scope

READ: Final[Policy] = needs(Scope.ACQUIRE_READ)
WRITE: Final[Policy] = needs(Scope.ACQUIRE_WRITE)
ADMIN: Final[Policy] = needs(Scope.ACQUIRE_ADMIN)
TRY: Final[Policy] = needs(Scope.ACQUIRE_ADMIN, rate=RateClass.COSTLY)
BASE: Final = "/polycast/v1/acquire"
PAGE: Final = 100
LINES: Final = 100
TAGS: Final = Docs(tags=["acquire"])
NESTED: Final = {
    "mount_path": ("mount", "mount_path"),
    "repair_enabled": ("repair", "enabled"),
    "repair_schedule": ("repair", "schedule"),
    "repair_auto": ("repair", "auto_repair"),
    "cleanup_enabled": ("queue_cleanup", "enabled"),
    "cleanup_dry_run": ("queue_cleanup", "dry_run"),
}


def routes() -> Sequence[Route]:
    """Takes the service `rooms`."""
    reads = [transfers, tree, accounts, arrs, repair, settings, mount]
    changes = [add, change, save_account, drop_account, sync_account, save_arr, drop_arr, approve, start, stop, process]
    return [*reads, *changes, test_account, test_arr, save_settings, *server_routes()]


@get(f"{BASE}/transfers", policy=READ, docs=TAGS)
async def transfers(
    rooms: Rooms, search: str = "", category: str = "", state: str = "", sort: str = "-added_on", cursor: str = ""
) -> wire.Transfers:
    """A page of what was asked for, newest first unless sorted."""
    column = sort.removeprefix("-")
    if column not in SORTS:
        raise Invalid.one("sort", "invalid", f"The list is sorted by {', '.join(SORTS)}.")
    offset = _offset(cursor)
    found, total = await rooms.db.read(
        rooms.entries.page,
        category=category or None,
        state=[state] if state else (),
        search=search[:200],
        sort=column,
        descending=sort.startswith("-"),
        limit=PAGE,
        offset=offset,
    )
    following = str(offset + PAGE) if offset + PAGE < total else None
    categories = list(await rooms.labels.categories())
    items = [wire.Transfer.of(entry) for entry in found]
    return wire.Transfers(items=items, next=following, total=total, categories=categories)


def _offset(cursor: str) -> int:
    return int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 9 else 0


@post(f"{BASE}/transfers", policy=WRITE, sent=wire.TransfersNew, docs=TAGS)
async def add(caller: Caller, rooms: Rooms, sent: wire.TransfersNew) -> wire.AddResults:
    """Each line for itself: what cannot be read is told beside what was taken."""
    lines = [line.strip() for line in sent.text.splitlines() if line.strip()]
    if len(lines) > LINES:
        raise Invalid.one("text", "too_many", f"At most {LINES} lines at once.")
    if sent.account and (await rooms.configs.read()).named(sent.account) is None:
        raise Invalid.one("account", "unknown", "There is no such account.")
    wanted = Wanted(
        category=sent.category,
        action=Action(sent.action) if sent.action else None,
        options=Options(debrid=sent.account, source="api"),
    )
    return wire.AddResults(items=[await _added(caller, rooms, line, wanted) for line in lines])


async def _added(caller: Caller, rooms: Rooms, line: str, wanted: Wanted) -> wire.AddResult:
    shown = line[:200]
    try:
        found = await rooms.adding.resolve(caller, line)
        if isinstance(found, Torrent):
            added = await rooms.adding.add(caller, found, wanted)
        elif rooms.nzbs is not None and rooms.nzbs.looks_like_nzb(found):
            added = await rooms.nzbs.add_nzb(caller, found, name="", wanted=wanted)
        else:
            return wire.AddResult(text=shown, id="", name="", error="This is neither a torrent nor an NZB.")
    except PolycastError as error:
        return wire.AddResult(text=shown, id="", name="", error=error.message)
    return wire.AddResult(text=shown, id=added.entry.info_hash, name=added.entry.name, error="")


@post(f"{BASE}/transfers/change", policy=WRITE, sent=wire.Chosen, docs=TAGS)
async def change(caller: Caller, rooms: Rooms, sent: wire.Chosen) -> wire.Count:
    """Pause, resume, try again or delete several at once; how many there were."""
    entries: list[Entry] = await rooms.db.read(rooms.entries.many, [one.lower() for one in sent.ids])
    if not entries:
        raise NotFound("The torrent")
    if sent.what == "delete":
        remote = True if sent.accounts else None
        return wire.Count(count=await rooms.changes.delete(caller, entries, files=sent.files, remote=remote))
    if sent.what == "retry":
        return wire.Count(count=await rooms.changes.retry(caller, entries))
    await rooms.changes.pause(caller, entries, paused=sent.what == "pause")
    return wire.Count(count=len(entries))


@get(f"{BASE}/tree", policy=READ, docs=TAGS)
async def tree(rooms: Rooms, group: str = "", folder: str = "", search: str = "", cursor: str = "") -> wire.TreePage:
    """The groups, the folders of a group, or the files of a folder."""
    rooms.tree.require_loaded()
    if not group:
        rows = [wire.TreeRow.group(name) for name in await rooms.tree.groups()]
        return wire.TreePage(items=rows, next=None, total=len(rows))
    if folder:
        files = await rooms.tree.files(await rooms.tree.folder(group, folder))
        base = f"/api/browse/download/{quote(folder, safe='')}"
        shown = [wire.TreeRow.file(one, f"{base}/{quote(one.file.name, safe='')}") for one in files]
        return wire.TreePage(items=shown, next=None, total=len(shown))
    found = await rooms.tree.found(group, search[:200])
    offset = _offset(cursor)
    following = str(offset + PAGE) if offset + PAGE < len(found) else None
    cut = [wire.TreeRow.folder(one) for one in found[offset : offset + PAGE]]
    return wire.TreePage(items=cut, next=following, total=len(found))


@get(f"{BASE}/accounts", policy=READ, docs=TAGS)
async def accounts(rooms: Rooms) -> wire.Accounts:
    """Every debrid account, as the rows have it."""
    config = await rooms.configs.read()
    rates = {one.name: one.rate_limit for one in config.debrids}
    views = await rooms.upkeep.views()
    return wire.Accounts(items=[wire.Account.of(view, rates.get(view.name, "")) for view in views])


@post(f"{BASE}/accounts", policy=ADMIN, sent=wire.AccountForm, docs=TAGS)
async def save_account(caller: Caller, rooms: Rooms, sent: wire.AccountForm) -> wire.Accounts:
    """Add one, or change the one with this name; new ones come last."""
    whole = await rooms.configs.document(caller, reveal=True)
    rows: list[dict[str, Any]] = list(whole["debrids"])
    name = sent.name.strip() or sent.provider
    known = next((row for row in rows if row["name"] == name), None)
    row: dict[str, Any] = known if known is not None else {"provider": sent.provider, "name": name, "api_key": ""}
    if known is None:
        rows.append(row)
    row["provider"], row["download_uncached"] = sent.provider, sent.download_uncached
    if sent.api_key.strip():
        row["api_key"] = sent.api_key.strip()
    if not row["api_key"]:
        raise Invalid.one("api_key", "required", "The key is missing.")
    await rooms.configs.change(caller, {"debrids": rows})
    return await accounts.handler(rooms)  # type: ignore[no-any-return]


@delete(f"{BASE}/accounts/{{name}}", policy=ADMIN, status=204, docs=TAGS)
async def drop_account(caller: Caller, rooms: Rooms, name: str) -> None:
    """Forget an account; what it holds stays there."""
    whole = await rooms.configs.document(caller, reveal=True)
    rows = [row for row in whole["debrids"] if row["name"] != name]
    if len(rows) == len(whole["debrids"]):
        raise NotFound("The account")
    await rooms.configs.change(caller, {"debrids": rows})


@post(f"{BASE}/accounts/{{name}}/test", policy=TRY, docs=TAGS)
async def test_account(rooms: Rooms, name: str) -> wire.Found:
    """Ask the provider who we are."""
    live = await rooms.accounts.named(name)
    if live is None:
        raise NotFound("The account")
    wrong = await rooms.upkeep.look_at(live)
    return wire.Found(ok=not wrong, text=wrong)


@post(f"{BASE}/accounts/{{name}}/sync", policy=WRITE, status=204, docs=TAGS)
async def sync_account(caller: Caller, rooms: Rooms, name: str) -> None:
    """Read what the account holds now."""
    if await rooms.accounts.named(name) is None:
        raise NotFound("The account")
    await rooms.upkeep.ask(name)


@get(f"{BASE}/arrs", policy=READ, docs=TAGS)
async def arrs(caller: Caller, rooms: Rooms) -> wire.Arrs:
    """All connections, those that knock among them."""
    return wire.Arrs(items=[wire.ArrRow.of(arr) for arr in await rooms.arrs.shown(caller, state=None)])


@post(f"{BASE}/arrs", policy=ADMIN, sent=wire.ArrNew, docs=TAGS)
async def save_arr(caller: Caller, rooms: Rooms, sent: wire.ArrNew) -> wire.ArrRow:
    """Add one, or change the one with this name."""
    form = ArrForm(name=sent.name, host=sent.host, token=sent.token or None, kind=sent.kind)
    return wire.ArrRow.of(await rooms.arrs.put(caller, form))


@delete(f"{BASE}/arrs/{{arr_id}}", policy=ADMIN, status=204, docs=TAGS)
async def drop_arr(caller: Caller, rooms: Rooms, arr_id: int) -> None:
    """Forget it."""
    await rooms.arrs.remove(caller, arr_id)


@post(f"{BASE}/arrs/{{arr_id}}/approve", policy=TRY, docs=TAGS)
async def approve(caller: Caller, rooms: Rooms, arr_id: int) -> wire.ArrRow:
    """Let one in that has knocked."""
    return wire.ArrRow.of(await rooms.arrs.approve(caller, arr_id))


@post(f"{BASE}/arrs/{{arr_id}}/test", policy=TRY, docs=TAGS)
async def test_arr(caller: Caller, rooms: Rooms, arr_id: int) -> wire.Checked:
    """Everything from the address to the folder."""
    return wire.Checked(items=await rooms.arrs.test(caller, arr_id))


@get(f"{BASE}/repair", policy=READ, docs=TAGS)
async def repair(rooms: Rooms) -> wire.Repair:
    """Runs, and who is not well."""
    repairs = rooms.repairs
    broken = await repairs.health(status="broken")
    unknown = await repairs.health(status="unknown")
    return wire.Repair(
        runs=[wire.Run.of(run) for run in await repairs.runs()][:30],
        counts=await repairs.counts(),
        sick=[wire.Sick.of(one) for one in [*broken, *unknown]],
        next_at=await repairs.next_at(),
    )


@post(f"{BASE}/repair", policy=WRITE, sent=wire.RepairNew, docs=TAGS)
async def start(caller: Caller, rooms: Rooms, sent: wire.RepairNew) -> wire.Run:
    """Look for dead content now."""
    run = await rooms.repairs.start(caller, Wish(fixes=sent.fixes, ignores_last=sent.everything))
    return wire.Run.of(run)


@post(f"{BASE}/repair/stop", policy=WRITE, status=204, docs=TAGS)
async def stop(caller: Caller, rooms: Rooms) -> None:
    """Stop the run."""
    await rooms.repairs.stop(caller)


@post(f"{BASE}/repair/{{run_id}}/process", policy=WRITE, docs=TAGS)
async def process(caller: Caller, rooms: Rooms, run_id: str) -> wire.Run:
    """Repair what a run has found."""
    return wire.Run.of(await rooms.repairs.process(caller, run_id))


@get(f"{BASE}/settings", policy=READ, docs=TAGS)
async def settings(rooms: Rooms) -> wire.Settings:
    """What people change most."""
    config = await rooms.configs.read()
    own = {name: getattr(config, name) for name in wire.Settings.__struct_fields__ if name not in NESTED}
    nested = {name: getattr(getattr(config, section), key) for name, (section, key) in NESTED.items()}
    return wire.Settings(**own, **nested)


@get(f"{BASE}/mount", policy=ADMIN, docs=TAGS)
async def mount(rooms: Rooms) -> wire.Mount:
    """How an rclone on this machine mounts the tree."""
    config = await rooms.configs.read()
    return wire.Mount(command=list(command(config, rooms.base_url())), unit=unit(config, rooms.base_url()))


@patch(f"{BASE}/settings", policy=ADMIN, sent=wire.SettingsPatch, docs=TAGS)
async def save_settings(caller: Caller, rooms: Rooms, sent: wire.SettingsPatch) -> wire.Settings:
    """Some of them. All or none."""
    changes: dict[str, Any] = {}
    for name, value in sent.values.items():
        if name not in wire.Settings.__struct_fields__:
            raise Invalid.one(name, "unknown", "There is no such setting.")
        section, key = NESTED.get(name, ("", name))
        if section:
            changes.setdefault(section, {})[key] = value
        else:
            changes[key] = value
    await rooms.configs.change(caller, changes)
    return await settings.handler(rooms)  # type: ignore[no-any-return]
