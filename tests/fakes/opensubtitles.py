"""OpenSubtitles v1 as far as a media server asks it: key and user agent, sign-in, sorted parameters, quota, files.

Written from the public reference of its REST API.
"""

from tests.fakes.json_service import JsonService, Question, Reply

KEY = "consumer-key-0123456789"
SRT = b"1\n00:00:00,500 --> 00:00:01,500\nA guy told me one time.\n"


def result(file_id: int, language: str, release: str, **more: object) -> dict[str, object]:
    """One of `data[]`."""
    told = {
        "language": language, "download_count": 1200, "hearing_impaired": False, "fps": 10.0, "ratings": 8.0,
        "from_trusted": True, "foreign_parts_only": False, "ai_translated": False, "machine_translated": False,
        "moviehash_match": False, "release": release, "files": [{"file_id": file_id, "cd_number": 1, "file_name": f"{release}.srt"}],
    }  # fmt: skip
    return {"id": str(file_id), "type": "subtitle", "attributes": told | more}


class FakeOpenSubtitles(JsonService):
    """The service. `left` downloads remain; `quota_ends` is told when there are none."""

    base = "/api/v1"

    def __init__(self) -> None:
        super().__init__()
        self.left = 5
        self.content = SRT  # of every file
        self.quota_ends = "2030-01-01T00:00:00.000Z"
        self.account = ("ada", "lovelace")
        self.signed_in = 0
        self.results = [
            result(1, "en", "Heat.1995.1080p.BluRay"),
            result(2, "en", "Heat.1995.HDTV", ai_translated=True, download_count=90_000),
            result(3, "de", "Heat (1995)", moviehash_match=True),
            result(4, "en", "Heat (1995)", hearing_impaired=True),
        ]
        self.route("POST", "/login", self._login)
        self.route("GET", "/subtitles", self._search)
        self.route("POST", "/download", self._download)
        self.route("GET", r"/file/(\d+)", lambda _: (200, self.content))

    def refuse(self, question: Question) -> Reply | None:
        if "/file/" in question.path:
            return None
        if question.headers.get("api-key") != KEY:
            return 403, {"message": "You cannot consume this service"}
        if not question.headers.get("user-agent", "").startswith("Polycast v"):
            return 403, {"message": "User-Agent header is wrong"}
        bearer = question.headers.get("authorization")
        if bearer is not None and bearer != f"Bearer jwt-{self.signed_in}":
            return 401, {"message": "invalid token"}
        return None

    def _login(self, question: Question) -> Reply:
        if (question.json["username"], question.json["password"]) != self.account:
            return 401, {"message": "Error, invalid username/password", "status": 401}
        self.signed_in += 1
        user = {"allowed_downloads": 20, "level": "Sub leecher", "user_id": 66, "vip": False}
        return 200, {
            "user": user,
            "base_url": f"127.0.0.1:{self.port}",
            "token": f"jwt-{self.signed_in}",
            "status": 200,
        }

    def _search(self, question: Question) -> Reply:
        names = [pair.partition("=")[0] for pair in question.raw_query.split("&")]
        if names != sorted(names) or question.raw_query != question.raw_query.lower().replace("%2c", "%2C"):
            return 301, None, {"Location": f"{self.address}/subtitles?sorted"}
        wanted = [one for one in question.query.get("languages", "").split(",") if one]
        found = [one for one in self.results if not wanted or one["attributes"]["language"] in wanted]  # type: ignore[index]
        return 200, {"total_pages": 1, "total_count": len(found), "per_page": 50, "page": 1, "data": found}

    def _download(self, question: Question) -> Reply:
        if not self.left:
            told = {"requests": 21, "remaining": -1, "message": "You have downloaded your allowed 20 subtitles for 24h.",
                    "reset_time": "23 hours", "reset_time_utc": self.quota_ends}  # fmt: skip
            return 406, told
        self.left -= 1
        number = question.json["file_id"]
        return 200, {"link": f"{self.address}/file/{number}", "file_name": "heat.srt", "requests": 1, "remaining": self.left,
                     "message": "", "reset_time": "23 hours", "reset_time_utc": self.quota_ends}  # fmt: skip
