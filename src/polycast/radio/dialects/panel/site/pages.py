"""Public pages of stations: a small site, a player for other pages, a podcast's page. Source: `specs/radio.md` 3.15."""

import asyncio
from html import escape
from pathlib import Path
from typing import Final

from polycast.core.errors import NotFound
from polycast.core.http import Docs, Request, Response, Route, etag_of, get, not_modified, validators
from polycast.core.identity.caller import Caller
from polycast.radio.dialects.panel.policies import PUBLIC
from polycast.radio.dialects.panel.stations import V2
from polycast.radio.panel.service import Panel, StationView
from polycast.radio.podcasts.model import Episode
from polycast.radio.podcasts.service import Podcasts

HERE: Final = Path(__file__).parent
ASSETS: Final = {"site.js": "text/javascript; charset=utf-8", "site.css": "text/css; charset=utf-8"}
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; media-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
)
HIDDEN: Final = Docs(hidden=True)
WORDS: Final = {
    "en": {"history": "Played before", "ask": "Request a song", "search": "Search", "top": "Favourites", "news": "News",
           "podcasts": "Podcasts", "feed": "Subscribe (RSS)", "none": "No episodes yet"},
    "de": {"history": "Zuvor gespielt", "ask": "Wunschtitel", "search": "Suchen", "top": "Lieblinge",
           "news": "Neuigkeiten", "podcasts": "Podcasts", "feed": "Abonnieren (RSS)", "none": "Noch keine Folgen"},
}  # fmt: skip


def _language(request: Request) -> str:
    return "de" if request.headers.get("accept-language", "").lower().startswith("de") else "en"


def page(
    title: str, content: str, *, language: str, anywhere: bool = False, theme: str = "", attributes: str = ""
) -> Response:
    """A whole document. `anywhere`: other sites may put it into a frame."""
    themed = f' data-theme="{theme}"' if theme in ("light", "dark") else ""
    text = (
        f'<!doctype html><html lang="{language}"{themed}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/radio/public/site.css">'
        f'<script type="module" src="/radio/public/site.js"></script></head><body{attributes}>{content}</body></html>'
    )
    policy = POLICY.format(ancestors="*" if anywhere else "'self'")
    headers = {"content-security-policy": policy, "cache-control": "no-cache"}
    return Response(text, media_type="text/html; charset=utf-8", headers=headers)


def _attributes(view: StationView, *, kind: str) -> str:
    """What the script has to know, on the body."""
    station = view.seen.station
    channel = next((one for one in view.channels if one.active and one.proxy_enabled), None)
    path = "" if channel is None else channel.proxy_url_path or channel.mount_point.lstrip("/")
    values = {
        "server": str(station.id),
        "slug": station.slug,
        "stream": f"/listen/{station.slug}/{path}" if path else "",
        "color": station.widget.get("color", ""),
    }
    data = "".join(f' data-{name}="{escape(value)}"' for name, value in values.items())
    return f' class="{kind}"{data}'


def _player() -> str:
    return (
        '<section class="card player"><button class="play" data-part="play">▶</button>'
        '<div class="now"><b data-part="title" aria-live="polite"></b><span class="dim" data-part="about"></span></div></section>'
    )


def _list(name: str, title: str) -> str:
    return f'<section class="card"><h2>{escape(title)}</h2><ul data-part="{name}"></ul></section>'


@get("/radio/{slug}/", policy=PUBLIC, docs=HIDDEN)
async def site(caller: Caller, slug: str, panel: Panel, request: Request) -> Response:
    """A station's own small site, where its account has one and it is switched on."""
    view = await panel.by_slug(caller, slug[:64])
    station, features = view.seen.station, view.seen.account.features
    if not (features.website_enabled and station.minisite_display):
        raise NotFound("The page")
    language = _language(request)
    words = WORDS[language]
    parts = [f'<header><h1>{escape(station.title)}</h1><p class="about">{escape(station.description)}</p></header>']
    parts += [_player(), _list("history", words["history"])]
    if station.requests_enabled:
        field = (
            f'<input type="search" data-part="search" aria-label="{words["search"]}" placeholder="{words["search"]}">'
        )
        parts.append(f'<section class="card"><h2>{words["ask"]}</h2>{field}<ul data-part="found"></ul></section>')
    parts += [_list("top", words["top"]), _list("news", words["news"])]
    if features.podcasts_enabled:
        parts.append(_list("podcasts", words["podcasts"]))
    if footer := station.widget.get("footer", ""):
        parts.append(f'<footer class="dim wide">{escape(footer)}</footer>')
    attributes = _attributes(view, kind="site")
    return page(
        station.title, f"<main>{''.join(parts)}</main>", language=language, theme=station.widget.get("theme", ""),
        attributes=attributes,
    )  # fmt: skip


@get("/radio/{slug}/player", policy=PUBLIC, docs=HIDDEN)
async def widget(caller: Caller, slug: str, panel: Panel, request: Request) -> Response:
    """A player for other people's pages."""
    view = await panel.by_slug(caller, slug[:64])
    station = view.seen.station
    return page(
        station.title, f"<main>{_player()}</main>", language=_language(request), anywhere=True,
        theme=station.widget.get("theme", ""), attributes=_attributes(view, kind="widget"),
    )  # fmt: skip


@get("/radio/public/podcasts/{pk}/", policy=PUBLIC, docs=HIDDEN)
async def podcast(caller: Caller, pk: int, podcasts: Podcasts, request: Request) -> Response:
    """A podcast with its episodes, to be heard here."""
    _, one, episodes = await podcasts.episodes(caller, pk)
    words = WORDS[_language(request)]
    shown = "".join(_episode(each) for each in episodes if each.published) or f'<p class="dim">{words["none"]}</p>'
    feed = f'<a href="{V2}/podcasts/{pk}/feed.xml">{words["feed"]}</a>'
    head = f'<header><h1>{escape(one.title)}</h1><p class="about">{escape(one.description)}</p>{feed}</header>'
    content = f'<main>{head}<section class="card wide">{shown}</section></main>'
    return page(one.title, content, language=_language(request), attributes=' class="site"')


def _episode(one: Episode) -> str:
    path = f"{V2}/podcasts/{one.podcast_id}/episodes/{one.id}/episode.{one.path.rpartition('.')[2]}"
    return (
        f'<article><h2>{escape(one.title)}</h2><p class="dim">{one.pub_date:%Y-%m-%d}</p>'
        f'<p class="about">{escape(one.description)}</p>'
        f'<audio controls preload="none" src="{escape(path)}" aria-label="{escape(one.title)}"></audio></article>'
    )


def _asset(name: str) -> Route:
    @get(f"/radio/public/{name}", policy=PUBLIC, docs=HIDDEN)
    async def asset(request: Request) -> Response:
        """Ours, for these pages."""
        content = await asyncio.to_thread((HERE / name).read_bytes)
        tag = etag_of(content)
        known = not_modified(request.scope, etag=tag)
        return known or Response(content, media_type=ASSETS[name], headers=validators(etag=tag))

    return asset


def routes() -> list[Route]:
    return [site, widget, podcast, *map(_asset, ASSETS)]
