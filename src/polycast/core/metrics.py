"""Figures for Prometheus: counters, gauges, histograms, each with labels, rendered as text.

Names are `polycast_<module>_<what>_<unit>`. A label's values must be few: never an id of a user or a title.
Source: Prometheus text format 0.0.4; OpenMetrics 1.0 for the variant that ends with `# EOF`.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Protocol, TypeVar

SERIES_LIMIT: Final = 2000  # of one metric; further label values are counted together, in the series `other`
SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
TEXT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS_TYPE: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"
_NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*$")
_LABEL: Final = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*$")
_ESCAPES: Final = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
_HELP_ESCAPES: Final = str.maketrans({"\\": r"\\", "\n": r"\n"})
M = TypeVar("M", "Counter", "Gauge", "Histogram")
Labels = tuple[tuple[str, str], ...]


class Metric(Protocol):
    """One named figure."""

    kind: str

    def samples(self) -> Iterator[tuple[str, Labels, float]]:
        """Suffix of the name, labels, value."""
        ...


class Counter:
    """Only grows. Its name ends in `_total`."""

    kind = "counter"

    def __init__(self) -> None:
        self._values: dict[Labels, float] = {}

    def add(self, amount: float = 1, /, **labels: str) -> None:
        """Raises: ValueError for less than nothing."""
        if amount < 0:
            raise ValueError("a counter only grows")
        key = _key(self._values, labels)
        self._values[key] = self._values.get(key, 0) + amount

    def samples(self) -> Iterator[tuple[str, Labels, float]]:
        for labels, value in list(self._values.items()):
            yield "", labels, value


class Gauge:
    """Goes up and down; or is asked for when somebody looks (`ask`)."""

    kind = "gauge"

    def __init__(self) -> None:
        self._values: dict[Labels, float] = {}
        self._asked: dict[Labels, Callable[[], float]] = {}

    def set(self, value: float, /, **labels: str) -> None:
        self._values[_key(self._values, labels)] = value

    def add(self, amount: float = 1, /, **labels: str) -> None:
        key = _key(self._values, labels)
        self._values[key] = self._values.get(key, 0) + amount

    def forget(self, **labels: str) -> None:
        """What the series describes is gone."""
        key = tuple(sorted(labels.items()))
        self._values.pop(key, None)
        self._asked.pop(key, None)

    def ask(self, value: Callable[[], float], /, **labels: str) -> None:
        """Read the series from `value` at each look; it must be quick and not fail."""
        self._asked[_key(self._asked, labels)] = value

    def samples(self) -> Iterator[tuple[str, Labels, float]]:
        for labels, value in list(self._values.items()):
            yield "", labels, value
        for labels, ask in list(self._asked.items()):
            yield "", labels, ask()


class Histogram:
    """How values are spread over upper bounds."""

    kind = "histogram"

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = tuple(sorted(bounds))
        self._counts: dict[Labels, list[int]] = {}  # by bound, the last above them all; not yet summed up
        self._sums: dict[Labels, float] = {}

    def add(self, value: float, /, **labels: str) -> None:
        """Take one value into account."""
        key = _key(self._counts, labels)
        counts = self._counts.get(key)
        if counts is None:
            counts = self._counts[key] = [0] * (len(self._bounds) + 1)
        counts[bisect_left(self._bounds, value)] += 1
        self._sums[key] = self._sums.get(key, 0) + value

    def samples(self) -> Iterator[tuple[str, Labels, float]]:
        for labels, counts in list(self._counts.items()):
            count = 0
            for bound, inside in zip([*map(_number, self._bounds), "+Inf"], counts, strict=True):
                count += inside
                yield "_bucket", (*labels, ("le", bound)), count
            yield "_sum", labels, self._sums[labels]
            yield "_count", labels, count


class Metrics:
    """All figures of one process. Asking for a name again gives the same metric."""

    def __init__(self) -> None:
        self._metrics: dict[str, tuple[str, Metric]] = {}

    def counter(self, name: str, help_text: str) -> Counter:
        return self._of(name, help_text, Counter())

    def gauge(self, name: str, help_text: str) -> Gauge:
        return self._of(name, help_text, Gauge())

    def histogram(self, name: str, help_text: str, bounds: Sequence[float] = SECONDS) -> Histogram:
        return self._of(name, help_text, Histogram(bounds))

    def add(self, name: str, help_text: str, metric: Metric) -> None:
        """A metric of one's own, whose series come and go. Raises: ValueError for a bad name or one that is taken."""
        if not _NAME.match(name) or name in self._metrics:
            raise ValueError(f"no metric may be called {name!r} now")
        self._metrics[name] = (help_text, metric)

    def render(self, *, openmetrics: bool = False) -> str:
        """Everything as text, of TEXT_TYPE or OPENMETRICS_TYPE."""
        lines: list[str] = []
        for name, (help_text, metric) in sorted(self._metrics.items()):
            family = name.removesuffix("_total") if openmetrics and metric.kind == "counter" else name
            series = name if not openmetrics or metric.kind != "counter" else family + "_total"
            lines.append(f"# HELP {family} {help_text.translate(_ESCAPES if openmetrics else _HELP_ESCAPES)}")
            lines.append(f"# TYPE {family} {metric.kind}")
            lines += [
                f"{series}{suffix}{_spelled(labels)} {_number(value)}" for suffix, labels, value in metric.samples()
            ]
        if openmetrics:
            lines.append("# EOF")
        return "\n".join(lines) + "\n"

    def _of(self, name: str, help_text: str, made: M) -> M:
        if not _NAME.match(name):
            raise ValueError(f"{name} is no metric name")
        _, known = self._metrics.setdefault(name, (help_text, made))
        if not isinstance(known, type(made)):
            raise ValueError(f"{name} is a {known.kind}")
        return known


def _key(series: Mapping[Labels, object], labels: Mapping[str, str]) -> Labels:
    """The labels in one order; when a metric has too many series already, one that stands for all further ones."""
    key = tuple(sorted(labels.items()))
    if key in series:
        return key
    for name in labels:
        if not _LABEL.match(name):
            raise ValueError(f"{name} is no label name")
    return key if len(series) < SERIES_LIMIT else tuple((name, "other") for name, _ in key)


def _spelled(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels) + "}"


def _number(value: float) -> str:
    if value != value:  # noqa: PLR0124 - only NaN differs from itself
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
