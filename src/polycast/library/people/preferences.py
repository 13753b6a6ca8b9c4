"""What somebody prefers: sound, subtitles, how pages look."""

from datetime import timedelta
from typing import Any, Final

import msgspec
from msgspec import Struct

from polycast.core.clock import Clock
from polycast.core.errors import Invalid
from polycast.core.identity.caller import Caller
from polycast.core.storage import Database
from polycast.library.administration.store import AdministrationStore
from polycast.library.home.store import PreferenceStore

PLAYBACK: Final = "playback"
MOST_BYTES: Final = 32 * 1024


class Rule(Struct, frozen=True, kw_only=True, rename="camel"):
    """Which sound and subtitles, and when."""

    when: dict[str, str] = {}
    audio_languages: list[str] = []
    subtitle_mode: str | None = None
    subtitle_languages: list[str] = []


class PlaybackPreferences(Struct, frozen=True, kw_only=True, rename="camel"):
    """How somebody likes to watch."""

    prefer_original_audio: bool = False
    audio_quality: str = "highest"
    audio_languages: list[str] = []
    subtitle_languages: list[str] = []
    subtitle_mode: str = "auto"
    always_show_forced: bool = True
    prefer_sdh: bool = False
    autoplay_next: bool = True
    autoplay_countdown: int = 5
    max_bitrate_lan: int | None = None
    max_bitrate_wan: int | None = None
    rules: list[Rule] = []


class Preferences:
    """Each person's own."""

    def __init__(self, *, db: Database, store: PreferenceStore, counting: AdministrationStore, clock: Clock) -> None:
        self._db = db
        self._store = store
        self._counting = counting
        self._clock = clock

    async def read(self, caller: Caller, name: str) -> dict[str, Any]:
        """What is kept under a name; empty without."""
        found = await self._db.read(self._store.get, caller.user_id or 0, name)
        return found if isinstance(found, dict) else {}

    async def merge(self, caller: Caller, name: str, values: dict[str, Any]) -> dict[str, Any]:
        """Keep more under a name."""
        told = await self.read(caller, name) | values
        await self._db.write(self._store.put, caller.user_id or 0, name, told, self._clock.now())
        return told

    async def playback(self, caller: Caller) -> dict[str, Any]:
        """With the defaults for what was never said."""
        return self._shown(await self.read(caller, PLAYBACK))

    async def set_playback(self, caller: Caller, values: dict[str, Any], *, replace: bool) -> dict[str, Any]:
        """Raises: Invalid for what does not fit."""
        told = values if replace else await self.read(caller, PLAYBACK) | values
        try:
            checked = msgspec.convert(told, PlaybackPreferences)
        except msgspec.ValidationError as error:
            text, _, where = str(error).partition(" - at `$")
            raise Invalid.one(where.strip("`.") or "preferences", "invalid", text) from error
        if checked.subtitle_mode not in ("auto", "off", "forced_only", "always"):
            raise Invalid.one("subtitleMode", "not_a_choice")
        if checked.audio_quality not in ("highest", "balanced", "compatible"):
            raise Invalid.one("audioQuality", "not_a_choice")
        if checked.autoplay_countdown not in (5, 10, 15, 20, 30):
            raise Invalid.one("autoplayCountdown", "not_a_choice")
        body = msgspec.to_builtins(checked)
        if len(msgspec.json.encode(body)) > MOST_BYTES:
            raise Invalid.one("rules", "max_items", "Too many rules")
        await self._db.write(self._store.put, caller.user_id or 0, PLAYBACK, body, self._clock.now())
        return self._shown(body)

    async def watched(self, caller: Caller) -> dict[str, Any]:
        """How much somebody has watched in 30 days."""
        since = self._clock.now() - timedelta(days=30)
        rows = await self._db.read(self._counting.plays_since, since)
        mine = [row for row in rows if row.user_id == caller.user_id]
        return {
            "plays": len(mine),
            "movies": sum(row.kind == "movie" for row in mine),
            "episodes": sum(row.kind == "episode" for row in mine),
            "seconds": sum(row.played_ms for row in mine) // 1000,
            "days": 30,
        }

    def _shown(self, told: dict[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = msgspec.to_builtins(msgspec.convert(told, PlaybackPreferences))
        return shown
