"""How many streams a user may have at once."""

from polycast.core.storage import Database
from polycast.live.preferences.groups import UserLimitSettings
from polycast.live.preferences.service import Preferences
from polycast.live.relay.client import Client
from polycast.live.relay.model import Format, Guest, LimitReached
from polycast.live.relay.ports import Limits
from polycast.live.relay.session import Session
from polycast.live.relay.store_clients import ClientStore


class UserLimits:
    """Counts live channels of this node, and films, catch-up and other nodes by their rows."""

    def __init__(
        self, *, db: Database, store: ClientStore, preferences: Preferences, people: Limits, node: str
    ) -> None:
        self._db = db
        self._store = store
        self._preferences = preferences
        self._people = people
        self._node = node

    async def format_of(self, user_id: int | None) -> Format | None:
        """What a user wants to be sent who asks for nothing; None: nothing in particular."""
        if user_id is None:
            return None
        word = (await self._people.get(user_id)).custom_properties.get("output_format")
        return Format(word) if word in set(Format) else None

    async def admit(self, guest: Guest, ref: str, sessions: list[Session]) -> None:
        """Make room for one more stream of a user, by ending one of theirs where the settings say so.

        Raises: LimitReached.
        """
        if guest.user_id is None:
            return
        limit = (await self._people.stream_limits([guest.user_id])).get(guest.user_id, 0)
        if limit <= 0:
            return
        settings = await self._preferences.group(UserLimitSettings)
        elsewhere = await self._db.read(self._store.elsewhere, guest.user_id, self._node)
        own = [(s, c) for s in sessions for c in s.clients.values() if c.guest.user_id == guest.user_id]
        own = [(s, c) for s, c in own if not c.ended.done()]
        if settings.ignore_same_channel_connections:
            refs = {s.target.ref for s, _ in own} | {ref}
            count = len(refs) - 1
            if any(s.target.ref == ref for s, _ in own):
                return
        else:
            count = len(own)
        if count + elsewhere < limit:
            return
        if not settings.terminate_on_limit_exceeded or not own:
            raise LimitReached("You are watching as many streams as you may.")
        _victim(own, settings).end("limit")


def _victim(own: list[tuple[Session, Client]], settings: UserLimitSettings) -> Client:
    """Whose stream ends: one that nobody else watches if there is one, the oldest or the newest."""
    ordered = sorted(own, key=lambda pair: pair[1].began_at, reverse=not settings.terminate_oldest)
    if settings.prioritize_single_client_channels:
        ordered.sort(key=lambda pair: len(pair[0].clients) > 1)
    return ordered[0][1]
