"""The child: `python -m polycast.core.messengers.child CONTROL PARENT`. Started by `core/processes/forks.py` alone.

Apprise speaks through `requests`. Here each request becomes a frame on a socket pair whose other end is ours, so the
child needs, and has, no way to make a socket of its own.
"""

import logging
import socket
import sys
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any

import apprise
import msgspec
import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from polycast.core.messengers.frames import receive, send
from polycast.core.messengers.model import Ask, Outcome, Send, Told
from polycast.core.processes.forked import serve_forks


class Passage(BaseAdapter):
    """Hands each request over, and waits for what came back."""

    def __init__(self, far: socket.socket) -> None:
        super().__init__()
        self._far = far

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """As `requests` calls it; how long it may take and whom it believes is not the child's to say."""
        headers = {str(name): _text(value) for name, value in request.headers.items()}
        ask = Ask(method=request.method or "GET", url=request.url or "", headers=headers, body=_body(request.body))
        send(self._far, msgspec.msgpack.encode(ask))
        told = msgspec.msgpack.decode(receive(self._far), type=Told)
        if told.status == 0:
            raise requests.ConnectionError(told.text, request=request)
        answer = requests.Response()
        answer.status_code = told.status
        answer.headers = CaseInsensitiveDict(told.headers)
        answer.raw = BytesIO(told.body)
        answer.url = ask.url
        answer.request = request
        answer.encoding = requests.utils.get_encoding_from_headers(answer.headers)
        return answer

    def close(self) -> None:
        """The socket pair is closed with the request that brought it."""


class Handler:
    """Sends one message."""

    def __call__(self, request: bytes, descriptors: Sequence[int]) -> bytes:
        told = msgspec.msgpack.decode(request, type=Send)
        with socket.fromfd(descriptors[0], socket.AF_UNIX, socket.SOCK_STREAM) as far:
            outcome = _said(told, far)
        return msgspec.msgpack.encode(outcome)


def _said(told: Send, far: socket.socket) -> Outcome:
    passage = Passage(far)
    # In this process alone, which lives for this: every session of the library goes through the passage.
    requests.Session.get_adapter = lambda _session, url: passage  # type: ignore[method-assign,assignment]
    service = apprise.Apprise.instantiate(told.url, asset=_asset(), suppress_exceptions=True)
    if service is None:
        return Outcome(ok=False, service="")
    name = str(service.service_name)
    message = told.message
    return Outcome(
        ok=bool(service.notify(body=message.text, title=message.title, notify_type=apprise.NotifyType(message.tone))),
        service=name,
    )


def _asset() -> apprise.AppriseAsset:
    return apprise.AppriseAsset(app_id="Polycast", app_desc="Polycast", app_url="", async_mode=False)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _body(body: Any) -> bytes:
    """A prepared body is text, bytes, a file, or pieces."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    if hasattr(body, "read"):
        return bytes(body.read())
    return b"".join(piece for piece in body) if isinstance(body, Iterable) else b""


def warm_up() -> None:
    """Load every service there is, and what encodings they use."""
    logging.getLogger("apprise").disabled = True  # its lines hold addresses with their tokens
    for _ in apprise.Apprise(asset=_asset()).details().get("schemas", []):
        pass
    apprise.Apprise.instantiate("json://localhost/warm", asset=_asset())
    requests.Request("POST", "http://localhost/", json={"warm": "idna"}).prepare()
    "warm".encode("idna")


def main(control: int, parent: int) -> None:
    """Serve on an inherited socket."""
    with socket.socket(fileno=control) as near:
        serve_forks(near, parent, serve=Handler(), warm=warm_up)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
