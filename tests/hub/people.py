"""Somebody in front of a browser, as the tests of the hub need them."""

from typing import Any

from polycast.core.identity.scopes import Role
from tests.server import PASSWORD, Client, Server


async def browser(server: Server, path: str, sent: Any) -> Client:
    """A browser that has just been given the session cookie."""
    answer = await server.post(path, sent, headers={"Origin": server.url})
    assert answer.status == 200, answer.text()
    cookie = answer.headers["set-cookie"].partition(";")[0]
    return Client(server.url, server.session, {"Cookie": cookie, "Origin": server.url})


async def signed_in(server: Server, role: Role = Role.OWNER) -> Client:
    """Somebody of `role` who has just typed their password."""
    await server.client(role)
    return await browser(server, "/polycast/v1/session", {"name": role.value, "password": PASSWORD})


async def left_open(server: Server) -> Client:
    """The owner's browser, signed in so long ago that nobody knows who sits there now."""
    await server.client(Role.OWNER)
    identity = server.house.core.identity
    owner = await identity.users.find(Role.OWNER.value)
    assert owner is not None
    opened = await identity.sessions.open(owner, "ui", address="127.0.0.1", device="test", fresh=False)
    cookie = identity.sessions.cookie(opened, secure=False)
    return Client(server.url, server.session, {"Cookie": f"{cookie.name}={cookie.value}", "Origin": server.url})
