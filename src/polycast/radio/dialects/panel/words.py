"""What a station's pages and widgets are set to. Source: `specs/radio.md` 3.14."""

from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from polycast.core.errors import Invalid
from polycast.core.http import Answer, Route, get, line, put
from polycast.core.identity.caller import Caller
from polycast.radio.company.service import CompanyRoom
from polycast.radio.dialects.panel import wire
from polycast.radio.dialects.panel.policies import CORS, PUBLIC, WRITE
from polycast.radio.dialects.panel.sent import StationSent, given
from polycast.radio.dialects.panel.stations import V2
from polycast.radio.panel.service import Panel

SAFE: Final = (
    "title", "description", "genre", "url_address", "image", "timezone", "charset", "minisite_display", "public",
    "requests_enabled", "request_ip_timeout", "request_track_timeout", "requests_moderated", "likes_enabled",
)  # fmt: skip
WIDGET: Final = ("theme", "color", "background", "autoplay", "show_history", "show_cover", "footer")
Words = Annotated[dict[str, Annotated[str, line(500, blank=True)]], Meta(max_length=len(WIDGET))]


class WidgetSent(Struct, kw_only=True):
    settings: Words


@get(f"{V2}/settings/", policy=PUBLIC)
async def settings(caller: Caller, panel: Panel, server: int) -> Answer[wire.Shown]:
    """What anybody may know of a station's settings."""
    station = (await panel.station(caller, server)).seen.station
    return Answer({"server": station.id} | {name: getattr(station, name) for name in SAFE}, headers=CORS)


@put(f"{V2}/settings/", policy=WRITE, sent=StationSent)
async def change(caller: Caller, sent: StationSent, panel: Panel, server: int) -> wire.Shown:
    """What is not sent stays; passwords and geo rules have places of their own."""
    values = {name: value for name, value in given(sent).items() if name in SAFE}
    station = (await panel.update_station(caller, server, values)).seen.station
    return {"server": station.id} | {name: getattr(station, name) for name in SAFE}


@get(f"{V2}/copyright_settings/", policy=PUBLIC)
async def copyright_settings(company: CompanyRoom) -> Answer[wire.Shown]:
    """Whose machine it is."""
    shown, _ = await company.shown()
    found = {"copyright": shown.copyright, "company_name": shown.company_name, "company_logo": shown.company_logo}
    return Answer(found, headers=CORS)


@get(f"{V2}/player_widget_settings/{{pk}}/", policy=PUBLIC)
async def widget(caller: Caller, pk: int, panel: Panel) -> Answer[wire.Shown]:
    """How the player on other pages looks."""
    station = (await panel.station(caller, pk)).seen.station
    return Answer(_widget(station.id, station.widget), headers=CORS)


@put(f"{V2}/player_widget_settings/{{pk}}/", policy=WRITE, sent=WidgetSent)
async def set_widget(caller: Caller, pk: int, sent: WidgetSent, panel: Panel) -> wire.Shown:
    """All of it at once."""
    if wrong := [name for name in sent.settings if name not in WIDGET]:
        raise Invalid.one("settings", "invalid", value=wrong[0])
    await panel.own(caller, pk)
    station = (await panel.update_station(caller, pk, {"widget": dict(sent.settings)})).seen.station
    return _widget(station.id, station.widget)


def _widget(server: int, kept: dict[str, str]) -> dict[str, Any]:
    return {"server": server, "settings": {name: kept.get(name, "") for name in WIDGET}}


@get(f"{V2}/podcasts_settings/", policy=PUBLIC)
async def podcasts_settings(caller: Caller, panel: Panel, server: int) -> Answer[wire.Shown]:
    """What the public page of podcasts says about itself."""
    station = (await panel.station(caller, server)).seen.station
    found = {
        "title_tag": f"{station.title}: podcasts",
        "description_tag": station.description,
        "block_footer_html": station.widget.get("footer", ""),
        "display_player": True,
    }
    return Answer(found, headers=CORS)


def routes() -> list[Route]:
    return [settings, change, copyright_settings, widget, set_widget, podcasts_settings]
