"""What our own pages read and write of news servers."""

from typing import Annotated

from msgspec import Meta, Struct

from polycast.acquire.usenet.pool import Server


class NewsServer(Struct, frozen=True, kw_only=True):
    """A news server."""

    host: str
    port: int
    ssl: bool
    username: str
    has_password: bool
    max_connections: int
    backup: bool
    open: int  # connections now
    error: str

    @classmethod
    def of(cls, server: Server) -> "NewsServer":
        settings = server.settings
        return cls(
            host=server.name,
            port=settings.port or (563 if settings.ssl else 119),
            ssl=settings.ssl,
            username=settings.username,
            has_password=bool(settings.password),
            max_connections=settings.max_connections,
            backup=settings.backup,
            open=server.connections[0],
            error=server.error,
        )


class NewsServers(Struct, frozen=True, kw_only=True):
    items: list[NewsServer]


class NewsServerForm(Struct, kw_only=True):
    """Body of `POST /servers`."""

    host: Annotated[str, Meta(max_length=255)]
    port: Annotated[int, Meta(ge=0, le=65535)] = 0  # 0: 119, 563 with TLS
    ssl: bool = True
    username: Annotated[str, Meta(max_length=200)] = ""
    password: Annotated[str, Meta(max_length=200)] = ""
    max_connections: Annotated[int, Meta(ge=1, le=200)] = 20
    backup: bool = False
