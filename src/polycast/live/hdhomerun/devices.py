"""Which tuners there are, and what each shows."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from polycast.core.errors import NotFound
from polycast.core.identity.caller import NOBODY, Caller
from polycast.core.storage import Database
from polycast.live.hdhomerun.model import Device, device_id_from
from polycast.live.outputs.capacity import Capacity
from polycast.live.outputs.lineups import LineUps
from polycast.live.outputs.model import Entry, StreamFacts
from polycast.live.outputs.ports import Tuner
from polycast.live.outputs.store import OutputStore
from polycast.live.preferences.groups import StreamSettings
from polycast.live.preferences.profiles import TunerDevices
from polycast.live.preferences.service import Preferences

NAME = "Polycast"
Sign = Callable[[str], bytes]  # a keyed digest, the same on each start of this server


class Face(Struct, frozen=True, kw_only=True):
    """Which of our tuners: the one of a channel profile, of an output profile, of both or of none."""

    profile: str | None = None
    output_profile_id: int | None = None

    @property
    def is_plain(self) -> bool:
        return self.profile is None and self.output_profile_id is None


class TunerChannel(Struct, frozen=True, kw_only=True):
    """A channel of a tuner's line-up."""

    entry: Entry
    output_profile_id: int | None  # what its address names
    facts: StreamFacts | None  # what is known of its first stream


class Devices:
    """Tuners by face. `registered` are what people have set up by hand."""

    def __init__(
        self, *, db: Database, store: OutputStore, lineups: LineUps, capacity: Capacity, registered: TunerDevices,
        preferences: Preferences, tuner: Tuner, sign: Sign,
    ) -> None:  # fmt: skip
        self._db = db
        self._store = store
        self._lineups = lineups
        self._capacity = capacity
        self._registered = registered
        self._preferences = preferences
        self._tuner = tuner
        self._sign = sign

    async def device(self, face: Face) -> Device:
        """The tuner of a face. The first one that was registered by hand names the plain one."""
        tuners = (await self._capacity.tuners()).count
        if face.is_plain:
            rows = await self._registered.list()
            if rows:
                row = rows[0]
                return Device(device_id=row.device_id, friendly_name=row.friendly_name, tuners=tuners)
        seed = self._sign(f"{face.profile or ''}\0{face.output_profile_id or ''}")
        return Device(device_id=device_id_from(seed), friendly_name=_named(face), tuners=tuners)

    async def stations(self, caller: Caller, face: Face) -> Sequence[TunerChannel]:
        """What its line-up holds, by number; nothing for a profile that does not exist."""
        try:
            view = await self._lineups.view(caller, profile=face.profile)
        except NotFound:
            return []
        entries = [entry for entry in (await self._lineups.of(view)).entries if entry.number is not None]
        profile_id = await self._output_profile(face)
        facts = await self._db.read(self._store.facts, [entry.id for entry in entries])
        return [TunerChannel(entry=one, output_profile_id=profile_id, facts=facts.get(one.id)) for one in entries]

    async def tuned(self, caller: Caller, number: str) -> Entry:
        """The channel with this number. Raises: NotFound."""
        found = (await self._lineups.of(await self._lineups.view(caller))).by_number(number)
        if found is None:
            raise NotFound("The channel")
        return found

    async def busy(self) -> Mapping[int, tuple[str, int]]:
        """By tuner, from 0: number of the channel it plays and bits a second."""
        playing = self._tuner.playing()
        lineup = await self._lineups.of(await self._lineups.view(NOBODY))
        known = {entry.uuid: entry.shown_number for entry in lineup.entries}
        return {place: (known.get(uuid) or "1", rate) for place, (uuid, rate) in enumerate(sorted(playing.items()))}

    async def _output_profile(self, face: Face) -> int | None:
        wanted = face.output_profile_id
        if wanted is None:
            wanted = (await self._preferences.group(StreamSettings)).hdhr_output_profile_id
        if wanted is None or not await self._db.read(self._store.is_output_profile, wanted):
            return None
        return wanted


def _named(face: Face) -> str:
    words = NAME if face.profile is None else f"{NAME} - {face.profile}"
    return words if face.output_profile_id is None else f"{words} / {face.output_profile_id}"
