"""What the connections of a server share, and what they are told of a listener."""

from polycast.radio.edge.chunks import BadChunk, Unchunker
from polycast.radio.edge.head import Head
from polycast.radio.edge.listener import METAINT, METAINT_SHOUTCAST
from polycast.radio.edge.model import Guest, Manner
from polycast.radio.edge.mount import Mount
from polycast.radio.edge.office import Office
from polycast.radio.edge.ports import Hangup, Input


class Door:
    """What the connections of one server share."""

    def __init__(self, office: Office, *, most_per_peer: int = 256) -> None:
        self.office = office
        self.connections: set[Hangup] = set()
        self._peers: dict[str, int] = {}
        self._most = most_per_peer

    def enter(self, address: str) -> bool:
        """Whether one more connection that is no stream is welcome; streams are counted by their limits."""
        count = self._peers.get(address, 0)
        if count >= self._most:
            return False
        self._peers[address] = count + 1
        return True

    def leave(self, address: str) -> None:
        count = self._peers.get(address, 0) - 1
        if count > 0:
            self._peers[address] = count
        else:
            self._peers.pop(address, None)


class Unchunked:
    """A source that sends in chunks of HTTP/1.1."""

    def __init__(self, behind: Input) -> None:
        self._behind = behind
        self._chunks = Unchunker()

    def feed(self, fresh: bytes) -> bool:
        try:
            plain = self._chunks.feed(fresh)
        except BadChunk:
            return False
        wanted = self._behind.feed(plain) if plain else True
        return wanted and not self._chunks.is_over

    def ended(self, why: str) -> None:
        self._behind.ended(why)


def guest_of(head: Head, address: str) -> Guest:
    """Who asks to listen. The token is the query, or its `token`, or Basic's password."""
    credentials = head.credentials
    token = head.query.get("token", b"").decode("utf-8", "replace")
    return Guest(
        address=address,
        agent=head.headers.get("user-agent", "")[:300],
        referer=head.headers.get("referer", "")[:500],
        token=token or (credentials[1] if credentials else head.raw_query[:300]),
        wants_titles=head.headers.get("icy-metadata", "").strip() == "1",
    )


def metaint_of(mount: Mount, guest: Guest, manner: Manner) -> int:
    """How many bytes of sound lie between two titles; 0 for a listener who gets none."""
    if not guest.wants_titles or not mount.titles_in_stream:
        return 0
    return METAINT if manner is Manner.ICECAST else METAINT_SHOUTCAST
