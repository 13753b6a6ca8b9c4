"""Every event that has words there says them in the shape that clients know."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from polycast.core.events import Event
from polycast.core.jobs import JobChanged, JobState
from polycast.live.dialects.ws import words
from polycast.live.guide.match.service import Matched, MatchProgress, SingleMatched
from polycast.live.guide.model import GuideFailed, GuideProgress, GuideRefreshed, GuideSourceChanged
from polycast.live.lineup.events import ChannelCreated
from polycast.live.sources.model import AccountInfoRefreshed, RehashProgress, StreamsRehashed

AT = datetime(2026, 11, 21, tzinfo=UTC)
CASES: list[tuple[Event, list[dict[str, Any]]]] = [
    (
        GuideProgress(source_id=2, action="downloading", progress=40, status="fetching", message="..."),
        [
            {
                "type": "epg_refresh",
                "source": 2,
                "action": "downloading",
                "progress": 40,
                "status": "fetching",
                "message": "...",
            }
        ],
    ),
    (
        GuideRefreshed(source_id=2, source_name="G", channels=3, programmes=9, changed=1, message="Done"),
        [
            {
                "type": "epg_refresh",
                "source": 2,
                "action": "parsing_programs",
                "progress": 100,
                "status": "success",
                "message": "Done",
                "channels": 3,
                "programs": 9,
            }
        ],
    ),
    (
        GuideFailed(source_id=2, source_name="G", reason="unavailable", message="No answer"),
        [
            {
                "type": "epg_refresh",
                "source": 2,
                "action": "refresh",
                "progress": 100,
                "status": "error",
                "message": "No answer",
                "error": "No answer",
            },
            {"type": "epg_fetch_error", "source": 2, "detail": "No answer"},
        ],
    ),
    (GuideSourceChanged(source_id=2, change="created"), [{"type": "epg_data_created", "source": 2}]),
    (GuideSourceChanged(source_id=2, change="updated"), []),
    (
        MatchProgress(total=8, matched=3, remaining=2, current_channel="One", stage="matching"),
        [
            {
                "type": "epg_matching_progress",
                "total": 8,
                "matched": 3,
                "remaining": 2,
                "current_channel": "One",
                "stage": "matching",
                "progress_percent": 75,
            }
        ],
    ),
    (
        Matched(looked_at=8, proposed=1, taken=1, message="1 matched", associations=[(5, 7)]),
        [
            {
                "type": "epg_match",
                "success": True,
                "matches_count": 1,
                "message": "1 matched",
                "associations": [{"channel_id": 5, "epg_data_id": 7}],
            }
        ],
    ),
    (
        SingleMatched(channel_id=5, is_matched=True, message="Found", guide_channel_id=7, guide_name="One"),
        [
            {
                "type": "single_channel_epg_match",
                "channel_id": 5,
                "matched": True,
                "message": "Found",
                "epg_id": 7,
                "epg_name": "One",
            }
        ],
    ),
    (ChannelCreated(channel_id=5), [{"type": "channels_created", "count": 1, "channel_id": 5}]),
    (
        ChannelCreated(channel_id=5, channel_name="News", number=2100),
        [{"type": "channels_created", "count": 1, "channel_id": 5, "channel_name": "News", "channel_number": 2.1}],
    ),
    (
        AccountInfoRefreshed(profile_id=4, profile_name="P", error="No answer"),
        [
            {
                "type": "account_info_refresh_error",
                "profile_id": 4,
                "profile_name": "P",
                "message": "No answer",
                "error": "No answer",
            }
        ],
    ),
    (
        RehashProgress(action="starting", progress=0, message="TV"),
        [{"type": "stream_rehash", "action": "starting", "progress": 0, "message": "TV"}],
    ),
    (
        StreamsRehashed(streams=10, merged=2),
        [
            {
                "type": "stream_rehash",
                "action": "completed",
                "progress": 100,
                "message": "10 streams have new identities, 2 were doubled.",
            }
        ],
    ),
]


class TestAnEvent:
    @pytest.mark.parametrize(("event", "expected"), CASES, ids=lambda value: type(value).__name__)
    async def test_is_said_in_the_words_of_the_original(self, event: Event, expected: list[dict[str, Any]]) -> None:
        assert [one.data for one in words.told(event.name, msgspec.json.encode(event), AT)] == expected

    async def test_without_words_is_not_said(self) -> None:
        assert words.told("live.something_else", b"{}", AT) == []


class TestAJob:
    @pytest.mark.parametrize(
        ("job", "payload", "kind"),
        [
            ("live.create_channels", {}, "bulk_channel_creation_progress"),
            ("live.take_from_guide", {"what": "name"}, "epg_name_setting_progress"),
            ("live.take_from_guide", {"what": "tvg_id"}, "epg_tvg_id_setting_progress"),
            ("live.take_from_guide", {"what": "logo"}, "epg_logo_setting_progress"),
        ],
    )
    async def test_tells_how_far_it_is(self, job: str, payload: dict[str, Any], kind: str) -> None:
        changed = JobChanged(job_id=9, job=job, title="T", state=JobState.RUNNING, done=3, total=10, note="3 of 10")
        [told] = words.job_changed(changed, payload)
        assert (told.data["type"], told.data["task_id"], told.data["progress"]) == (kind, "9", 3)
        assert (told.data["total"], told.data["status"], told.data["message"]) == (10, "running", "3 of 10")

    async def test_whose_payload_is_gone_says_nothing(self) -> None:
        changed = JobChanged(job_id=9, job="live.take_from_guide", title="T", state=JobState.DONE)
        assert words.job_changed(changed, {}) == []
