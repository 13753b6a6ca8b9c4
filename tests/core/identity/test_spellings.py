"""Every spelling of a credential, in each state that it can be in."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import jwt as pyjwt
import pytest
from msgspec import Struct

from polycast.core.errors import NotSignedIn
from polycast.core.identity.caller import SIGNED_IN, Caller, Credential, Policy
from polycast.core.identity.devices.model import DeviceNew
from polycast.core.identity.jwt import Use
from polycast.core.identity.keys.model import ApiKeyNew
from polycast.core.identity.scopes import Role
from polycast.core.identity.users.model import UserPatch
from tests.core.identity.house import HERE, PASSWORD, House, basic, scope

OPEN_TO_ALL = Policy(kinds=frozenset(Credential), in_query=True)


class Held(Struct, kw_only=True):
    """A credential of Ada's: its text, and how it ends."""

    text: str
    life: timedelta
    revoke: Callable[[], Awaitable[None]]


async def session(house: House, kind: str) -> Held:
    token, caller = await house.signed_in("ada", kind=kind)
    how = house.identity.sessions.kind(kind)

    async def end() -> None:
        await house.identity.sessions.end(caller, caller.credential_id or 0)

    return Held(text=token, life=how.idle or how.life, revoke=end)


async def access_token(house: House) -> Held:
    done = await house.identity.sign_in("ada", PASSWORD, kind="jwt", address=HERE)
    text = house.identity.jwt_pair(done).access
    caller = await house.identity.authenticate_token(text, address=HERE)

    async def end() -> None:
        await house.identity.sessions.end(caller, done.session.id)

    return Held(text=text, life=timedelta(minutes=31), revoke=end)


async def key(house: House) -> Held:
    _, ada = await house.signed_in("ada")
    ends = house.clock.now() + timedelta(days=1)
    made = await house.identity.keys.create(ada, ApiKeyNew(name="script", ends_at=ends))

    async def end() -> None:
        await house.identity.keys.revoke(ada, made.row.id)

    return Held(text=made.key, life=timedelta(days=1), revoke=end)


async def device(house: House, password: str | None) -> Held:
    _, ada = await house.signed_in("ada")
    new = DeviceNew(name="tv", password=password, ends_at=house.clock.now() + timedelta(days=1))
    made = await house.identity.devices.put(ada, new)

    async def end() -> None:
        await house.identity.devices.revoke(ada, made.row.id)

    return Held(text=made.password, life=timedelta(days=1), revoke=end)


async def stream(house: House) -> Held:
    _, ada = await house.signed_in("ada")
    text = house.identity.signed.make(ada, "/api/x", life=timedelta(hours=4))

    async def end() -> None:
        await house.identity.sessions.end(ada, ada.credential_id or 0)

    return Held(text=text, life=timedelta(hours=4, minutes=1), revoke=end)


Spell = Callable[[House, str], dict[str, Any]]
MAKE: dict[str, Callable[[House], Awaitable[Held]]] = {
    "session": lambda house: session(house, "ui"),
    "channelwatch": lambda house: session(house, "channelwatch"),
    "better_auth": lambda house: session(house, "better_auth"),
    "sid": lambda house: session(house, "sid"),
    "jwt": access_token,
    "key": key,
    "random device": lambda house: device(house, None),
    "chosen device": lambda house: device(house, "a chosen one 42"),
    "stream": stream,
}


def better_auth(house: House, text: str) -> str:
    return house.identity.sessions.cookie_value(house.identity.sessions.kind("better_auth"), text)


# name: (what it carries, how it stands in a request, the kind of caller it makes)
SPELLINGS: dict[str, tuple[str, Spell, Credential]] = {
    "cookie of the UI": ("session", lambda h, t: scope(cookie=f"a=b; polycast_session={t}"), Credential.SESSION),
    "cookie of the UI over https": (
        "session",
        lambda h, t: scope(cookie=f"__Host-polycast_session={t}"),
        Credential.SESSION,
    ),
    "cookie of ChannelWatch": (
        "channelwatch",
        lambda h, t: scope(cookie=f"channelwatch_session={t}"),
        Credential.SESSION,
    ),
    "cookie of better-auth": (
        "better_auth",
        lambda h, t: scope(cookie=f"better-auth.session_token={better_auth(h, t)}"),
        Credential.SESSION,
    ),
    "cookie of better-auth over https": (
        "better_auth",
        lambda h, t: scope(cookie=f"__Secure-better-auth.session_token={better_auth(h, t)}"),
        Credential.SESSION,
    ),
    "cookie SID": ("sid", lambda h, t: scope(cookie=f"SID={t}"), Credential.SESSION),
    "Bearer session": ("session", lambda h, t: scope(authorization=f"Bearer {t}"), Credential.SESSION),
    "bearer signed session": (
        "better_auth",
        lambda h, t: scope(authorization=f"bearer {h.identity.sessions.signed(t)}"),
        Credential.SESSION,
    ),
    "Bearer JWT": ("jwt", lambda h, t: scope(authorization=f"Bearer {t}"), Credential.JWT),
    "Bearer key": ("key", lambda h, t: scope(authorization=f"Bearer {t}"), Credential.API_KEY),
    "Token key": ("key", lambda h, t: scope(authorization=f"Token {t}"), Credential.API_KEY),
    "Token session": ("session", lambda h, t: scope(authorization=f"Token {t}"), Credential.SESSION),
    "ApiKey": ("key", lambda h, t: scope(authorization=f"ApiKey {t}"), Credential.API_KEY),
    "X-API-Key": ("key", lambda h, t: scope(x_api_key=t), Credential.API_KEY),
    "SC-API-KEY": ("key", lambda h, t: scope(sc_api_key=t), Credential.API_KEY),
    "Basic with a random device password": (
        "random device",
        lambda h, t: scope(authorization=basic("ada", t)),
        Credential.DEVICE,
    ),
    "Basic with a chosen device password": (
        "chosen device",
        lambda h, t: scope(authorization=basic("ADA", t)),
        Credential.DEVICE,
    ),
    "Basic with a key": ("key", lambda h, t: scope(authorization=basic("ada", t)), Credential.API_KEY),
    "query token JWT": ("jwt", lambda h, t: scope(query=f"a=1&token={t}"), Credential.JWT),
    "query token session": ("session", lambda h, t: scope(query=f"token={t}"), Credential.SESSION),
    "query api_key": ("key", lambda h, t: scope(query=f"api_key={t}"), Credential.API_KEY),
    "query stream token": ("stream", lambda h, t: scope(query=f"token={t}"), Credential.SIGNED),
    "socket protocol": (
        "jwt",
        lambda h, t: scope(kind="websocket", sec_websocket_protocol=f"bearer, {t}"),
        Credential.JWT,
    ),
}


@pytest.fixture(params=SPELLINGS, ids=lambda name: name.replace(" ", "-"))
def spelling(request: pytest.FixtureRequest) -> tuple[str, Spell, Credential]:
    return SPELLINGS[request.param]


@pytest.fixture
async def ada(home: House) -> House:
    await home.user("owner", Role.OWNER)
    await home.user("ada", Role.ADMIN)
    return home


async def who(house: House, request: dict[str, Any], policy: Policy = OPEN_TO_ALL) -> Caller:
    return await house.identity.authenticate(request, policy)


class TestEverySpelling:
    async def test_the_right_one_names_its_user(self, ada: House, spelling: tuple[str, Spell, Credential]) -> None:
        carries, spell, kind = spelling
        held = await MAKE[carries](ada)
        for _ in range(2):  # from the database, then from memory
            caller = await who(ada, spell(ada, held.text))
            assert (caller.username, caller.credential, caller.address) == ("ada", kind, HERE)

    async def test_a_wrong_one_is_refused(self, ada: House, spelling: tuple[str, Spell, Credential]) -> None:
        carries, spell, _ = spelling
        held = await MAKE[carries](ada)
        wrong = held.text[:-1] + ("A" if held.text[-1] != "A" else "B")
        wrong = wrong[:5] + ("x" if wrong[5] != "x" else "y") + wrong[6:]
        with pytest.raises(NotSignedIn):
            await who(ada, spell(ada, wrong))

    async def test_an_empty_one_is_refused(self, ada: House, spelling: tuple[str, Spell, Credential]) -> None:
        with pytest.raises(NotSignedIn):
            await who(ada, spelling[1](ada, ""))

    async def test_one_that_has_run_out_is_refused(self, ada: House, spelling: tuple[str, Spell, Credential]) -> None:
        carries, spell, _ = spelling
        held = await MAKE[carries](ada)
        await who(ada, spell(ada, held.text))
        ada.clock.move(held.life + timedelta(seconds=1))
        with pytest.raises(NotSignedIn):
            await who(ada, spell(ada, held.text))

    async def test_a_revoked_one_is_refused_at_once(self, ada: House, spelling: tuple[str, Spell, Credential]) -> None:
        carries, spell, _ = spelling
        held = await MAKE[carries](ada)
        await who(ada, spell(ada, held.text))
        await held.revoke()
        with pytest.raises(NotSignedIn):
            await who(ada, spell(ada, held.text))

    async def test_that_of_a_disabled_user_is_refused_at_once(
        self, ada: House, spelling: tuple[str, Spell, Credential]
    ) -> None:
        carries, spell, _ = spelling
        held = await MAKE[carries](ada)
        await who(ada, spell(ada, held.text))
        await disable(ada)
        with pytest.raises(NotSignedIn):
            await who(ada, spell(ada, held.text))

    async def test_a_wrong_explicit_one_counts_even_beside_a_good_cookie(self, ada: House) -> None:
        good, _ = await ada.signed_in("ada")
        for name, (_, spell, _) in SPELLINGS.items():
            if "cookie" not in name:
                request = spell(ada, "wrong-" * 8)
                request["headers"].append((b"cookie", f"polycast_session={good}".encode()))
                with pytest.raises(NotSignedIn):
                    await who(ada, request)


async def disable(house: House) -> None:
    from_owner = (await house.signed_in("owner"))[1]
    found = await house.identity.users.find("ada")
    assert found is not None
    await house.identity.users.update(from_owner, found.id, UserPatch(is_active=False))


class TestNothingIsShown:
    async def test_a_route_for_users_refuses(self, home: House) -> None:
        with pytest.raises(NotSignedIn) as refused:
            await who(home, scope(), SIGNED_IN)
        assert refused.value.reason == "missing"

    async def test_an_open_route_sees_nobody(self, home: House) -> None:
        caller = await who(home, scope(), Policy(anonymous=True))
        assert caller.is_anonymous
        assert caller.address == HERE

    async def test_a_stale_credential_on_an_open_route_is_nobody(self, home: House) -> None:
        # Clients that renew a session still send the old one along.
        caller = await who(home, scope(authorization="Bearer stale"), Policy(anonymous=True))
        assert caller.is_anonymous


class TestWhereACredentialCounts:
    async def test_the_query_counts_only_where_the_route_takes_it(self, ada: House) -> None:
        held = await key(ada)
        with pytest.raises(NotSignedIn):
            await who(ada, scope(query=f"api_key={held.text}"), SIGNED_IN)

    async def test_basic_of_a_proxy_is_ignored_where_the_route_does_not_take_it(self, ada: House) -> None:
        token, _ = await ada.signed_in("ada")
        request = scope(authorization=basic("proxy", "secret"), cookie=f"polycast_session={token}")
        assert (await who(ada, request, SIGNED_IN)).username == "ada"

    async def test_a_key_header_goes_before_authorization(self, ada: House) -> None:
        held = await key(ada)
        assert (await who(ada, scope(x_api_key=held.text, authorization="Bearer x"))).credential is Credential.API_KEY

    async def test_a_refresh_token_opens_nothing(self, ada: House) -> None:
        done = await ada.identity.sign_in("ada", PASSWORD, kind="jwt", address=HERE)
        with pytest.raises(NotSignedIn):
            await who(ada, scope(authorization=f"Bearer {ada.identity.jwt_pair(done).refresh}"))

    async def test_a_jwt_of_another_algorithm_or_key_opens_nothing(self, ada: House) -> None:
        claims = {"token_type": Use.ACCESS.value, "jti": "1", "user_id": 2, "exp": 4102444800}
        for forged in (
            pyjwt.encode(claims, "x" * 32, algorithm="HS256"),
            pyjwt.encode(claims, None, algorithm="none"),
        ):
            with pytest.raises(NotSignedIn):
                await who(ada, scope(authorization=f"Bearer {forged}"))

    async def test_a_stream_token_opens_its_path_and_no_other(self, ada: House) -> None:
        _, caller = await ada.signed_in("ada")
        text = ada.identity.signed.make(caller, "/proxy/ts/7")
        for path, opens in [
            ("/proxy/ts/7", True),
            ("/proxy/ts/7/seg-1.ts", True),
            ("/proxy/ts/70", False),
            ("/proxy/ts", False),
        ]:
            request = scope(path, query=f"token={text}")
            if opens:
                assert (await who(ada, request)).credential is Credential.SIGNED
            else:
                with pytest.raises(NotSignedIn):
                    await who(ada, request)

    @pytest.mark.parametrize("carries", ["session", "jwt", "key", "random device"])
    async def test_a_stream_token_ends_with_what_it_was_got_by(self, ada: House, carries: str) -> None:
        held = await MAKE[carries](ada)
        if carries == "random device":
            caller = await ada.identity.authenticate_device("ada", held.text, address=HERE)
        else:
            caller = await ada.identity.authenticate_token(held.text, address=HERE)
        request = scope(query=f"token={ada.identity.signed.make(caller, '/api/x')}")
        assert (await who(ada, request)).username == "ada"
        await held.revoke()
        with pytest.raises(NotSignedIn):
            await who(ada, request)

    async def test_a_stream_token_gives_only_rights_to_play(self, ada: House) -> None:
        _, caller = await ada.signed_in("ada")
        text = ada.identity.signed.make(caller, "/api/x")
        scopes = (await who(ada, scope(query=f"token={text}"))).scopes
        assert {one.value for one in scopes} == {"live:play", "library:play", "radio:play", "acquire:read"}

    async def test_the_login_password_opens_no_device_door(self, ada: House) -> None:
        with pytest.raises(NotSignedIn):
            await ada.identity.authenticate_device("ada", PASSWORD, address=HERE)

    async def test_the_login_password_is_taken_by_basic(self, ada: House) -> None:
        assert (await who(ada, scope(authorization=basic("ada", PASSWORD)))).username == "ada"
