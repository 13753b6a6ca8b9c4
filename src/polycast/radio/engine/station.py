"""A station on air: its mounts, the sources it has let in, and its player."""

from collections.abc import Callable
from datetime import datetime

from polycast.core.clock import Clock
from polycast.radio.edge.frames import Cut
from polycast.radio.edge.metadata import cleaned
from polycast.radio.edge.model import MIME, Format, MountSpec, Title
from polycast.radio.edge.mount import Mount
from polycast.radio.edge.ports import Hangup, Offer
from polycast.radio.engine.account import AccountAir
from polycast.radio.engine.inputs import DirectSource, DjInput
from polycast.radio.engine.model import DEMUXERS, LiveState, outputs_of, path_of
from polycast.radio.engine.ports import StationNotes
from polycast.radio.player.wire import Live, LiveOver, Output, Setup, pack, pack_raw
from polycast.radio.stations.model import Channel, Dj, StationSetup

MEMBERS = 64  # sources at once of one station


class StationAir:
    """Reconfigured in place: whoever listens goes on listening as long as the channel's format stays."""

    def __init__(
        self,
        setup: StationSetup,
        account: AccountAir,
        *,
        clock: Clock,
        notes: StationNotes,
        tokens: Callable[[str], bool],
    ) -> None:
        self.setup = setup
        self.account = account
        self.mounts: dict[int, Mount] = {}
        self.lives: dict[int, LiveState] = {}
        self.on_air_dj: int | None = None
        self.title = Title()
        self.titled_at: datetime = clock.now()
        self._clock = clock
        self._notes = notes
        self._tokens = tokens
        self._sources: dict[int, DirectSource] = {}  # by channel
        self._djs: dict[int, DjInput] = {}
        self._dj_titles: dict[int, Title] = {}
        self._outputs: list[Output] = []
        self._by_output: dict[int, list[Mount]] = {}
        self._send: Callable[[bytes], bool] | None = None  # to the player
        self.configure(setup)

    # Setting up

    def configure(self, setup: StationSetup) -> None:
        """Take over another setup."""
        self.setup = setup
        wanted = {one.id: self._spec(one) for one in outputs_of(setup)}
        for number in [one for one in self.mounts if one not in wanted]:
            self._drop(number, "channel gone")
        for number, spec in wanted.items():
            mount = self.mounts.get(number)
            if mount is not None and mount.spec.format is not spec.format:
                self._drop(number, "format changed")
                mount = None
            if mount is None:
                mount = Mount(spec, clock=self._monotonic, started_at=self._clock.now())
                mount.retitle(self.title)
                self.mounts[number] = self.account.mounts[number] = mount
            else:
                mount.configure(spec)
            channel = self.channel(number)
            mount.is_on = setup.may_run and channel is not None and channel.autodj_enabled
        self._assign_outputs()
        known = {one.id for one in setup.djs if one.active}
        for number in [one for one in self._djs if one not in known]:
            self.cut_dj(number, "DJ removed")

    def _spec(self, channel: Channel) -> MountSpec:
        station = self.setup.station
        return MountSpec(
            id=channel.id,
            station_id=station.id,
            path=path_of(channel),
            format=Format(channel.s_format),
            bitrate_kbps=self._allowed_kbps(channel.bitrate),
            name=station.title,
            description=station.description,
            genre=station.genre,
            url=station.url_address,
            is_public=channel.public,
            most_listeners=channel.listeners,
            burst_bytes=channel.burst_size,
            queue_bytes=channel.queue_size,
            tokens_only=channel.allow_auth_listeners_only,
            fallback=channel.fallback_mount,
        )

    def _allowed_kbps(self, wanted: int) -> int:
        limit = self.account.owner.limits.limit_bitrate
        return min(wanted, limit) if limit else wanted

    def _assign_outputs(self) -> None:
        """Channels that sound alike share an encoder, which keeps its number while it is needed."""
        wanted = {(mount.spec.format.value, mount.spec.bitrate_kbps) for mount in self.mounts.values() if mount.is_on}
        kept = [one for one in self._outputs if (one.format, one.kbps) in wanted]
        taken = {one.number for one in kept}
        for form, kbps in sorted(wanted - {(one.format, one.kbps) for one in kept}):
            number = next(one for one in range(len(wanted) + len(taken) + 1) if one not in taken)
            taken.add(number)
            kept.append(Output(number=number, format=form, kbps=kbps))
        self._outputs = kept
        self._by_output = {
            one.number: [
                mount
                for mount in self.mounts.values()
                if mount.is_on and (mount.spec.format.value, mount.spec.bitrate_kbps) == (one.format, one.kbps)
            ]
            for one in kept
        }
        for one in kept:
            for mount in self._by_output[one.number]:
                mount.audio_info = f"ice-samplerate=44100;ice-bitrate={one.kbps};ice-channels=2"

    def player_setup(self) -> Setup:
        """What the player is to be told."""
        station = self.setup.station
        return Setup(
            outputs=self._outputs,
            crossfade_mode=station.crossfade_mode,
            crossfade_s=min(max(station.crossfade_sec, 0.0), 15.0),
            eq_gains=station.eq_gains,
            dc_filter=station.dc_filter,
            title=station.title,
        )

    @property
    def needs_player(self) -> bool:
        return self.setup.may_run and bool(self._outputs)

    def channel(self, number: int) -> Channel | None:
        return next((one for one in self.setup.channels if one.id == number), None)

    def channels_at(self, port: int) -> list[Channel]:
        return [one for one in outputs_of(self.setup) if one.port == port]

    def dj(self, number: int) -> Dj | None:
        return next((one for one in self.setup.djs if one.id == number and one.active), None)

    def admits_token(self, token: str) -> bool:
        return bool(token) and self._tokens(token)

    def _drop(self, number: int, why: str) -> None:
        mount = self.mounts.pop(number)
        self.account.mounts.pop(number, None)
        if (source := self._sources.get(number)) is not None:
            source.cut(why)
        mount.end_all(why)

    def silence(self, why: str) -> None:
        """Everybody out: listeners, sources, DJs."""
        for number in list(self._djs):
            self.cut_dj(number, why)
        for source in list(self._sources.values()):
            source.cut(why)
        for mount in self.mounts.values():
            mount.is_on = False
            mount.end_all(why)

    def close(self) -> None:
        """The station is gone."""
        self.silence("station gone")
        for number in list(self.mounts):
            self._drop(number, "station gone")

    # The player

    def connect(self, send: Callable[[bytes], bool]) -> None:
        """A player is there: DJs whose streams can be joined anywhere go on, others have to come again."""
        self._send = send
        for number, one in list(self._djs.items()):
            if one.form in (Format.MP3, Format.AAC):
                self._announce(number, one)
            else:
                one.cut("the player was restarted")

    def disconnect(self) -> None:
        """The player is gone; what is heard now is silence."""
        self._send = None
        self.went_on_air(0)
        for mount in self.mounts.values():
            if mount.spec.id not in self._sources:
                mount.has_source = False

    def sounded(self, output: int, seconds: float, data: bytes) -> None:
        """Encoded sound of the player, to every channel that wants it and has no source of its own."""
        cut = Cut(data, seconds)
        for mount in self._by_output.get(output, ()):
            if mount.spec.id not in self._sources:
                mount.has_source = True
                mount.feed(cut)

    def headed(self, output: int) -> None:
        """An Ogg stream begins anew; its header comes with the next sound."""
        for mount in self._by_output.get(output, ()):
            if mount.spec.id not in self._sources:
                mount.expect_head()

    def filled(self, output: int, frames: list[bytes], seconds: float) -> None:
        """What to send when there is no player."""
        for mount in self._by_output.get(output, ()):
            mount.set_filler(frames, seconds)

    def retitle(self, title: Title) -> None:
        """What is heard has another name from here on."""
        title = Title(cleaned(title.text), title.url)
        self.title = title
        self.titled_at = self._clock.now()
        for mount in self.mounts.values():
            if mount.spec.id not in self._sources:
                mount.retitle(title)

    # Direct sources

    def take_source(self, mount: Mount, offer: Offer, hangup: Hangup) -> DirectSource | None:
        """None when the mount has one."""
        if mount.spec.id in self._sources or offer.format is None:
            return None
        form = mount.spec.format if MIME[offer.format] == MIME[mount.spec.format] else offer.format
        source = DirectSource(
            mount,
            hangup,
            form=form,
            limit_kbps=lambda: self.account.owner.limits.limit_bitrate,
            clock=self._monotonic,
            over=self._source_over,
        )
        self._sources[mount.spec.id] = source
        mount.has_source = True
        mount.source_agent, mount.source_address = cleaned(offer.agent), offer.address
        mount.audio_info = cleaned(offer.fields.get("ice-audio-info", "")) or mount.audio_info
        mount.retitle(Title(""))
        return source

    def _source_over(self, source: DirectSource, why: str) -> None:
        mount = source.mount
        self._sources.pop(mount.spec.id, None)
        mount.has_source = False
        mount.source_agent = mount.source_address = ""
        mount.retitle(self.title)
        self._notes.source_over(self, why)
        if not mount.is_on:
            other = next((one for one in self.mounts.values() if one.spec.path == mount.spec.fallback), None)
            for one in list(mount.listeners.values()):
                if other is not None and other.is_live and other.spec.format is mount.spec.format:
                    one.move(other)
                else:
                    one.end("source gone")

    def retitle_source(self, mount: Mount, title: Title) -> bool:
        if mount.spec.id not in self._sources:
            return False
        mount.retitle(title)
        return True

    def cut_source(self, mount: Mount, why: str) -> bool:
        source = self._sources.get(mount.spec.id)
        if source is not None:
            source.cut(why)
        return source is not None

    # DJs

    def take_dj(self, number: int, offer: Offer, hangup: Hangup) -> DjInput | None:
        """None when the DJ is here already, or there is nobody of that number."""
        dj = self.dj(number)
        if dj is None or number in self._djs or offer.format is None or len(self._djs) >= MEMBERS:
            return None
        demuxer = "matroska" if offer.mime == "audio/webm" else DEMUXERS[offer.format]
        if offer.format is Format.FLAC and "ogg" in offer.mime:
            demuxer = "ogg"
        taken = DjInput(
            number,
            hangup,
            form=offer.format,
            demuxer=demuxer,
            send=lambda data: self._to_player(number, data),
            over=self._dj_over,
        )
        self._djs[number] = taken
        self.lives[number] = LiveState(dj_id=number, since=self._clock.now())
        fixed = dj.metadata if dj.meta_source == "fixed" else ""
        self._dj_titles[number] = Title(fixed or dj.metadata or dj.name or self.setup.station.title)
        self._announce(number, taken)
        taken.tap = self._notes.dj_came(self, dj, offer.format)
        return taken

    def _announce(self, number: int, taken: DjInput) -> None:
        dj = self.dj(number)
        if dj is None or self._send is None:
            return
        live = Live(
            id=number,
            format=taken.demuxer,
            priority=dj.priority,
            buffer_s=min(max(dj.buffer_ms, 100), 20_000) / 1000,
            gain=max(0.0, 1 + dj.volume_change / 100),
            silence_s=float(dj.silence_seconds),
        )
        self._send(pack(live))

    def _to_player(self, number: int, data: bytes) -> bool:
        """False only when the player is far behind; without one the encoder stays and is heard later."""
        return self._send is None or self._send(pack_raw(number, data))

    def _dj_over(self, taken: DjInput, why: str) -> None:
        self._djs.pop(taken.dj_id, None)
        self.lives.pop(taken.dj_id, None)
        if self._send is not None:
            self._send(pack(LiveOver(taken.dj_id)))
        if self.on_air_dj == taken.dj_id and self._send is None:
            self.went_on_air(0)
        self._notes.dj_left(self, taken.dj_id, why)

    def went_on_air(self, number: int) -> None:
        """The player says whom it plays; 0 for the programme."""
        before, self.on_air_dj = self.on_air_dj, number or None
        for state in self.lives.values():
            state.on_air = state.dj_id == number
        if number:
            self.retitle(self._dj_titles.get(number, Title(self.setup.station.title)))
        if before != self.on_air_dj:
            self._notes.on_air(self, before)

    def retitle_dj(self, number: int, title: Title) -> bool:
        """A title of an encoder; shown while its DJ is on air, unless theirs is fixed."""
        dj = self.dj(number)
        if dj is None or number not in self._djs:
            return False
        if dj.meta_source == "fixed":
            return True
        self._dj_titles[number] = title
        if self.on_air_dj == number:
            self.retitle(title)
            self._notes.live_title(self, number)
        return True

    def cut_dj(self, number: int, why: str) -> bool:
        found = self._djs.get(number)
        if found is not None:
            found.cut(why)
        return found is not None

    def _monotonic(self) -> float:
        return self._clock.monotonic().total_seconds()

    # What others see

    @property
    def state(self) -> int:
        """0 stopped, 1 running without programme, 2 on air."""
        if not self.setup.may_run:
            return 0
        return 2 if any(one.has_source for one in self.mounts.values()) else 1

    def listener_count(self) -> int:
        return sum(len(one.listeners) for one in self.mounts.values())
