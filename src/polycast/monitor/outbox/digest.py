"""The summary of a day or a week, in plain text."""

from datetime import datetime, timedelta

from polycast.core.storage import Database
from polycast.monitor.alerts.teller import Stores
from polycast.monitor.alerts.texts import long_span, size
from polycast.monitor.history.charts import Charts
from polycast.monitor.servers.service import Servers
from polycast.monitor.watch.board import Board


async def digest_text(
    db: Database, stores: Stores, board: Board, servers: Servers, charts: Charts, now: datetime, span: timedelta
) -> str:
    """Watch time by device and programme, recordings by outcome, disks and where they are going."""
    since = now - span
    lines: list[str] = []
    for group, title in (("device", "Watched most"), ("channel", "Channels")):
        rows = await db.read(stores.sessions.watched, group=group, since=since, until=now, dvr_id="")
        if rows:
            lines.append(f"{title}:")
            lines += [f"  {what}: {long_span(timedelta(seconds=seconds))}" for what, seconds, _ in rows[:5]]
    outcomes = await db.read(stores.recordings.outcomes, since=since)
    if outcomes:
        lines.append("Recordings: " + ", ".join(f"{count} {word}" for word, count in sorted(outcomes.items())))
    states = await board.all()
    for server in await servers.active():
        state = states.get(server.dvr_id)
        if state is None or state.disk_total is None or state.disk_free is None:
            continue
        line = f"{server.shown_name}: {size(state.disk_free)} of {size(state.disk_total)} free"
        forecast = await charts.forecast(server.dvr_id)
        if forecast is not None and forecast.full_at is not None:
            line += f", full on {forecast.full_at:%Y-%m-%d} if it goes on like this"
        lines.append(line)
    return "\n".join(lines) or "Nothing happened."
