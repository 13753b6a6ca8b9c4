"""What the host and its people decide about the media library."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from polycast.core.settings.model import SecretText
from polycast.library.playback.settings import TranscodingSettings


def _meta(title: str, description: str, *, unit: str = "", restart: bool = False, **limits: Any) -> Meta:
    return Meta(title=title, description=description, extra={"unit": unit, "restart": restart}, **limits)


class LibrarySettings(Struct, frozen=True, kw_only=True):
    """`POLYCAST_LIBRARY__...`, `[library]` in polycast.toml."""

    settle_s: Annotated[
        int,
        _meta("Settle", "Files changed so lately are not finished yet: scans wait for them.", unit="s", ge=0, le=3600),
    ] = 10
    missing_days: Annotated[
        int, _meta("Keep missing files", "How long a file that is gone is remembered.", unit="days", ge=1, le=3650)
    ] = 30
    watch: Annotated[bool, _meta("Watch folders", "New files are found without a scan.", restart=True)] = True
    allow_deletion: Annotated[bool, _meta("Allow deletion", "Administrators may delete media files from the disk.")] = (
        False
    )
    watched_percent: Annotated[
        int, _meta("Watched at", "From here on a title counts as watched.", unit="%", ge=50, le=100)
    ] = 90
    min_resume_percent: Annotated[
        int, _meta("Resume from", "Before that a title starts anew.", unit="%", ge=0, le=50)
    ] = 5
    metadata_language: Annotated[str, _meta("Language", "Of titles and descriptions, where a library has none.")] = "en"
    movie_provider: Annotated[Literal["tmdb", "tvdb"], _meta("Films from", "Where films are looked up first.")] = "tmdb"
    tv_provider: Annotated[Literal["tmdb", "tvdb"], _meta("Shows from", "Where shows are looked up first.")] = "tmdb"
    title_mode: Annotated[Literal["logo", "text", "hidden"], _meta("Titles", "How pages show a title.")] = "logo"
    server_name: Annotated[str, _meta("Server name", "What clients call this server.")] = "Polycast"
    lan_subnets: Annotated[
        tuple[str, ...], _meta("Local networks", "Clients of these get full quality; empty for all private addresses.")
    ] = ()
    tmdb_api_key: Annotated[
        SecretText,
        Meta(
            title="TMDB key",
            description="API key or read token of The Movie Database; without it titles are known by their files.",
            extra={"env": ("TMDB_API_KEY",)},
        ),
    ] = SecretText("")
    tmdb_url: Annotated[str, _meta("TMDB address", "Where TMDB answers.")] = "https://api.themoviedb.org/3"
    tmdb_images_url: Annotated[str, _meta("TMDB pictures", "Where TMDB keeps pictures.")] = (
        "https://image.tmdb.org/t/p/original"
    )
    tvdb_api_key: Annotated[SecretText, Meta(title="TheTVDB key", description="Project key of TheTVDB, version 4.")] = (
        SecretText("")
    )
    tvdb_pin: Annotated[SecretText, Meta(title="TheTVDB PIN", description="Only for keys that users pay for.")] = (
        SecretText("")
    )
    tvdb_url: Annotated[str, _meta("TheTVDB address", "Where TheTVDB answers.")] = "https://api4.thetvdb.com/v4"
    mdblist_api_key: Annotated[
        SecretText, Meta(title="MDBList key", description="Ratings of IMDb, Rotten Tomatoes, Metacritic and others.")
    ] = SecretText("")
    mdblist_url: Annotated[str, _meta("MDBList address", "Where MDBList answers.")] = "https://api.mdblist.com"
    rating_sources: Annotated[
        tuple[str, ...], _meta("Ratings", "Whose ratings pages show, in this order.")
    ] = ("imdb", "rt_critics")  # fmt: skip
    opensubtitles_api_key: Annotated[
        SecretText, Meta(title="OpenSubtitles key", description="Subtitles are searched and downloaded with it.")
    ] = SecretText("")
    opensubtitles_username: Annotated[
        str, _meta("OpenSubtitles user", "Signing in raises the number of downloads a day.")
    ] = ""
    opensubtitles_password: Annotated[
        SecretText, Meta(title="OpenSubtitles password", description="Of that user.")
    ] = SecretText("")  # fmt: skip
    opensubtitles_url: Annotated[str, _meta("OpenSubtitles address", "Where OpenSubtitles answers.")] = (
        "https://api.opensubtitles.com/api/v1"
    )
    trakt_client_id: Annotated[
        str, _meta("Trakt client id", "Of an application registered at Trakt; people link their accounts with it.")
    ] = ""
    trakt_client_secret: Annotated[
        SecretText, Meta(title="Trakt client secret", description="Of the same application.")
    ] = SecretText("")  # fmt: skip
    trakt_url: Annotated[str, _meta("Trakt address", "Where Trakt answers.")] = "https://api.trakt.tv"
    podcast_index_key: Annotated[
        SecretText, Meta(title="Podcast Index key", description="Podcasts are searched with it.")
    ] = SecretText("")  # fmt: skip
    podcast_index_secret: Annotated[
        SecretText, Meta(title="Podcast Index secret", description="Belongs to the key.")
    ] = SecretText("")  # fmt: skip
    podcast_index_url: Annotated[str, _meta("Podcast Index address", "Where the Podcast Index answers.")] = (
        "https://api.podcastindex.org/api/1.0"
    )
    podcast_hosts: Annotated[
        tuple[str, ...],
        _meta("Podcast servers here", "Hosts in the local network whose feeds anybody may subscribe to."),
    ] = ()
    jellyfin_enabled: Annotated[bool, _meta("Jellyfin clients", "Answer clients of Jellyfin.", restart=True)] = True
    telemetry: Annotated[bool, _meta("Telemetry", "Nothing is ever sent; kept for clients that ask.")] = False
    transcoding: TranscodingSettings = TranscodingSettings()
