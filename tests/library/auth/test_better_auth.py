"""Sign-in as better-auth's clients do it."""

from pathlib import Path

from tests.server import running

ADA = {"email": "ada@example.org", "password": "walnut-harbour-7"}


class TestSigningIn:
    async def test_gives_a_cookie_and_a_token_that_both_hold(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            made = await server.post("/api/auth/sign-up/email", {"name": "Ada", **ADA})
            assert (made.status, made.json()["user"]["role"]) == (200, "owner")
            answer = await server.post("/api/auth/sign-in/email", ADA)
            told = answer.json()
            token, cookie = told["token"], answer.headers["set-cookie"]
            assert (told["redirect"], len(token), told["user"]["email"]) == (False, 32, "ada@example.org")
            assert cookie.startswith(f"better-auth.session_token={token}.")
            for part in ("HttpOnly", "Path=/", "SameSite=lax"):
                assert part in cookie
            for headers in (
                {"Authorization": f"Bearer {token}"},
                {"Authorization": f"bearer {answer.headers['set-auth-token']}"},
                {"Cookie": cookie.split(";")[0]},
            ):
                got = (await server.get("/api/auth/get-session", headers=headers)).json()
                assert (got["user"]["name"], got["session"]["token"]) == ("Ada", token)
                assert (await server.get("/v1/libraries", headers=headers)).status == 200

    async def test_refusals_tell_nothing_of_who_exists(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            await server.post("/api/auth/sign-up/email", {"name": "Ada", **ADA})
            wrong = [{"email": "ada@example.org", "password": "x"}, {"email": "nobody@example.org", "password": "x"}]
            answers = [await server.post("/api/auth/sign-in/email", sent) for sent in wrong]
            words = {
                "code": "INVALID_EMAIL_OR_PASSWORD",
                "message": "Invalid email or password",
                "error": "Invalid email or password",
            }
            assert [(one.status, one.json()) for one in answers] == [(401, words), (401, words)]

    async def test_signing_out_ends_it_and_is_never_an_error(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            made = await server.post("/api/auth/sign-up/email", {"name": "Ada", **ADA})
            headers = {"Authorization": f"Bearer {made.json()['token']}"}
            assert (await server.post("/api/auth/sign-out", headers=headers)).json() == {"success": True}
            assert (await server.get("/api/auth/get-session", headers=headers)).text() == "null"
            assert (await server.post("/api/auth/sign-out")).json() == {"success": True}

    async def test_a_session_that_is_not_remembered_lasts_a_day(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            await server.post("/api/auth/sign-up/email", {"name": "Ada", **ADA})
            answer = await server.post("/api/auth/sign-in/email", {**ADA, "rememberMe": False})
            assert "Max-Age" not in answer.headers["set-cookie"]


class TestAnInvitation:
    async def test_lets_one_person_in_with_the_libraries_it_names(self, tmp_path: Path) -> None:
        async with running(tmp_path) as server:
            made = await server.post("/api/auth/sign-up/email", {"name": "Ada", **ADA})
            owner = {"Authorization": f"Bearer {made.json()['token']}"}
            refused = await server.post(
                "/api/auth/sign-up/email", {"name": "Eve", "email": "eve@example.org", "password": "walnut-harbour-8"}
            )
            assert refused.status == 403
            folder = tmp_path / "films"
            folder.mkdir()
            library = await server.post(
                "/v1/libraries", {"name": "Films", "type": "movie", "paths": [str(folder)]}, headers=owner
            )
            asked = {"role": "member", "libraryIds": [library.json()["id"]]}
            code = (await server.post("/v1/invites", asked, headers=owner)).json()["code"]
            eve = {"name": "Eve", "email": "eve@example.org", "password": "walnut-harbour-8", "inviteCode": code}
            joined = await server.post("/api/auth/sign-up/email", eve)
            assert (joined.status, joined.json()["user"]["role"]) == (200, "member")
            headers = {"Authorization": f"Bearer {joined.json()['token']}"}
            seen = (await server.get("/v1/libraries", headers=headers)).json()["items"]
            assert [(one["name"], one["paths"]) for one in seen] == [("Films", [])]
            again = await server.post("/api/auth/sign-up/email", {**eve, "email": "mallory@example.org"})
            assert again.status == 403
