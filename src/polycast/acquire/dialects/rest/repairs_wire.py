"""How runs, jobs and health are shown. Source: `specs/acquire.md` 2.10."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from polycast.acquire.dialects.rest.wire import date
from polycast.acquire.repair.model import Broken, Health, RepairRun, RunStatus, Stage

STAGES: Final = {
    Stage.SELECTING: "discovering",
    Stage.PROBING: "probing",
    Stage.REPAIRING: "executing",
    Stage.DONE: "completed",
}


def _at(at: datetime | None) -> str | None:
    return None if at is None else date(at)


def run_of(run: RepairRun) -> dict[str, Any]:
    """An element of `GET /api/repair/runs`."""
    return {
        "id": run.run_id,
        "trigger": run.trigger,
        "status": run.status.value,
        "stage": run.stage,
        "started_at": date(run.started_at),
        "updated_at": date(run.updated_at),
        "completed_at": _at(run.completed_at),
        "stats": msgspec.to_builtins(run.stats),
        "broken_files": [_broken(one) for one in run.broken],
        "error": run.error,
        "cancel_reason": run.cancel_reason,
        "source": run.source,
    }


def job_of(run: RepairRun, actions: Sequence[Any]) -> dict[str, Any]:
    """The same run as `GET /api/repair/jobs` shows it."""
    stats, ended = run.stats, run.completed_at
    return {
        "id": run.run_id,
        "arrs": [run.wanted.arr] if run.wanted.arr else [],
        "media_ids": list(run.wanted.media_ids),
        "created_at": date(run.started_at),
        "finished_at": _at(ended) if run.status is RunStatus.COMPLETED else None,
        "failed_at": _at(ended) if run.status is RunStatus.FAILED else None,
        "updated_at": date(run.updated_at),
        "broken_items": _items(run),
        "status": _status(run),
        "auto_process": run.wanted.fixes,
        "recurrent": run.trigger == "scheduled",
        "strategy": "per_file" if run.wanted.strategy == "per_file" else "per_torrent",
        "workers": run.wanted.workers,
        "mode": "detect_and_repair" if run.wanted.fixes else "detect_only",
        "stage": STAGES[Stage(run.stage)]
        if run.status in (RunStatus.RUNNING, RunStatus.COMPLETED)
        else run.status.value,
        "stats": {
            "discovered": stats.candidates,
            "probed": stats.probed,
            "broken": stats.broken,
            "planned": stats.broken,
            "executed": stats.repaired + stats.repair_failed,
            "fixed": stats.repaired,
            "failed": stats.repair_failed,
            "unknown": stats.unknown,
        },
        "actions": [_action(row) for row in actions],
        "error": run.error,
    }


def _items(run: RepairRun) -> dict[str, list[dict[str, Any]]]:
    """Broken files by Arr, or by entry where nobody owns them."""
    items: dict[str, list[dict[str, Any]]] = {}
    for one in run.broken:
        items.setdefault(one.arr_name or one.entry_name, []).append(
            {
                "name": one.file_name,
                "path": one.source_path,
                "id": one.media_id,
                "showId": one.media_id,
                "fileId": one.arr_file_id,
                "targetPath": one.target_path,
                "entryName": one.entry_name,
                "isSymlink": bool(one.source_path),
                "isBroken": not one.fixed,
                "seasonNumber": one.season_number,
                "processed": one.fixed,
                "size": one.size,
            }
        )
    return items


def _action(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "type": row.kind,
        "entry_id": row.info_hash,
        "protocol": row.protocol,
        "status": row.status,
        "error": row.error,
        "started_at": date(row.started_at),
        "completed_at": _at(row.completed_at),
    }


def _status(run: RepairRun) -> str:
    if run.is_pending:
        return "pending"
    return "processing" if run.status is RunStatus.RUNNING else run.status.value


def _broken(one: Broken) -> dict[str, Any]:
    return {
        "entry_name": one.entry_name,
        "file_name": one.file_name,
        "info_hash": one.info_hash,
        "protocol": one.protocol,
        "reason": one.reason,
        "size": one.size,
        "arr_name": one.arr_name,
        "arr_kind": one.arr_kind,
        "media_id": one.media_id,
        "episode_id": one.episode_ids[0] if one.episode_ids else 0,
        "arr_file_id": one.arr_file_id,
        "target_path": one.target_path,
        "source_path": one.source_path,
    }


def health_of(one: Health) -> dict[str, Any]:
    """An element of `GET /api/repair/health`."""
    return {
        "entry_name": one.entry_name,
        "protocol": one.protocol,
        "status": one.status.value,
        "fingerprint": one.fingerprint,
        "file_count": one.file_count,
        "broken_count": len(one.broken_files),
        "broken_files": [_broken(file) for file in one.broken_files],
        "failure_reason": one.failure_reason,
        "dirty": one.is_dirty,
        "dirty_reason": one.dirty_reason,
        "last_checked_at": _at(one.checked_at),
        "last_ok_at": _at(one.ok_at),
        "last_failed_at": _at(one.failed_at),
        "last_repair_at": _at(one.repaired_at),
        "next_check_due_at": _at(one.due_at),
        "active_run_id": one.active_run_id,
        "previous_status": one.previous_status,
        "updated_at": date(one.updated_at),
    }
