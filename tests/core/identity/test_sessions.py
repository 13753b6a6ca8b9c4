import asyncio
import re
from datetime import timedelta

import pytest

from polycast.core.errors import NotAllowed, NotFound, NotSignedIn
from polycast.core.identity.caller import SIGNED_IN, Caller, Credential
from polycast.core.identity.events import CredentialEnded
from polycast.core.identity.jwt import BadJwt
from polycast.core.identity.known import LIFE, Known, KnownCache
from polycast.core.identity.scopes import Role, Scope
from polycast.core.identity.sessions.model import UI, SessionKind
from polycast.core.identity.sessions.service import KEPT_PER_KIND
from polycast.core.secrets import TokenForm
from tests.core.identity.house import HERE, PASSWORD, House, scope
from tests.fakes.clock import FakeClock

DAY = timedelta(days=1)


@pytest.fixture
async def ada(both: House) -> House:
    await both.user("ada")
    return both


async def is_in(house: House, token: str) -> bool:
    try:
        await house.identity.authenticate_token(token, address=HERE)
    except NotSignedIn:
        return False
    return True


class TestASessionThatSlides:
    async def test_it_lives_a_week_after_each_use_and_ninety_days_at_most(self, ada: House) -> None:
        token, _ = await ada.signed_in("ada")
        for _ in range(14):
            ada.clock.move(6 * DAY)
            assert await is_in(ada, token)
            await ada.identity.touches.flush()
        ada.clock.move(5 * DAY)
        assert await is_in(ada, token)
        await ada.identity.touches.flush()
        ada.clock.move(DAY)
        assert not await is_in(ada, token)

    async def test_unused_it_ends_after_a_week(self, ada: House) -> None:
        token, _ = await ada.signed_in("ada")
        ada.clock.move(7 * DAY - timedelta(seconds=1))
        assert await is_in(ada, token)
        ada.clock.move(timedelta(seconds=1))
        assert not await is_in(ada, token)

    async def test_one_that_does_not_slide_ends_however_often_it_is_used(self, ada: House) -> None:
        token, _ = await ada.signed_in("ada", kind="channelwatch")
        for _ in range(23):
            ada.clock.move(timedelta(hours=1))
            assert await is_in(ada, token)
            await ada.identity.touches.flush()
        ada.clock.move(timedelta(hours=1))
        assert not await is_in(ada, token)


class TestNotesOfUse:
    async def test_a_use_is_written_at_most_once_a_minute(self, ada: House) -> None:
        token, caller = await ada.signed_in("ada")
        ada.clock.move(timedelta(seconds=59))
        await is_in(ada, token)
        await ada.identity.touches.flush()
        [before] = await ada.identity.sessions.list(caller)
        ada.clock.move(timedelta(seconds=1))
        await is_in(ada, token)
        await ada.identity.touches.flush()
        [after] = await ada.identity.sessions.list(caller)
        assert (after.seen_at - before.seen_at, before.seen_at) == (timedelta(seconds=60), before.created_at)

    async def test_the_daemon_writes_them_and_drops_what_has_ended(self, ada: House) -> None:
        token, _ = await ada.signed_in("ada")
        old = await ada.identity.sign_in("ada", PASSWORD, kind="channelwatch", address=HERE)
        running = asyncio.create_task(ada.identity.run())
        ada.clock.move(2 * DAY)
        await is_in(ada, token)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        kept = (await ada.identity.sessions.list((await ada.signed_in("ada", kind="sid"))[1]))[-1]
        assert kept.seen_at == ada.clock.now()
        assert kept.id != old.session.id


class TestDevicesOfAUser:
    async def test_they_are_listed_the_last_used_first_without_tokens(self, ada: House) -> None:
        first = await ada.identity.sign_in("ada", PASSWORD, kind="ui", address=HERE, device="Firefox")
        ada.clock.move(timedelta(minutes=2))
        _, caller = await ada.signed_in("ada", kind="sid")
        listed = await ada.identity.sessions.list(caller)
        assert [(one.kind, one.device) for one in listed] == [("sid", ""), ("ui", "Firefox")]
        assert first.token not in repr(listed)

    async def test_one_is_signed_out_and_the_others_stay(self, ada: House) -> None:
        gone, _ = await ada.signed_in("ada")
        stays, caller = await ada.signed_in("ada")
        lost = (await ada.identity.authenticate_token(gone, address=HERE)).credential_id or 0
        await ada.identity.sessions.end(caller, lost)
        assert (await is_in(ada, gone), await is_in(ada, stays)) == (False, True)
        [event] = ada.published(CredentialEnded)
        assert (event.credential_id, event.reason) == (lost, "signed_out")
        assert not event.ends(caller)

    async def test_everywhere_but_here(self, ada: House) -> None:
        tokens = [(await ada.signed_in("ada"))[0] for _ in range(3)]
        here, caller = await ada.signed_in("ada")
        await ada.identity.sessions.end_all(caller, keep=caller.credential_id)
        assert [await is_in(ada, token) for token in (*tokens, here)] == [False, False, False, True]

    async def test_another_users_sessions_are_not_found(self, ada: House) -> None:
        await ada.user("eve")
        _, hers = await ada.signed_in("ada")
        _, eve = await ada.signed_in("eve")
        with pytest.raises(NotFound):
            await ada.identity.sessions.end(eve, hers.credential_id or 0)
        with pytest.raises(NotAllowed):
            await ada.identity.sessions.list(eve, user_id=hers.user_id)
        await ada.identity.sessions.end_token(eve, (await ada.signed_in("ada"))[0])
        assert len(await ada.identity.sessions.list(hers)) == 2

    async def test_a_script_that_signs_in_every_time_fills_no_table(self, both: House) -> None:
        user = await both.user("ada")
        for _ in range(KEPT_PER_KIND + 5):
            await both.identity.sessions.open(user, "sid", address=HERE)
        _, caller = await both.signed_in("ada")
        assert len(await both.identity.sessions.list(caller)) == KEPT_PER_KIND + 1


class TestADialectsOwnKind:
    async def test_a_derived_token_opens_one_session_however_often_it_is_asked_for(self, both: House) -> None:
        user = await both.user("ada")
        both.identity.sessions.offer(SessionKind(name="radio"))
        token = both.tokens.mac("ada 1", purpose="radio.login").hex()[:40]
        done = [await both.identity.sessions.open(user, "radio", address=HERE, token=token) for _ in range(2)]
        assert (done[0].session.id, done[0].token) == (done[1].session.id, token)
        assert await is_in(both, token)

    async def test_a_session_got_by_a_limited_key_is_limited(self, both: House) -> None:
        user = await both.user("ada")
        done = await both.identity.sessions.open(user, "sid", address=HERE, scopes=frozenset({Scope.ACQUIRE_READ}))
        caller = await both.identity.authenticate_token(done.token, address=HERE)
        assert caller.scopes == {Scope.ACQUIRE_READ}

    async def test_two_that_write_one_cookie_differently_stop_the_start(self, home: House) -> None:
        home.identity.sessions.offer(UI)
        for kind in (
            SessionKind(name="ui", cookie="other"),
            SessionKind(name="other", cookie="polycast_session", is_signed=True),
        ):
            with pytest.raises(ValueError, match="another"):
                home.identity.sessions.offer(kind)

    @pytest.mark.parametrize(
        ("kind", "secure", "header"),
        [
            ("ui", False, r"polycast_session=[\w-]{43}; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax"),
            ("ui", True, r"__Host-polycast_session=[\w-]{43}; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax; Secure"),
            ("sid", False, r"SID=[\w-]{43}; Max-Age=3600; Path=/; HttpOnly; SameSite=Strict"),
            (
                "channelwatch",
                True,
                r"channelwatch_session=[0-9a-f]{64}; Max-Age=86400; Path=/; HttpOnly; SameSite=Strict; Secure",
            ),
            (
                "better_auth",
                False,
                r"better-auth\.session_token=[A-Za-z0-9]{32}\.[\w%]{43,}%3D; Max-Age=604800; Path=/; HttpOnly;"
                r" SameSite=Lax",
            ),
        ],
    )
    async def test_its_cookie_is_as_its_clients_expect(self, home: House, kind: str, secure: bool, header: str) -> None:
        await home.user("ada")
        done = await home.identity.sign_in("ada", PASSWORD, kind=kind, address=HERE)
        cookie = home.identity.sessions.cookie(done, secure=secure).header()
        assert re.fullmatch(header, cookie)
        sent = cookie.partition(";")[0]
        assert (await home.identity.authenticate(scope(cookie=sent), SIGNED_IN)).username == "ada"
        assert home.identity.sessions.end_cookie(kind, secure=secure).max_age == timedelta()

    async def test_a_page_in_use_is_sent_its_cookie_again(self, home: House) -> None:
        await home.user("ada")
        for kind, left in (("ui", 7 * DAY), ("better_auth", 7 * DAY), ("channelwatch", timedelta(hours=4))):
            done = await home.identity.sign_in("ada", PASSWORD, kind=kind, address=HERE)
            first = home.identity.sessions.cookie(done, secure=False)
            home.clock.move(timedelta(hours=20))
            request = scope(cookie=f"{first.name}={first.value}")
            caller = await home.identity.authenticate(request, SIGNED_IN)
            again = await home.identity.renewed_cookie(request, caller, secure=False)
            assert again is not None
            assert (again.name, again.value, again.max_age) == (first.name, first.value, left)
        by_header = await home.identity.authenticate(scope(authorization=f"Bearer {done.token}"), SIGNED_IN)
        assert await home.identity.renewed_cookie(scope(), by_header, secure=False) is None

    async def test_its_token_has_its_form(self, both: House) -> None:
        user = await both.user("ada")
        both.identity.sessions.offer(SessionKind(name="x", form=TokenForm.DOTTED))
        assert "." in (await both.identity.sessions.open(user, "x", address=HERE)).token


class TestJsonWebTokens:
    async def test_refresh_gives_a_new_access_token_until_the_session_ends(self, ada: House) -> None:
        done = await ada.identity.sign_in("ada", PASSWORD, kind="jwt", address=HERE)
        pair = ada.identity.jwt_pair(done)
        ada.clock.move(timedelta(minutes=32))
        assert not await is_in(ada, pair.access)
        access = await ada.identity.refresh(pair.refresh)
        assert (await ada.identity.authenticate_token(access, address=HERE)).credential is Credential.JWT
        ada.clock.move(DAY)
        with pytest.raises(NotSignedIn):
            await ada.identity.refresh(pair.refresh)

    async def test_a_sign_out_ends_both(self, ada: House) -> None:
        done = await ada.identity.sign_in("ada", PASSWORD, kind="jwt", address=HERE)
        pair = ada.identity.jwt_pair(done)
        caller = await ada.identity.authenticate_token(pair.access, address=HERE)
        await ada.identity.sessions.end(caller, done.session.id)
        assert not await is_in(ada, pair.access)
        with pytest.raises(NotSignedIn):
            await ada.identity.refresh(pair.refresh)
        assert all(event.ends(caller) for event in ada.published(CredentialEnded))

    async def test_an_access_token_refreshes_nothing(self, ada: House) -> None:
        done = await ada.identity.sign_in("ada", PASSWORD, kind="jwt", address=HERE)
        with pytest.raises(NotSignedIn):
            await ada.identity.refresh(ada.identity.jwt_pair(done).access)

    async def test_one_for_an_audience_is_good_for_nothing_else(self, home: House) -> None:
        text = home.identity.jwt.sign({"sub": "7"}, life=timedelta(minutes=5), audience="radio-panel")
        assert home.identity.jwt.claims(text, audience="radio-panel")["sub"] == "7"
        for audience in (None, "other"):
            with pytest.raises(BadJwt):
                home.identity.jwt.claims(text, audience=audience)

    async def test_rubbish_reads_nothing_from_the_database(self, home: House) -> None:
        for text in ("eyJ.eyJ.x", "eyJhbGciOiJIUzI1NiJ9.e30.x", "eyJ..", "eyJ\u00fc.a.b"):
            with pytest.raises(NotSignedIn):
                await home.identity.authenticate_token(text, address=HERE)


class TestWhatIsRemembered:
    def known(self, user_id: int) -> Known:
        return Known(
            credential=Credential.SESSION, credential_id=1, user_id=user_id, username="ada", role=Role.MEMBER,
            scopes=frozenset(),
        )  # fmt: skip

    def test_it_is_forgotten_after_five_seconds(self) -> None:
        clock = FakeClock()
        cache = KnownCache(clock)
        cache.put("a", self.known(1), generation=cache.generation())
        clock.move(LIFE - timedelta(milliseconds=1))
        assert cache.get("a") is not None
        clock.move(timedelta(milliseconds=1))
        assert cache.get("a") is None

    def test_a_read_that_began_before_an_end_is_not_kept(self) -> None:
        cache = KnownCache(FakeClock())
        generation = cache.generation()
        cache.reread(7)
        cache.put("a", self.known(1), generation=generation)
        assert cache.get("a") is None

    def test_an_end_touches_its_user_only(self) -> None:
        cache = KnownCache(FakeClock())
        for user_id in (1, 2):
            cache.put(f"user {user_id}", self.known(user_id), generation=cache.generation())
        cache.reread(1)
        assert cache.get("user 1") is None
        assert cache.get("user 2") is not None

    async def test_another_process_hears_of_an_end_by_its_event(self, home: House) -> None:
        await home.user("ada")
        token, caller = await home.signed_in("ada")
        [listener] = home.identity.listens
        assert listener.event is CredentialEnded
        assert listener.here is not None
        await listener.here(CredentialEnded(user_id=caller.user_id, reason="role"))
        assert await is_in(home, token)


class TestWhomAnEndConcerns:
    @pytest.mark.parametrize(
        ("event", "credential", "row", "user", "ends"),
        [
            (CredentialEnded(user_id=1, reason=""), Credential.DEVICE, 5, 1, True),
            (CredentialEnded(user_id=1, reason=""), Credential.SESSION, 5, 2, False),
            (CredentialEnded(user_id=1, credential=Credential.SESSION, credential_id=5, reason=""), Credential.JWT, 5, 1, True),
            (CredentialEnded(user_id=1, credential=Credential.SESSION, credential_id=5, reason=""), Credential.SESSION, 6, 1, False),
            (CredentialEnded(user_id=1, credential=Credential.SESSION, credential_id=5, reason=""), Credential.API_KEY, 5, 1, False),
            (CredentialEnded(user_id=1, credential=Credential.SESSION, kept_id=5, reason=""), Credential.SESSION, 5, 1, False),
            (CredentialEnded(user_id=1, credential=Credential.SESSION, kept_id=5, reason=""), Credential.SESSION, 6, 1, True),
            (CredentialEnded(user_id=1, credential=Credential.SESSION, reason=""), Credential.SIGNED, None, 1, True),
            (CredentialEnded(user_id=1, credential=Credential.SESSION, credential_id=5, reason=""), Credential.SIGNED, 5, 1, True),
            (CredentialEnded(user_id=1, credential=Credential.SESSION, credential_id=5, reason=""), Credential.SIGNED, None, 1, False),
            (CredentialEnded(user_id=None, credential=Credential.API_KEY, credential_id=5, reason=""), Credential.API_KEY, 5, None, True),
            (CredentialEnded(user_id=None, reason=""), Credential.API_KEY, 5, None, False),
        ],
    )  # fmt: skip
    def test_sockets_and_streams_ask(
        self, event: CredentialEnded, credential: Credential, row: int | None, user: int | None, ends: bool
    ) -> None:
        assert event.ends(Caller(user_id=user, credential=credential, credential_id=row)) is ends
