"""What the front counts of every request."""

from polycast.core.metrics import Metrics
from polycast.front.app import Served, log_served


class RequestMeters:
    """A `Report` for `Front`: counts, measures, and writes the access log.

    Labels are few: dialect, method, and the hundred of the status; a route in a label would be a series for each.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._requests = metrics.counter("polycast_http_requests_total", "Requests answered.")
        self._bytes = metrics.counter("polycast_http_sent_bytes_total", "Bytes of answers, without headers.")
        self._first_byte = metrics.histogram(
            "polycast_http_first_byte_seconds", "From the end of a request's head to the first byte of its answer."
        )

    def __call__(self, served: Served) -> None:
        status = f"{served.status // 100}xx" if served.status else "left"
        self._requests.add(1, dialect=served.dialect, method=_known(served.method), status=status)
        self._bytes.add(served.size_bytes, dialect=served.dialect)
        if served.status:
            self._first_byte.add(served.first_byte_s, dialect=served.dialect)
        log_served(served)


def _known(method: str) -> str:
    """A method as a label: one that a client made up must not become a series."""
    return method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND") else "other"
