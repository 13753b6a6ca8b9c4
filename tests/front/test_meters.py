"""What is counted of each request."""

from polycast.core.metrics import Metrics
from polycast.front.meters import RequestMeters
from tests.fakes.asgi import AsgiClient
from tests.front.toys import Toys


class TestARequest:
    async def test_is_counted_under_few_labels(self) -> None:
        toys, metrics = Toys(), Metrics()
        client = AsgiClient(toys.front)
        await client.get("/toy/notes/1/")
        await client.request("BREW", "/bytes/none")
        meters = RequestMeters(metrics)
        for served in toys.served:
            meters(served)
        lines = metrics.render().splitlines()
        assert 'polycast_http_requests_total{dialect="toy.rest",method="GET",status="2xx"} 1' in lines
        assert 'polycast_http_requests_total{dialect="toy.bytes",method="other",status="4xx"} 1' in lines
        assert 'polycast_http_sent_bytes_total{dialect="toy.rest"} 14' in lines
        assert 'polycast_http_first_byte_seconds_count{dialect="toy.rest"} 1' in lines
