"""The providers that the server knows, by the word of the configuration."""

from collections.abc import Mapping
from typing import Final

from polycast.acquire.providers.accounts import Kind
from polycast.acquire.providers.alldebrid import client as alldebrid
from polycast.acquire.providers.debrid_link import client as debrid_link
from polycast.acquire.providers.premiumize import client as premiumize
from polycast.acquire.providers.real_debrid import client as real_debrid
from polycast.acquire.providers.torbox import client as torbox

KINDS: Final[Mapping[str, Kind]] = {
    "realdebrid": Kind(real_debrid.BASE_URL, real_debrid.judge, real_debrid.RealDebrid),
    "alldebrid": Kind(alldebrid.BASE_URL, alldebrid.judge, alldebrid.AllDebrid, alldebrid.LIMITS),
    "debridlink": Kind(debrid_link.BASE_URL, debrid_link.judge, debrid_link.DebridLink),
    "torbox": Kind(torbox.BASE_URL, torbox.judge, torbox.TorBox, torbox.LIMITS),
    "premiumize": Kind(premiumize.BASE_URL, premiumize.judge, premiumize.Premiumize),
}
