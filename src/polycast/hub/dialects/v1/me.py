"""What users do with their own account."""

from collections.abc import Sequence

from msgspec import UNSET

from polycast.core.errors import NotFound
from polycast.core.http import Route, delete, get, patch, post
from polycast.core.http.pages import Page
from polycast.core.identity.caller import SIGNED_IN, Caller, Credential
from polycast.core.identity.devices.model import DeviceNew
from polycast.core.identity.keys.model import ApiKeyNew
from polycast.core.identity.service import Identity
from polycast.core.identity.sign_ins import DEVICE_SCOPES
from polycast.core.identity.users.model import User, UserPatch
from polycast.hub.dialects.v1.wire_people import (
    DeviceMadeRow,
    DeviceNewSent,
    DeviceRow,
    KeyMade,
    KeyNew,
    KeyRow,
    Me,
    MePatch,
    PasswordChange,
    SessionRow,
    full_name,
)


def routes() -> Sequence[Route]:
    """Everything below `/polycast/v1/me`."""
    return [
        change,
        change_password,
        sessions,
        end_sessions,
        end_session,
        keys,
        make_key,
        revoke_key,
        devices,
        make_device,
        revoke_device,
    ]


async def _me(caller: Caller, identity: Identity) -> User:
    if caller.user_id is None:
        raise NotFound("The user")
    return await identity.users.get(caller, caller.user_id)


@patch("/polycast/v1/me", policy=SIGNED_IN, sent=MePatch)
async def change(caller: Caller, sent: MePatch, identity: Identity) -> Me:
    """Change one's own address and name."""
    user = await _me(caller, identity)
    wanted = UserPatch(
        email=(sent.email or None) if sent.email is not UNSET else UNSET,
        name=full_name(sent.first_name, sent.last_name, user.name),
    )
    return Me.of(await identity.users.update(caller, user.id, wanted), caller.scopes)


@post("/polycast/v1/me/password", policy=SIGNED_IN, sent=PasswordChange, status=204)
async def change_password(caller: Caller, sent: PasswordChange, identity: Identity) -> None:
    """Change one's own password; every other session ends."""
    await identity.sign_ins.change_password(caller, sent.current, sent.new)


@get("/polycast/v1/me/sessions", policy=SIGNED_IN)
async def sessions(caller: Caller, identity: Identity) -> Page[SessionRow]:
    """Where one is signed in."""
    current = caller.credential_id if caller.credential is Credential.SESSION else None
    found = await identity.sessions.list(caller)
    return Page(items=[SessionRow.of(session, current) for session in found], next=None)


@delete("/polycast/v1/me/sessions", policy=SIGNED_IN, status=204)
async def end_sessions(caller: Caller, identity: Identity) -> None:
    """Sign out everywhere else."""
    keep = caller.credential_id if caller.credential is Credential.SESSION else None
    await identity.sessions.end_all(caller, keep=keep)


@delete("/polycast/v1/me/sessions/{id}", policy=SIGNED_IN, status=204)
async def end_session(caller: Caller, id: int, identity: Identity) -> None:
    """Sign out in one place."""
    await identity.sessions.end(caller, id)


@get("/polycast/v1/me/keys", policy=SIGNED_IN)
async def keys(caller: Caller, identity: Identity) -> Page[KeyRow]:
    """One's API keys."""
    found = await identity.keys.list(caller)
    return Page(items=[KeyRow.of(key, caller.scopes) for key in found], next=None)


@post("/polycast/v1/me/keys", policy=SIGNED_IN, sent=KeyNew)
async def make_key(caller: Caller, sent: KeyNew, identity: Identity) -> KeyMade:
    """Make an API key; its text is in this answer and never again."""
    new = ApiKeyNew(name=sent.name, scopes=frozenset(sent.scopes), ends_at=sent.ends_at)
    made = await identity.keys.create(caller, new)
    return KeyMade(key=KeyRow.of(made.row, caller.scopes), secret=made.key)


@delete("/polycast/v1/me/keys/{id}", policy=SIGNED_IN, status=204)
async def revoke_key(caller: Caller, id: int, identity: Identity) -> None:
    """Revoke an API key."""
    await identity.keys.revoke(caller, id)


@get("/polycast/v1/me/devices", policy=SIGNED_IN)
async def devices(caller: Caller, identity: Identity) -> Page[DeviceRow]:
    """One's device passwords."""
    user = await _me(caller, identity)
    found = await identity.devices.list(caller)
    usual = DEVICE_SCOPES & caller.scopes
    return Page(items=[DeviceRow.of(device, user.username, usual) for device in found], next=None)


@post("/polycast/v1/me/devices", policy=SIGNED_IN, sent=DeviceNewSent)
async def make_device(caller: Caller, sent: DeviceNewSent, identity: Identity) -> DeviceMadeRow:
    """Make a device password; its text is in this answer and never again."""
    user = await _me(caller, identity)
    scopes = None if sent.scopes is None else frozenset(sent.scopes)
    made = await identity.devices.put(caller, DeviceNew(name=sent.name, scopes=scopes, ends_at=sent.ends_at))
    row = DeviceRow.of(made.row, user.username, DEVICE_SCOPES & caller.scopes)
    return DeviceMadeRow(device=row, secret=made.password)


@delete("/polycast/v1/me/devices/{id}", policy=SIGNED_IN, status=204)
async def revoke_device(caller: Caller, id: int, identity: Identity) -> None:
    """Revoke a device password; what plays with it ends."""
    await identity.devices.revoke(caller, id)
