"""`/api/repair/*`. Source: `specs/acquire.md` 2.10, 3.4."""

from typing import Any, Final
from zoneinfo import ZoneInfo

from polycast.acquire.config.units import span
from polycast.acquire.dialects.asked import Asked, read
from polycast.acquire.dialects.rest.answers import json, tagged
from polycast.acquire.dialects.rest.repairs_wire import health_of, job_of, run_of
from polycast.acquire.dialects.rest.rooms import Rooms
from polycast.acquire.repair.model import HealthStatus, RepairRun, Wish
from polycast.acquire.repair.service import next_run
from polycast.core.errors import Conflict, Invalid, NotFound
from polycast.core.http import Request, Response
from polycast.core.identity.caller import Caller

SCOPES: Final = {"": "both", "arr": "arr", "managed_entries": "managed", "managed": "managed", "both": "both"}
FIELDS: Final = [
    "enabled",
    "source",
    "schedule",
    "workers",
    "nntp_connection_percent",
    "strategy",
    "recheck_interval",
    "arrs",
    "auto_repair",
    "skip_nzb_repair",
]


class RepairRoutes:
    """Runs, under the names of the reference (jobs) and of the original (runs)."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def start(self, request: Request, caller: Caller) -> Response:
        sent = _object(await read(request))
        scope = str(sent.get("scope") or "")
        if scope not in SCOPES:
            raise Invalid.one("scope", "invalid", "A scope is arr or managed_entries.")
        if sent.get("recurring"):
            return await self._schedule(caller, str(sent.get("schedule") or ""))
        media = sent.get("mediaIds")
        run = await self._rooms.repairs.start(
            caller,
            Wish(
                source=SCOPES[scope],
                arr=str(sent.get("arrName") or sent.get("arr") or ""),
                media_ids=tuple(str(one) for one in media) if isinstance(media, list) else (),
                fixes=bool(sent.get("autoProcess")) or sent.get("mode") == "detect_and_repair",
                strategy="per_file" if sent.get("strategy") == "per_file" else "per_entry",
                workers=_workers(sent.get("workers")),
            ),
        )
        return json({"message": "Repair job started", "job_id": run.run_id, "run_id": run.run_id})

    async def _schedule(self, caller: Caller, schedule: str) -> Response:
        next_run(schedule, None, self._rooms.clock.now(), ZoneInfo("UTC"))
        await self._rooms.configs.change(caller, {"repair": {"enabled": True, "schedule": schedule}})
        return json({"message": "Repair job scheduled", "job_id": "", "run_id": ""})

    async def jobs(self, request: Request, caller: Caller) -> Response:
        repairs = self._rooms.repairs
        found = [job_of(run, await repairs.actions(run.run_id)) for run in await repairs.runs()]
        return tagged(request, found)

    async def process(self, request: Request, caller: Caller) -> Response:
        run = await self._rooms.repairs.process(caller, request.path_params["id"])
        return json({"message": "The broken items are being repaired", "job_id": run.run_id})

    async def stop_job(self, request: Request, caller: Caller) -> Response:
        await self._rooms.repairs.get(request.path_params["id"])
        await self._stopped(caller, request.path_params["id"])
        return json({"message": "Repair job stopped", "job_id": request.path_params["id"]})

    async def _stopped(self, caller: Caller, run_id: str) -> None:
        try:
            await self._rooms.repairs.stop(caller, run_id)
        except NotFound as error:
            raise Conflict("This job does not run.", reason="ended") from error

    async def forget(self, request: Request, caller: Caller) -> Response:
        sent = _object(await read(request))
        ids = sent.get("ids")
        if ids is not None and not (isinstance(ids, list) and all(isinstance(one, str) for one in ids)):
            raise Invalid.one("ids", "invalid", "The ids are a list of texts.")
        return json({"success": True, "deleted": await self._rooms.repairs.forget(caller, ids)})

    async def config(self, request: Request, caller: Caller) -> Response:
        config = (await self._rooms.configs.read()).repair
        return json(config)

    async def set_config(self, request: Request, caller: Caller) -> Response:
        sent = {name: value for name, value in _object(await read(request)).items() if name in FIELDS}
        if sent.get("schedule"):
            next_run(str(sent["schedule"]), None, self._rooms.clock.now(), ZoneInfo("UTC"))
        if sent.get("recheck_interval"):
            span(str(sent["recheck_interval"]), path="repair.recheck_interval")
        changed = await self._rooms.configs.change(caller, {"repair": sent})
        return json(changed.config.repair)

    async def status(self, request: Request, caller: Caller) -> Response:
        repairs = self._rooms.repairs
        runs = await repairs.runs()
        active = next((run for run in runs if run.status == "running"), None)
        last = next((run for run in runs if run.status != "running"), None)
        at = await repairs.next_at()
        shown: dict[str, Any] = {
            "enabled": (await self._rooms.configs.read()).repair.enabled,
            "health_counts": await repairs.counts(),
        }
        shown |= {"next_run_at": at.isoformat()} if at else {}
        shown |= {"active_run": run_of(active)} if active else {}
        shown |= {"last_run": run_of(last)} if last else {}
        return json(shown)

    async def run(self, request: Request, caller: Caller) -> Response:
        asked = await read(request)
        sent = _object(asked)

        def flag(*names: str) -> bool:
            return any(bool(sent.get(name)) or bool(asked.flag(name)) for name in names)

        protocol = str(sent.get("protocol") or asked.text("protocol") or "all")
        if protocol not in ("all", "both", "torrent", "nzb"):
            raise Invalid.one("protocol", "invalid", "A protocol is all, both, torrent or nzb.")
        run = await self._rooms.repairs.start(
            caller,
            Wish(
                ignores_last=flag("ignore_last_checked", "force"),
                fixes=flag("auto_repair"),
                unrestricts=flag("unrestrict_link"),
                protocol=protocol,
            ),
        )
        return json({"run_id": run.run_id})

    async def stop(self, request: Request, caller: Caller) -> Response:
        await self._rooms.repairs.stop(caller)
        return json({"message": "Repair stopped"})

    async def recheck(self, request: Request, caller: Caller) -> Response:
        sent = _object(await read(request))
        arr, media = str(sent.get("arr") or ""), sent.get("media_id")
        if not arr or not media:
            raise Invalid.one("media_id", "required", "An Arr and a media id are needed.")
        run = await self._rooms.repairs.start(
            caller,
            Wish(source="arr", arr=arr, media_ids=(str(media),), fixes=bool(sent.get("fix")), ignores_last=True),
        )
        return json({"run_id": run.run_id})

    async def fix(self, request: Request, caller: Caller) -> Response:
        run = await self._rooms.repairs.fix(caller, _names(_object(await read(request))))
        return json({"run_id": run.run_id})

    async def clear(self, request: Request, caller: Caller) -> Response:
        names = _names(_object(await read(request)))
        cleared = await self._rooms.repairs.clear(caller, statuses=None if names else ["broken"], names=names)
        return json({"cleared": cleared})

    async def clear_state(self, request: Request, caller: Caller) -> Response:
        statuses = _object(await read(request)).get("statuses")
        if not isinstance(statuses, list) or not statuses or any(one not in set(HealthStatus) for one in statuses):
            raise Invalid.one("statuses", "invalid", f"Statuses are {', '.join(HealthStatus)}.")
        cleared = await self._rooms.repairs.clear(caller, statuses=statuses)
        return json({"statuses": statuses, "cleared": cleared})

    async def runs(self, request: Request, caller: Caller) -> Response:
        return tagged(request, [run_of(run) for run in await self._rooms.repairs.runs()])

    async def one_run(self, request: Request, caller: Caller) -> Response:
        return json(run_of(await self._run(request)))

    async def _run(self, request: Request) -> RepairRun:
        return await self._rooms.repairs.get(request.path_params["id"])

    async def health(self, request: Request, caller: Caller) -> Response:
        status = (await read(request)).text("status")
        return tagged(request, [health_of(one) for one in await self._rooms.repairs.health(status=status)])

    async def one_health(self, request: Request, caller: Caller) -> Response:
        found = await self._rooms.repairs.health(name=request.path_params["name"])
        if not found:
            raise NotFound("The entry")
        return json(health_of(found[0]))

    async def check(self, request: Request, caller: Caller) -> Response:
        folder = await self._rooms.tree.known(request.path_params["name"])
        if folder is None:
            raise NotFound("The entry")
        fixes = bool((await read(request)).flag("fix"))
        run = await self._rooms.repairs.start(caller, Wish(names=folder.hashes, fixes=fixes, ignores_last=True))
        return json({"run_id": run.run_id})


def _object(asked: Asked) -> dict[str, Any]:
    """The body as an object; nothing sent is an empty one."""
    if asked.json is None:
        return {}
    if not isinstance(asked.json, dict):
        raise Invalid.one("", "not_an_object", "The body is a JSON object.")
    return asked.json


def _names(sent: dict[str, Any]) -> list[str] | None:
    names = sent.get("names")
    if names is None:
        return None
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise Invalid.one("names", "invalid", "The names are a list of texts.")
    return names


def _workers(value: object) -> int:
    return min(max(value, 1), 50) if isinstance(value, int) and not isinstance(value, bool) else 5
