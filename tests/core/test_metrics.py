"""What Prometheus reads."""

import math

import pytest

from polycast.core.metrics import SERIES_LIMIT, Metrics


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


class TestAScrape:
    def test_shows_everything_in_one_text(self, metrics: Metrics) -> None:
        metrics.counter("polycast_live_bytes_total", "Bytes sent.").add(1024, to="plex")
        metrics.counter("polycast_live_bytes_total", "Bytes sent.").add(1, to="plex")
        metrics.gauge("polycast_live_clients", "Clients\nnow.").set(2.5)
        times = metrics.histogram("polycast_http_seconds", "Answer times.", [0.1, 1])
        for value in (0.1, 0.5, 7):
            times.add(value, route="/a")
        assert metrics.render() == (
            "# HELP polycast_http_seconds Answer times.\n"
            "# TYPE polycast_http_seconds histogram\n"
            'polycast_http_seconds_bucket{route="/a",le="0.1"} 1\n'
            'polycast_http_seconds_bucket{route="/a",le="1"} 2\n'
            'polycast_http_seconds_bucket{route="/a",le="+Inf"} 3\n'
            'polycast_http_seconds_sum{route="/a"} 7.6\n'
            'polycast_http_seconds_count{route="/a"} 3\n'
            "# HELP polycast_live_bytes_total Bytes sent.\n"
            "# TYPE polycast_live_bytes_total counter\n"
            'polycast_live_bytes_total{to="plex"} 1025\n'
            "# HELP polycast_live_clients Clients\\nnow.\n"
            "# TYPE polycast_live_clients gauge\n"
            "polycast_live_clients 2.5\n"
        )

    def test_may_be_openmetrics(self, metrics: Metrics) -> None:
        metrics.counter("a_total", "A.").add()
        assert metrics.render(openmetrics=True) == "# HELP a A.\n# TYPE a counter\na_total 1\n# EOF\n"

    @pytest.mark.parametrize(
        ("value", "text"), [(math.inf, "+Inf"), (-math.inf, "-Inf"), (math.nan, "NaN"), (1e20, "1e+20"), (-3.0, "-3")]
    )
    def test_spells_odd_numbers(self, metrics: Metrics, value: float, text: str) -> None:
        metrics.gauge("a", "A.").set(value)
        assert f"\na {text}\n" in metrics.render()

    def test_cannot_be_broken_by_a_label(self, metrics: Metrics) -> None:
        metrics.gauge("a", "A.").set(1, name='x"} 9\nb{c="\\')
        assert 'a{name="x\\"} 9\\nb{c=\\"\\\\"} 1\n' in metrics.render()

    def test_asks_for_what_is_read_when_looked_at(self, metrics: Metrics) -> None:
        depth = [1.0]
        metrics.gauge("a", "A.").ask(lambda: depth[0], lane="quick")
        depth[0] = 5
        assert 'a{lane="quick"} 5\n' in metrics.render()

    def test_shows_no_more_of_what_is_gone(self, metrics: Metrics) -> None:
        metrics.gauge("a", "A.").add(3, channel="1")
        metrics.gauge("a", "A.").forget(channel="1")
        assert "channel" not in metrics.render()


class TestAMistake:
    def test_in_a_name_is_found_at_once(self, metrics: Metrics) -> None:
        for name in ("", "1a", "a-b", "a b"):
            with pytest.raises(ValueError, match="name"):
                metrics.counter(name, "")
        with pytest.raises(ValueError, match="label"):
            metrics.gauge("a", "").set(1, **{"b-c": "1"})

    def test_of_kind_is_found_at_once(self, metrics: Metrics) -> None:
        metrics.counter("a", "")
        with pytest.raises(ValueError, match="counter"):
            metrics.gauge("a", "")
        with pytest.raises(ValueError, match="grows"):
            metrics.counter("a", "").add(-1)

    def test_of_endless_label_values_stays_bounded(self, metrics: Metrics) -> None:
        counter = metrics.counter("a_total", "A.")
        for number in range(SERIES_LIMIT + 500):
            counter.add(user=str(number))
        text = metrics.render()
        assert text.count("\na_total{") == SERIES_LIMIT + 1
        assert 'a_total{user="other"} 500\n' in text


class TestAMetricOfOnesOwn:
    def test_is_asked_at_each_look_and_has_its_name_alone(self, metrics: Metrics) -> None:
        class Board:
            kind = "gauge"
            rows = [("", (("server", "den"),), 1.0)]

            def samples(self):
                yield from self.rows

        board = Board()
        metrics.add("polycast_monitor_up", "Whether it answers.", board)
        assert 'polycast_monitor_up{server="den"} 1' in metrics.render()
        board.rows = []
        assert "den" not in metrics.render()
        for name in ("polycast_monitor_up", "not a name"):
            with pytest.raises(ValueError, match="no metric"):
                metrics.add(name, "", board)
