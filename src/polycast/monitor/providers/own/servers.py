"""The modules of the server we run in, each as a server that is watched. They have no rows: they are always there, and
clients that expect Channels DVRs never see them. Source: specs/monitor.md 4.12."""

from datetime import UTC, datetime, timedelta
from typing import Final

from polycast.monitor.servers.model import Provider, Server

OWN_EVERY: Final = timedelta(seconds=1)  # it costs nothing
START: Final = datetime(2026, 1, 1, tzinfo=UTC)


def _own(dvr_id: str, name: str) -> Server:
    # Their disk is the server's own, and small ones are no fault of theirs: only the share that is free is judged.
    return Server(
        id=0, dvr_id=dvr_id, provider=Provider.POLYCAST, name=name, host="localhost", port=8000, created_at=START,
        updated_at=START, overrides={"ds_warning_threshold_gb": 0, "ds_critical_threshold_gb": 0},
    )  # fmt: skip


LIVE: Final = _own("polycast", "Polycast")
LIBRARY: Final = _own("polycast_library", "Polycast library")
RADIO: Final = _own("polycast_radio", "Polycast radio")
TRANSFERS: Final = _own("polycast_acquire", "Polycast transfers")
OWN: Final = (LIVE, LIBRARY, RADIO, TRANSFERS)
