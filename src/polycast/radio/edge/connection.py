"""One connection at a port of the edge: what comes first decides what it is."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from polycast.radio.edge import answers
from polycast.radio.edge.door import Door, Unchunked, guest_of, metaint_of
from polycast.radio.edge.head import (
    HEAD_MOST,
    LINE_MOST,
    METHODS,
    ULTRAVOX,
    BadHead,
    Head,
    end_of_head,
    icy_fields,
    parse,
)
from polycast.radio.edge.listener import Listener
from polycast.radio.edge.model import FORMAT_OF_MIME, TRY_LATER, WRONG_PASSWORD, Manner, Refusal
from polycast.radio.edge.mount import Mount
from polycast.radio.edge.ports import Input, Offer, Place
from polycast.radio.edge.webcast import Webcast

HEAD_S: Final = 15.0  # until a request is whole
SOURCE_SILENT_S: Final = 10.0
IDLE_S: Final = 20.0  # between two requests of one connection
BODY_MOST: Final = 64 * 1024  # of a POST that brings a title
VERBS: Final = tuple(method[:4] for method in METHODS)


class Connection(asyncio.Protocol):
    """Made for each client of a port. States: a head is awaited, a body, sound comes, sound goes."""

    def __init__(self, place: Place, door: Door) -> None:
        self._place = place
        self._door = door
        self._office = door.office
        self._loop = asyncio.get_running_loop()
        self._transport: Any = None
        self._address = ""
        self._data = bytearray()
        self._take: Callable[[bytes], None] = self._first
        self._deadline: asyncio.TimerHandle | None = None
        self._input: Input | None = None
        self._listener: Listener | None = None
        self._pending: tuple[Head, int] | None = None
        self._password = ""
        self._heard_at = 0.0
        self._counted = False

    # The connection

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        peer = transport.get_extra_info("peername")
        self._address = str(peer[0]) if peer else ""
        if not self._door.enter(self._address):
            transport.abort()
            return
        self._counted = True
        self._door.connections.add(self)
        self._wait(HEAD_S)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._door.connections.discard(self)
        self._uncount()
        if self._input is not None:
            taken, self._input = self._input, None
            taken.ended("left")
        if self._listener is not None:
            listener, self._listener = self._listener, None
            listener.end("left")

    def data_received(self, data: bytes) -> None:
        self._take(data)

    def eof_received(self) -> bool:
        # A listener that has closed its half may still hear; a source that has, is done.
        return self._listener is not None

    def hang_up(self) -> None:
        """Close after what was written."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.close()

    # What a listener writes to

    def write(self, parts: list[bytes]) -> None:
        if len(parts) == 1:
            self._transport.write(parts[0])
        else:
            self._transport.writelines(parts)

    def backlog(self) -> int:
        return int(self._transport.get_write_buffer_size())

    def close(self) -> None:
        if self._listener is not None and self.backlog() > 0 and self._listener.is_over:
            self._transport.abort()  # it does not read; what waits would keep the connection for ever
        else:
            self.hang_up()

    # What comes first

    def _first(self, data: bytes) -> None:
        self._data += data
        begin = bytes(self._data[:8])
        if begin[0] == ULTRAVOX and (len(begin) < 2 or begin[1] == 0):
            self.hang_up()  # Ultravox is not spoken here
        elif any(begin.startswith(method[: len(begin)]) for method in METHODS):
            self._head(b"")
        else:
            self._icy_password()

    def _icy_password(self) -> None:
        end = self._data.find(b"\n")
        if end < 0:
            if len(self._data) > LINE_MOST:
                self.hang_up()
            return
        line = bytes(self._data[:end]).strip()
        del self._data[: end + 1]
        user, colon, password = line.decode("utf-8", "replace").partition(":")
        if not colon:
            user, password = "", user
        if len(line) > LINE_MOST or self._place.is_refused(self._address):
            self.hang_up()
            return
        if not self._place.knows(self._address, user, password):
            self._end(answers.ICY_WRONG)
            return
        self._password = f"{user}:{password}"
        self._transport.write(answers.ICY_OK)
        self._take = self._icy_head
        self._icy_head(b"")

    def _icy_head(self, data: bytes) -> None:
        self._data += data
        found = end_of_head(self._data)
        if found is None:
            if len(self._data) > HEAD_MOST:
                self.hang_up()
            return
        fields = icy_fields(bytes(self._data[: found[0]]))
        rest = bytes(self._data[found[1] :])
        user, _, password = self._password.partition(":")
        mime = fields.get("content-type", "audio/mpeg").partition(";")[0].strip().lower()
        offer = Offer(
            address=self._address,
            user=user,
            password=password,
            path="",
            format=FORMAT_OF_MIME.get(mime),
            mime=mime,
            agent=fields.get("user-agent", ""),
            fields=fields,
        )
        taken = self._place.source(offer, self)
        if isinstance(taken, Refusal):
            self._end(taken.text.encode() + b"\r\n")
        else:
            self._begin_source(taken, rest)

    # HTTP

    def _head(self, data: bytes) -> None:
        self._data += data
        found = end_of_head(self._data)
        if found is None:
            if len(self._data) > HEAD_MOST:
                self._refuse(Refusal(400, "head too large"))
            return
        raw = bytes(self._data[: found[0]])
        del self._data[: found[1]]
        try:
            head = parse(raw)
        except BadHead:
            self._refuse(Refusal(400, "unparsable request"))
            return
        match head.method:
            case "PUT" | "SOURCE":
                self._source(head)
            case "GET" | "HEAD":
                self._get(head)
            case "OPTIONS":
                self._transport.write(answers.options(now=self._office.now(), of_server=head.path == "*"))
                self._again()
            case "POST":
                self._post(head)
            case _:
                self._refuse(Refusal(405, "method not allowed"))

    def _again(self) -> None:
        """The next request of the same connection."""
        self._take = self._head
        self._wait(IDLE_S)
        if self._data:
            self._head(b"")

    def _post(self, head: Head) -> None:
        length = head.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > BODY_MOST:
            self._refuse(Refusal(413, "body too large"))
            return
        self._pending = (head, int(length))
        self._take = self._body
        if head.headers.get("expect", "").lower() == "100-continue":
            self._transport.write(answers.CONTINUE)
        self._body(b"")

    def _body(self, data: bytes) -> None:
        self._data += data
        if self._pending is None or len(self._data) < self._pending[1]:
            return
        head, length = self._pending
        body = bytes(self._data[:length])
        del self._data[:length]
        self._pending = None
        self._end(self._office.answer(self._place, head, self._address, body.decode("latin-1")))

    def _get(self, head: Head) -> None:
        if head.headers.get("upgrade", "").lower() == "websocket" and head.method == "GET":
            self._webcast(head)
            return
        mount = self._place.mount(head.path) if self._place.takes_listeners else None
        is_page = self._place.manner is not Manner.ICECAST and self._office.is_page(self._place, head)
        if mount is None or is_page:
            self._end(self._office.answer(self._place, head, self._address, ""))
            return
        self._listen(head, mount)

    def _listen(self, head: Head, mount: Mount) -> None:
        guest = guest_of(head, self._address)
        verdict = self._place.admit(mount, guest)
        if isinstance(verdict, Refusal):
            self._end(answers.refused(verdict, now=self._office.now(), is_head=head.method == "HEAD"))
            return
        if isinstance(verdict, str):
            self._end(answers.moved(verdict, now=self._office.now()))
            return
        metaint = metaint_of(mount, guest, self._place.manner)
        now = self._office.now()
        told = answers.stream_head(
            mount.spec, manner=self._place.manner, metaint=metaint, audio_info=mount.audio_info, now=now
        )
        self._transport.write(told)
        if head.method == "HEAD":
            self.hang_up()
            return
        self._stop_waiting()
        self._uncount()
        self._take = self._deaf
        # The buffer of the kernel is for the burst; the queue's limit is ours to watch.
        self._transport.set_write_buffer_limits(high=mount.spec.queue_bytes * 2)
        self._listener = self._office.listener(mount, guest, self, metaint=metaint)
        mount.join(self._listener, intro=self._office.intro(mount, guest))

    def _webcast(self, head: Head) -> None:
        cast = Webcast(self._place, self._address, self, fields=head.headers)
        accepted = cast.accept(head)
        if accepted is None:
            self._refuse(Refusal(400, "not a webcast"))
            return
        self._transport.write(accepted)
        self._input = cast
        self._take = self._webcasting
        self._begin_listening_for_sound()
        rest = bytes(self._data)
        self._data.clear()
        if rest:
            self._webcasting(rest)

    def _webcasting(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        cast = self._input
        if isinstance(cast, Webcast):
            for answer in cast.received(data):
                self._transport.write(answer)
            if cast.is_over:
                self.hang_up()

    # Sources

    def _source(self, head: Head) -> None:
        credentials = head.credentials
        if self._place.is_refused(self._address):
            self._refuse(TRY_LATER)
            return
        if credentials is None or not self._place.knows(self._address, *credentials):
            self._refuse(WRONG_PASSWORD)
            return
        mime = head.headers.get("content-type", "").partition(";")[0].strip().lower()
        offer = Offer(
            address=self._address,
            user=credentials[0],
            password=credentials[1],
            path=head.path,
            format=FORMAT_OF_MIME.get(mime),
            mime=mime,
            agent=head.headers.get("user-agent", ""),
            fields=head.headers,
        )
        taken = self._place.source(offer, self)
        if isinstance(taken, Refusal):
            self._refuse(taken)
            return
        if "100-continue" in head.headers.get("expect", "").lower():
            self._transport.write(answers.CONTINUE)
        self._transport.write(answers.SOURCE_OK)
        rest = bytes(self._data)
        if "chunked" in head.headers.get("transfer-encoding", "").lower():
            taken = Unchunked(taken)
        self._begin_source(taken, rest)

    def _begin_source(self, taken: Input, rest: bytes) -> None:
        self._input = taken
        self._data.clear()
        self._take = self._sound
        self._begin_listening_for_sound()
        if rest:
            self._sound(rest)

    def _begin_listening_for_sound(self) -> None:
        self._uncount()
        self._heard_at = self._loop.time()
        self._wait(SOURCE_SILENT_S, self._is_source_silent)

    def _sound(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        if self._input is not None and not self._input.feed(data):
            self.hang_up()

    def _is_source_silent(self) -> None:
        left = self._heard_at + SOURCE_SILENT_S - self._loop.time()
        if left <= 0:
            self.hang_up()
        else:
            self._wait(left, self._is_source_silent)

    def _deaf(self, data: bytes) -> None:
        """What a listener says is of no interest."""

    # Ends

    def _refuse(self, refusal: Refusal) -> None:
        self._end(answers.refused(refusal, now=self._office.now()))

    def _end(self, answer: bytes) -> None:
        self._take = self._deaf
        self._transport.write(answer)
        self.hang_up()

    def _uncount(self) -> None:
        if self._counted:
            self._counted = False
            self._door.leave(self._address)

    def _wait(self, seconds: float, then: Callable[[], None] | None = None) -> None:
        self._stop_waiting()
        self._deadline = self._loop.call_later(seconds, then or self._abort)

    def _abort(self) -> None:
        self._transport.abort()

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
