"""News for people in the app. What goes outside (mail, chat) is the monitor's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from polycast.core.clock import Clock
from polycast.core.errors import NotFound, NotSignedIn
from polycast.core.events.model import Audience
from polycast.core.events.store_audience import audience_values
from polycast.core.identity.caller import Caller
from polycast.core.notify import store
from polycast.core.notify.model import Level, Notification, NotificationAdded

if TYPE_CHECKING:
    from polycast.core.storage import Database
    from polycast.core.storage.unit import Unit

KEPT: Final = timedelta(days=30)  # after it was last said
LONGEST_TITLE: Final = 200  # characters
LONGEST_TEXT: Final = 2_000
MOST_LISTED: Final = 200


class Notify:
    """Adds news for an audience, lists it for a caller, and remembers who has put it away."""

    def __init__(self, *, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def add(
        self,
        unit: Unit,
        title: str,
        *,
        audience: Audience,
        text: str = "",
        level: Level = Level.INFO,
        link: str = "",
        key: str | None = None,
    ) -> int:
        """Say something in `unit`; its id.

        With a `key` that was used before, the old piece of news is renewed: it counts up, and shows again to those who
        had put it away only when its words have changed.
        """
        title, text = title[:LONGEST_TITLE], text[:LONGEST_TEXT]
        values = {"level": level.value, "title": title, "text": text, "link": link, "at": self._clock.now()}
        known = None if key is None else store.by_key(unit, key)
        if known is None:
            added = store.add(unit, {**values, "key": key, "times": 1, **audience_values(audience)})
        else:
            added = known.id
            store.renew(unit, known.id, {**values, **audience_values(audience)})
            if (known.level, known.title, known.text) == (level, title, text):
                return known.id
            store.undismiss(unit, known.id)
        unit.publish(
            NotificationAdded(notification_id=added, level=level, title=title, text=text, link=link, to=audience)
        )
        return added

    def withdraw(self, unit: Unit, key: str) -> None:
        """It is so no longer: nobody needs to see it."""
        store.withdraw(unit, key)

    async def list(self, caller: Caller, *, limit: int = 50) -> list[Notification]:
        """What `caller` may see and has not put away, the latest first. Raises: NotSignedIn."""
        if caller.is_anonymous:
            raise NotSignedIn
        return await self._db.read(store.shown, caller, limit=min(limit, MOST_LISTED))

    async def dismiss(self, caller: Caller, notification_id: int) -> None:
        """Put one away for this user. Raises: NotSignedIn; NotFound when it is not theirs to see."""
        if not await self._db.write(self._dismiss, caller, notification_id):
            raise NotFound("The notification")

    async def dismiss_all(self, caller: Caller) -> None:
        """Put away all that `caller` sees. Raises: NotSignedIn."""
        await self._db.write(self._dismiss_all, caller)

    async def clean(self, *, limit: int = 2_000) -> int:
        """Delete at most `limit` that were last said more than 30 days ago; how many."""
        return await self._db.write(store.drop_before, self._clock.now() - KEPT, limit=limit)

    def _dismiss(self, unit: Unit, caller: Caller, notification_id: int) -> bool:
        user_id = _user_of(caller)
        if not store.is_shown(unit, caller, notification_id):
            return False
        store.dismiss(unit, [notification_id], user_id)
        return True

    def _dismiss_all(self, unit: Unit, caller: Caller) -> None:
        user_id = _user_of(caller)
        while seen := store.shown(unit, caller, limit=MOST_LISTED):
            store.dismiss(unit, [one.id for one in seen], user_id)


def _user_of(caller: Caller) -> int:
    if caller.user_id is None:
        raise NotSignedIn
    return caller.user_id
