"""What is behind the ports of a station: its channels, and its DJs."""

from typing import Final

from polycast.radio.edge.model import (
    BAD_TYPE,
    IN_OGG,
    IN_USE,
    NO_MOUNT,
    NO_TYPE,
    SUSPENDED,
    Guest,
    Manner,
    Refusal,
    Title,
)
from polycast.radio.edge.mount import Mount
from polycast.radio.edge.ports import Hangup, Input, Offer
from polycast.radio.engine.account import NEEDS_TOKEN
from polycast.radio.engine.passwords import Turnstile
from polycast.radio.engine.station import StationAir

MANNERS: Final = {
    "icecast": Manner.ICECAST,
    "icecast-kh": Manner.ICECAST,
    "shoutcast1": Manner.SHOUTCAST1,
    "shoutcast2": Manner.SHOUTCAST2,
    "shoutcast2.6": Manner.SHOUTCAST2,
}
SHOUTCAST_PATHS: Final = ("/", "/;", "/;stream.mp3", "/stream", "/stream/1", "/stream/1/", "/stream;", "/listen")


class ChannelPlace:
    """A port of channels: listeners, and sources that go to a mount as they are."""

    takes_listeners = True

    def __init__(self, station: StationAir, port: int, turnstile: Turnstile) -> None:
        self.station = station
        self.port = port
        self._turnstile = turnstile

    @property
    def manner(self) -> Manner:
        channels = self.station.channels_at(self.port)
        kind = channels[0].s_type if channels else ""
        return MANNERS.get(kind or self.station.account.owner.server_type, Manner.ICECAST)

    def mounts(self) -> list[Mount]:
        found = (self.station.mounts.get(one.id) for one in self.station.channels_at(self.port))
        return [one for one in found if one is not None]

    def mount(self, path: str) -> Mount | None:
        mounts = self.mounts()
        for one in mounts:
            if one.spec.path == path:
                return self._heard(one)
        if mounts and self.manner is not Manner.ICECAST and path in SHOUTCAST_PATHS:
            return self._heard(mounts[0])
        return None

    def _heard(self, mount: Mount) -> Mount | None:
        """The mount, or its fallback while it has nothing; silence is something."""
        if mount.is_live:
            return mount
        other = next((one for one in self.mounts() if one.spec.path == mount.spec.fallback and one is not mount), None)
        return other if other is not None and other.is_live else None

    def admit(self, mount: Mount, guest: Guest) -> Refusal | str | None:
        account, station = self.station.account, self.station.setup.station
        refusal = account.refusal(station, guest)
        if refusal is not None:
            return refusal
        if mount.spec.tokens_only and not self.station.admits_token(guest.token):
            return NEEDS_TOKEN
        full = account.full(mount)
        if full is not None:
            channel = self.station.channel(mount.spec.id)
            redirect = channel.redirect_url if channel is not None else ""
            is_plain = redirect.startswith(("http://", "https://")) and not any(one in redirect for one in "\r\n\0 ")
            return redirect if is_plain else full
        return None

    def source(self, offer: Offer, hangup: Hangup) -> Input | Refusal:
        if self.station.account.owner.is_silenced or not self.station.setup.may_run:
            return SUSPENDED
        mounts = self.mounts()
        mount = next((one for one in mounts if one.spec.path == offer.path), None)
        if mount is None and mounts and (not offer.path or self.manner is not Manner.ICECAST):
            mount = mounts[0]
        if mount is None:
            return NO_MOUNT
        if not offer.mime:
            return NO_TYPE
        if offer.format is None or not _alike(offer.format, mount):
            return BAD_TYPE
        return self.station.take_source(mount, offer, hangup) or IN_USE

    def knows(self, address: str, user: str, password: str) -> bool:
        secrets = self.station.setup.secrets
        own = [secrets.channels.get(one.id, "") for one in self.station.channels_at(self.port)]
        matches = [self._turnstile.same(password, one) for one in (secrets.station, *own)]
        if not any(matches):
            self._turnstile.failed(address)
        return any(matches)

    def is_admin(self, address: str, user: str, password: str) -> bool:
        kept = self.station.setup.secrets.admins
        matches = [self._turnstile.same(password, kept.get(one.id, "")) for one in self.station.channels_at(self.port)]
        found = any(matches) and user in ("", "admin", "relay")
        if not found:
            self._turnstile.failed(address)
        return found

    def is_refused(self, address: str) -> bool:
        return self._turnstile.is_refused(address)

    def retitle(self, path: str, user: str, password: str, title: Title) -> bool:
        mounts = self.mounts()
        mount = next((one for one in mounts if one.spec.path == path), mounts[0] if mounts and not path else None)
        return mount is not None and self.station.retitle_source(mount, title)

    def charset(self, user: str, password: str) -> str:
        return ""

    def kill_source(self, path: str) -> bool:
        return any(self.station.cut_source(one, "killed") for one in self.mounts() if one.spec.path == path)


def _alike(form: object, mount: Mount) -> bool:
    return form is mount.spec.format or (form in IN_OGG and mount.spec.format in IN_OGG)


class DjPlace:
    """A DJ's own port: user and mount are ignored, only the password counts."""

    takes_listeners = False
    manner = Manner.ICECAST

    def __init__(self, station: StationAir, dj_id: int, turnstile: Turnstile) -> None:
        self.station = station
        self.dj_id = dj_id
        self._turnstile = turnstile

    def mounts(self) -> list[Mount]:
        return list(self.station.mounts.values())

    def mount(self, path: str) -> Mount | None:
        return None

    def admit(self, mount: Mount, guest: Guest) -> Refusal | str | None:
        return NO_MOUNT

    def source(self, offer: Offer, hangup: Hangup) -> Input | Refusal:
        if self.station.account.owner.is_silenced or not self.station.setup.may_run:
            return SUSPENDED
        if not offer.mime:
            return NO_TYPE
        if offer.format is None:
            return BAD_TYPE
        return self.station.take_dj(self.dj_id, offer, hangup) or IN_USE

    def knows(self, address: str, user: str, password: str) -> bool:
        kept = self.station.setup.secrets.djs.get(self.dj_id, "")
        found = self._turnstile.same(password, kept) or (
            bool(user) and self._turnstile.same(f"{user}:{password}", kept)
        )
        if not found:
            self._turnstile.failed(address)
        return found

    def is_admin(self, address: str, user: str, password: str) -> bool:
        return self.knows(address, user, password)

    def is_refused(self, address: str) -> bool:
        return self._turnstile.is_refused(address)

    def retitle(self, path: str, user: str, password: str, title: Title) -> bool:
        return self.station.retitle_dj(self.dj_id, title)

    def charset(self, user: str, password: str) -> str:
        dj = self.station.dj(self.dj_id)
        return dj.meta_charset if dj is not None else ""

    def kill_source(self, path: str) -> bool:
        return self.station.cut_dj(self.dj_id, "killed")
