"""The only way out of the server and the only place that listens: judged addresses, bounded exchanges."""

from polycast.core.net.address import Address, HostList, Reach, Trust, judge, reach_of, trust_at
from polycast.core.net.body import NO_BODY, Body, Part
from polycast.core.net.client import Net, open_net
from polycast.core.net.datagrams import Datagrams, Peer, open_datagrams
from polycast.core.net.errors import BadAnswer, Forbidden, Unreachable
from polycast.core.net.gate import HostState
from polycast.core.net.incoming import Incoming
from polycast.core.net.jitter import jitter
from polycast.core.net.limits import API, FEED, GUIDE, IMAGE, LIVE, NZB, PLAYLIST, TORRENT, Limits
from polycast.core.net.listening import Taken, is_ours, listen, local_address_towards
from polycast.core.net.multicast import Datastream
from polycast.core.net.names import Names
from polycast.core.net.outbound import Fetched, Outbound
from polycast.core.net.save import Saved
from polycast.core.net.target import host_of
from polycast.core.net.via import DIRECT, Via, read_via

__all__ = [
    "API",
    "DIRECT",
    "FEED",
    "GUIDE",
    "IMAGE",
    "LIVE",
    "NO_BODY",
    "NZB",
    "PLAYLIST",
    "TORRENT",
    "Address",
    "BadAnswer",
    "Body",
    "Datagrams",
    "Datastream",
    "Fetched",
    "Forbidden",
    "HostList",
    "HostState",
    "Incoming",
    "Limits",
    "Names",
    "Net",
    "Outbound",
    "Part",
    "Peer",
    "Reach",
    "Saved",
    "Taken",
    "Trust",
    "Unreachable",
    "Via",
    "host_of",
    "is_ours",
    "jitter",
    "judge",
    "listen",
    "local_address_towards",
    "open_datagrams",
    "open_net",
    "reach_of",
    "read_via",
    "trust_at",
]
