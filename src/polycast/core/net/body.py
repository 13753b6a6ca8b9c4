"""What a request carries: bytes, JSON, or a form with files in it. Made anew for each attempt."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from aiohttp import FormData
from msgspec import Struct

JSON_TYPE: Final = "application/json"


class Part(Struct, frozen=True, kw_only=True):
    """A file in a multipart form."""

    filename: str
    data: bytes
    content_type: str = "application/octet-stream"


class Body(Struct, frozen=True, kw_only=True):
    """At most one of the three. A form with a Part is sent as multipart, any other urlencoded."""

    data: bytes | None = None
    json: Any = None
    form: Mapping[str, str | Part] | None = None

    @property
    def size(self) -> int:
        """Bytes, about."""
        if self.form is not None:
            return sum(len(value.data if isinstance(value, Part) else value) for value in self.form.values())
        return len(self.data or b"") if self.json is None else 1024

    def made(self) -> tuple[bytes | FormData | None, str | None]:
        """The payload for one attempt, and the content type it demands (None: the library's own)."""
        if self.json is not None:
            return msgspec.json.encode(self.json), JSON_TYPE
        if self.form is None:
            return self.data, None
        form = FormData(default_to_multipart=any(isinstance(value, Part) for value in self.form.values()))
        for name, value in self.form.items():
            if isinstance(value, Part):
                form.add_field(name, value.data, filename=value.filename, content_type=value.content_type)
            else:
                form.add_field(name, value)
        return form, None


NO_BODY: Final = Body()
