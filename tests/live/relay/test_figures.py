"""What dashboards read of running channels, whole."""

from typing import Any

from polycast.core.events.model import Audience
from polycast.core.identity.scopes import Scope
from polycast.live.relay.events import ChannelStats, OnAirChanged, SessionChanged, SessionEnded
from tests.live.relay.world import World

BASIC = {
    "channel_id", "state", "url", "stream_profile", "owner", "buffer_index", "client_count", "uptime", "started_at",
    "channel_name", "logo_id", "m3u_profile_id", "stream_id", "stream_name", "total_bytes", "avg_bitrate_kbps",
    "avg_bitrate", "healthy", "clients", "video_codec", "resolution", "source_fps", "ffmpeg_speed", "audio_codec",
    "audio_channels", "stream_type",
}  # fmt: skip
DETAILED = BASIC | {
    "state_changed_at", "state_duration", "total_data", "m3u_profile_name", "buffer_stats", "local_manager",
    "pixel_format", "source_bitrate", "sample_rate", "audio_bitrate", "ffmpeg_fps", "actual_fps", "ffmpeg_bitrate",
    "last_message",
}  # fmt: skip
CLIENT = {"client_id", "user_agent", "output_format", "ip_address", "connected_at", "user_id", "output_profile_id"}
CLIENT_DETAILED = CLIENT | {
    "worker_id", "last_active", "last_active_ago", "bytes_sent", "avg_rate_KBps", "current_rate_KBps",
}  # fmt: skip
BUFFER = {
    "chunks", "avg_chunk_size", "recent_chunk_sizes", "keys_found", "keys_missing", "is_ts_aligned", "latest_chunk_ttl",
    "diagnostics",
}  # fmt: skip


async def ask(world: World, path: str) -> Any:
    async with world.http.get(f"{world.url}{path}?as=1") as answer:
        assert answer.status == 200
        return await answer.json()


class TestADashboardReadsAllThereIs:
    async def test_each_answer_has_the_fields_of_the_original_and_no_credential(self, world: World) -> None:
        url = f"{world.provider.base}/news.ts?username=anna&password=geheim"
        channel = await world.channel_at(url)
        async with world.viewer(channel, "?as=7") as viewer:
            await viewer.take(50_000)
            basic = await ask(world, "/proxy/ts/status")
            detailed = await ask(world, f"/proxy/ts/status/{channel}")
            stats = await ask(world, "/proxy/stats/")
        [one] = basic["channels"]
        assert set(one) == BASIC
        assert set(one["clients"][0]) == CLIENT
        assert one["url"] == f"{world.provider.base}/news.ts?username=***&password=***"
        assert set(detailed) == DETAILED
        assert [set(client) for client in detailed["clients"]] == [CLIENT_DETAILED]
        assert set(detailed["buffer_stats"]) == BUFFER
        assert set(detailed["local_manager"]) == {"healthy", "connected", "last_data_time", "last_data_age"}
        assert (detailed["clients"][0]["user_id"], detailed["clients"][0]["output_format"]) == ("7", "mpegts")
        assert (stats["live"]["count"], stats["live"]["channels"][0]["channel_id"]) == (1, channel)
        assert set(stats["live"]["channels"][0]) == BASIC
        assert stats["vod"] == {"vod_connections": [], "total_connections": 0, "timestamp": stats["timestamp"]}
        assert stats["catchup"] == {"timeshift_sessions": [], "total_connections": 0, "timestamp": stats["timestamp"]}
        assert "geheim" not in str((basic, detailed, stats))


class TestPrometheusLooks:
    async def test_a_running_channel_has_its_series(self, world: World) -> None:
        channel = await world.channel("news")
        async with world.viewer(channel) as one, world.viewer(channel) as two:
            await one.take(50_000)
            await two.take(50_000)
            text = await self.scraped(world)
        assert "\n# TYPE polycast_live_channels gauge\n" in text
        assert '\npolycast_live_channels{state="active"} 1\n' in text
        assert f'\npolycast_live_channel_clients{{channel="{channel}"}} 2\n' in text
        assert f'\npolycast_live_channel_switches_total{{channel="{channel}"}} 0\n' in text
        figures = {line.split(" ")[0]: float(line.split(" ")[1]) for line in text.splitlines() if line[0] != "#"}
        assert figures["polycast_live_sent_bytes_total"] >= 100_000
        assert figures[f'polycast_live_channel_received_bytes_total{{channel="{channel}"}}'] >= 50_000

    async def test_an_idle_server_has_no_channel(self, world: World) -> None:
        assert "channel=" not in await self.scraped(world)

    async def test_nobody_may_look_and_a_member_may_not(self, world: World) -> None:
        for query, status in (("", 401), ("?as=7", 401)):
            async with world.http.get(f"{world.url}/proxy/ts/metrics{query}") as answer:
                assert answer.status == status

    @staticmethod
    async def scraped(world: World) -> str:
        async with world.http.get(f"{world.url}/proxy/ts/metrics?as=1") as answer:
            assert (answer.status, answer.content_type) == (200, "text/plain")
            return await answer.text()


class TestEverybodySeesThatAChannelRuns:
    async def test_without_who_watches_from_where_or_what_could_be_played(self, world: World) -> None:
        channel = await world.channel("news")
        async with world.viewer(channel, "?as=7") as viewer:
            while not (playing := [one for one in told(world) if one.state == "playing"]):
                await viewer.take(20_000)
            first = playing[0]
        await world.quiet()
        last = told(world)[-1]
        assert [(one.state, one.viewers) for one in (first, last)] == [("playing", 1), ("ended", 0)]
        assert set(first.__struct_fields__) == {"channel_id", "state", "viewers"}
        assert first.audience() == Audience(scope=Scope.LIVE_PLAY)
        rest = [event for event in world.heard.told if isinstance(event, SessionChanged | SessionEnded | ChannelStats)]
        assert {event.audience().scope for event in rest} == {Scope.LIVE_ADMIN}


def told(world: World) -> list[OnAirChanged]:
    return [event for event in world.heard.told if isinstance(event, OnAirChanged)]
