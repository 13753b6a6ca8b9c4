"""Polycast: live TV, a media library, radio, acquisition and the watch over them, in one server."""

from typing import Final

__version__: Final = "0.1.0"
