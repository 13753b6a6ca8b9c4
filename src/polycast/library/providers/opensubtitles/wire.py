"""What OpenSubtitles answers, as much of it as we read. Source: opensubtitles.stoplight.io, REST API v1."""

from msgspec import Struct, field


class User(Struct, kw_only=True):
    """What an account may do."""

    allowed_downloads: int = 0
    vip: bool = False


class Login(Struct, kw_only=True):
    """Of a sign-in. `base_url` is the host to ask from now on."""

    token: str
    base_url: str = ""
    user: User = field(default_factory=User)


class SubtitleFile(Struct, kw_only=True):
    """What is downloaded."""

    file_id: int
    file_name: str | None = ""
    cd_number: int | None = 1


class Attributes(Struct, kw_only=True):
    """Subtitles of a release."""

    language: str | None = ""
    download_count: int = 0
    hearing_impaired: bool = False
    fps: float | None = 0
    ratings: float = 0
    from_trusted: bool | None = False
    foreign_parts_only: bool = False
    ai_translated: bool = False
    machine_translated: bool = False
    moviehash_match: bool | None = False
    release: str | None = ""
    files: list[SubtitleFile] = []


class Found(Struct, kw_only=True):
    """A result."""

    attributes: Attributes


class FoundPage(Struct, kw_only=True):
    """Results."""

    data: list[Found] = []
    total_pages: int = 1


class Download(Struct, kw_only=True):
    """Where the file lies for a while, and what is left of the quota."""

    link: str
    file_name: str = "subtitles.srt"
    remaining: int = 0


class Refusal(Struct, kw_only=True):
    """Why there is no download now."""

    message: str = ""
    reset_time_utc: str | None = None
