"""Pages and administration of a port: everything that is neither sound in nor sound out."""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Final

from polycast.radio.edge import answers, pages
from polycast.radio.edge.head import Head, fields
from polycast.radio.edge.listener import Listener, Sink
from polycast.radio.edge.metadata import cleaned, decoded
from polycast.radio.edge.model import NO_MOUNT, TRY_LATER, WRONG_PASSWORD, Guest, Refusal, Title
from polycast.radio.edge.mount import Mount
from polycast.radio.edge.ports import Place

PLAYLISTS: Final = (".m3u", ".pls", ".xspf")
SHOUTCAST_PAGES: Final = ("/", "/index.html", "/7.html", "/stats", "/statistics", "/currentsong", "/played")
SHOUTCAST_FILES: Final = ("/listen.pls", "/listen.m3u", "/admin.cgi")
HEARD_MOST: Final = 20


class Office:
    """Answers for every port; keeps no state of its own but the numbers it gives out."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        gone: Callable[[Listener, str], None],
        intro: Callable[[Mount, Guest], bytes],
        host: str = "",
        contact: str = "",
    ) -> None:
        self.now = now
        self.intro = intro
        self._gone = gone
        self._host = host
        self._contact = contact
        self._started_at = now()
        self._numbers = count(1)

    def listener(self, mount: Mount, guest: Guest, sink: Sink, *, metaint: int) -> Listener:
        """One who may come in; `Mount.join` lets them."""
        return Listener(next(self._numbers), mount, guest, sink, metaint=metaint, since=self.now(), gone=self._gone)

    def is_page(self, place: Place, head: Head) -> bool:
        """Whether a port with SHOUTcast's manners shows a page at what would be a mount elsewhere."""
        is_browser = "mozilla" in head.headers.get("user-agent", "").lower()
        return head.path in SHOUTCAST_PAGES[2:] or (is_browser and head.path in SHOUTCAST_PAGES[:2])

    def answer(self, place: Place, head: Head, address: str, form: str) -> bytes:
        """A whole answer. `form` is the body of a POST."""
        query = dict(head.query) | fields(form)
        made = self._made(place, head, address, query)
        if isinstance(made, Refusal):
            return answers.refused(made, now=self.now(), is_head=head.method == "HEAD")
        body, mime = made
        return answers.page(200, body, mime, now=self.now(), is_head=head.method == "HEAD")

    def _made(self, place: Place, head: Head, address: str, query: dict[str, bytes]) -> tuple[bytes, str] | Refusal:
        path = head.path
        if path.startswith("/admin/") or path == "/admin.cgi":
            return self._admin(place, head, address, query)
        if path == "/status-json.xsl":
            only = query.get("mount", b"").decode("utf-8", "replace")
            told = pages.status_json(
                place.mounts(),
                host=self._host_of(head),
                admin=self._contact,
                location="",
                started_at=self._started_at,
                only=only,
            )
            return told, pages.JSON
        for ending in PLAYLISTS:
            mount = place.mount(path.removesuffix(ending)) if path.endswith(ending) and place.takes_listeners else None
            if mount is not None:
                return self._playlist(head, mount, ending)
        if path in {*SHOUTCAST_PAGES, *SHOUTCAST_FILES}:
            return self._shoutcast(place, head, query)
        return NO_MOUNT

    def _host_of(self, head: Head) -> str:
        return head.host or self._host or "localhost"

    def _playlist(self, head: Head, mount: Mount, ending: str) -> tuple[bytes, str]:
        host, path = self._host_of(head), mount.spec.path
        if ending == ".m3u":
            return pages.m3u(host, path), "audio/x-mpegurl"
        if ending == ".pls":
            return pages.pls(host, path, mount.spec.name), "audio/x-scpls"
        return pages.xspf(host, path, mount.spec.name), "application/xspf+xml"

    def _shoutcast(self, place: Place, head: Head, query: dict[str, bytes]) -> tuple[bytes, str] | Refusal:
        mounts = place.mounts()
        if not mounts:
            return NO_MOUNT
        mount, path = mounts[0], head.path
        if path == "/7.html":
            return pages.seven_html(mount), pages.HTML
        if path == "/currentsong":
            return mount.title.text.encode(), "text/plain; charset=utf-8"
        if path in {"/stats", "/statistics"}:
            told = pages.shoutcast_json(mount, now=self.now(), manner=place.manner.value)
            return told, pages.JSON
        if path in {"/listen.pls", "/listen.m3u"}:
            return self._playlist(head, mount, path[-4:])
        if path == "/played":
            return NO_MOUNT
        return pages.status_html(mounts), pages.HTML

    def _admin(self, place: Place, head: Head, address: str, query: dict[str, bytes]) -> tuple[bytes, str] | Refusal:
        if place.is_refused(address):
            return TRY_LATER
        mode = query.get("mode", b"").decode("latin-1")
        if head.path == "/admin.cgi":
            return self._admin_cgi(place, address, query, mode)
        credentials = head.credentials or ("", "")
        if head.path == "/admin/metadata":
            if not credentials[1] or not (place.knows(address, *credentials) or place.is_admin(address, *credentials)):
                return WRONG_PASSWORD
            return self._retitle(place, query, credentials)
        if not credentials[1] or not place.is_admin(address, *credentials):
            return WRONG_PASSWORD
        return self._administer(place, head, query)

    def _admin_cgi(self, place: Place, address: str, query: dict[str, bytes], mode: str) -> tuple[bytes, str] | Refusal:
        password = query.get("pass", b"").decode("utf-8", "replace")
        user, colon, rest = password.partition(":")
        user, password = (user, rest) if colon else ("", password)
        if mode == "viewxml":
            if not place.is_admin(address, "admin", password) and not place.knows(address, user, password):
                return WRONG_PASSWORD
            return self._view_xml(place)
        if mode != "updinfo":
            return Refusal(400, "unknown mode")
        if not place.knows(address, user, password):
            return WRONG_PASSWORD
        found = self._retitle(place, query, (user, password))
        return found if isinstance(found, Refusal) else (b"", pages.HTML)

    def _view_xml(self, place: Place) -> tuple[bytes, str]:
        return pages.stats_xml(place.mounts(), host=self._host or "localhost", started_at=self._started_at), pages.XML

    def _retitle(
        self, place: Place, query: dict[str, bytes], credentials: tuple[str, str]
    ) -> tuple[bytes, str] | Refusal:
        charset = query.get("charset", b"").decode("latin-1") or place.charset(*credentials)
        words = {name: cleaned(decoded(query[name], charset)) for name in ("song", "title", "artist") if name in query}
        text = words.get("song") or " - ".join(one for one in (words.get("artist", ""), words.get("title", "")) if one)
        url = query.get("url", b"").decode("latin-1")
        cover = url if url.startswith(("http://", "https://")) and "'" not in url else ""
        path = decoded(query.get("mount", b""))
        done = place.retitle(path, *credentials, Title(text, cover))
        told = "Metadata update successful" if done else "Source does not exist"
        return pages.response_xml(told, ok=done), pages.XML

    def _administer(self, place: Place, head: Head, query: dict[str, bytes]) -> tuple[bytes, str] | Refusal:
        mounts = place.mounts()
        what = head.path.removeprefix("/admin/").removesuffix(".xsl")
        path = decoded(query.get("mount", b""))
        if what in {"stats", "stats.xml", "stats/"}:
            chosen = [one for one in mounts if path in ("", one.spec.path)]
            return pages.stats_xml(chosen, host=self._host_of(head), started_at=self._started_at), pages.XML
        if what == "listmounts":
            return pages.mounts_xml(mounts, now=self.now()), pages.XML
        if what == "streamlist.txt":
            return pages.stream_list(mounts), "text/plain"
        mount = place.mount(path) if path else None
        if mount is None:
            return Refusal(400, "no such mount")
        match what:
            case "listclients":
                return pages.clients_xml(mount, now=self.now()), pages.XML
            case "killclient":
                return self._kill_client(mount, query)
            case "killsource":
                done = place.kill_source(path)
                return pages.response_xml("Source Removed" if done else "no source", ok=done), pages.XML
            case "moveclients":
                return self._move(place, mount, decoded(query.get("destination", b"")))
            case "fallbacks":
                return self._set_nothing(mount)
            case _:
                return NO_MOUNT

    def _set_nothing(self, mount: Mount) -> tuple[bytes, str]:
        return pages.response_xml(f"fallback is {mount.spec.fallback or 'none'}", ok=True), pages.XML

    def _kill_client(self, mount: Mount, query: dict[str, bytes]) -> tuple[bytes, str]:
        number = query.get("id", b"")
        found = mount.listeners.get(int(number)) if number.isdigit() and len(number) < 12 else None
        if found is None:
            return pages.response_xml("Client not found", ok=False), pages.XML
        found.end("kicked")
        return pages.response_xml(f"Client {found.id} removed", ok=True), pages.XML

    def _move(self, place: Place, mount: Mount, destination: str) -> tuple[bytes, str] | Refusal:
        to = place.mount(destination)
        if to is None or to is mount or to.spec.format is not mount.spec.format:
            return Refusal(400, "no such destination")
        for one in list(mount.listeners.values()):
            one.move(to)
        return pages.response_xml(f"Clients moved from {mount.spec.path} to {to.spec.path}", ok=True), pages.XML
