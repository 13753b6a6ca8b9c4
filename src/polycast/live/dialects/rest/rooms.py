"""What this dialect's own routes need, put together from the core and the features."""

from msgspec import Struct

from polycast.core.backups import Backups
from polycast.core.clock import Clock
from polycast.core.house import Core
from polycast.core.identity.service import Identity
from polycast.core.ids import Ids
from polycast.core.jobs import Queue
from polycast.core.notify import Notify
from polycast.core.secrets import Tokens
from polycast.core.settings.book import SettingsService
from polycast.live.activity.events import SystemEvents
from polycast.live.dialects.rest.lists import Lists
from polycast.live.dialects.rest.ports import NoViewers, Viewers
from polycast.live.guide.reading import require_guide
from polycast.live.lineup.sync import AutoSync
from polycast.live.people.members import Members
from polycast.live.people.service import People
from polycast.live.people.store import PersonStore
from polycast.live.preferences import profiles
from polycast.live.preferences.commands import check_command
from polycast.live.preferences.profiles import OutputProfiles, StreamProfiles, TunerDevices, UserAgents, UserGroups
from polycast.live.preferences.service import Preferences
from polycast.live.sources.room import Sources
from polycast.live.sources.trial import SourceTrials


class Rooms(Struct, frozen=True, kw_only=True):
    """The services of this dialect; what others' routes need comes beside it, by parameter name."""

    identity: Identity
    members: Members
    preferences: Preferences
    user_agents: UserAgents
    stream_profiles: StreamProfiles
    output_profiles: OutputProfiles
    tuner_devices: TunerDevices
    user_groups: UserGroups
    sources: Sources
    sync: AutoSync
    trials: SourceTrials
    viewers: Viewers
    system_events: SystemEvents
    notify: Notify
    backups: Backups
    queue: Queue
    settings_service: SettingsService
    tokens: Tokens
    id_maker: Ids
    clock: Clock

    def services(self) -> dict[str, object]:
        """By the names that handlers ask for them."""
        found = {name: getattr(self, name) for name in self.__struct_fields__}
        return found | {"lists": Lists(self.preferences), "rehash": self.sources.rehash}


def rest_rooms(
    core: Core,
    *,
    preferences: Preferences,
    people: People,
    sources: Sources,
    system_events: SystemEvents,
    sync: AutoSync,
    viewers: Viewers | None = None,
) -> Rooms:
    """Everything; without `viewers` nobody watches."""
    db, clock = core.db, core.clock
    agents = profiles.rows_of_user_agents()
    streams, outputs = profiles.rows_of_stream_profiles(), profiles.rows_of_output_profiles()
    return Rooms(
        identity=core.identity,
        members=Members(db=db, identity=core.identity, people=people, store=PersonStore()),
        preferences=preferences,
        user_agents=UserAgents(db=db, rows=agents, clock=clock),
        stream_profiles=StreamProfiles(db=db, rows=streams, agents=agents, clock=clock, check=check_command),
        output_profiles=OutputProfiles(db=db, rows=outputs, clock=clock, check=check_command),
        tuner_devices=TunerDevices(db=db, rows=profiles.rows_of_tuner_devices(), clock=clock),
        user_groups=UserGroups(db=db, rows=profiles.rows_of_user_groups(), clock=clock),
        sources=sources,
        sync=sync,
        trials=SourceTrials(net=core.net, require_guide=require_guide),
        viewers=viewers or NoViewers(),
        system_events=system_events,
        notify=core.notify,
        backups=core.backups,
        queue=core.queue,
        settings_service=core.settings_service,
        tokens=core.tokens,
        id_maker=core.ids,
        clock=clock,
    )
