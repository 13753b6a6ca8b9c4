"""Numbers of the machine, as the panel shows them."""

from msgspec import Struct


class Permanent(Struct, frozen=True, kw_only=True):
    """What does not change while the server runs."""

    hostname: str
    ip: str
    os: str
    cpu_cores: str  # a text: real clients compare it as one
    cpu_model: str


class Sample(Struct, frozen=True, kw_only=True):
    """Counters at a moment."""

    at: float  # monotonic seconds
    received_bytes: int
    sent_bytes: int
    busy: int  # clock ticks of all processors
    total: int


class Loads(Struct, frozen=True, kw_only=True):
    """What changes."""

    r_kbps: float
    t_kbps: float
    du_free: int  # bytes
    du_total: int
    uptime: str  # " 10:23:45 up 1 day"
    ram_free_megabytes: int
    ram_total_megabytes: int
    cpu_load: str  # "12.34", percent
