"""Calendar and news feeds. Source: specs/monitor.md 4.9; RFC 5545, RSS 2.0, RFC 4287."""

import html
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Final

from icalendar import Calendar, Event
from msgspec import Struct

from polycast.monitor.history.model import Activity

PRODUCT: Final = "-//ChannelWatch//Calendar Feed//EN"
TITLE: Final = "ChannelWatch Recent Activity"
MOST: Final = 250
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


class Entry(Struct, frozen=True, kw_only=True):
    """A recording to come."""

    dvr_id: str
    dvr_name: str
    job_id: str
    title: str
    channel: str
    scheduled: str
    starts_at: datetime
    ends_at: datetime


def calendar(recordings: Sequence[Entry], activities: Sequence[Activity], now: datetime) -> bytes:
    """Recordings to come, and what happened lately as events of a minute."""
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", "ChannelWatch")
    ends: dict[str, datetime] = {}
    for entry in recordings[:MOST]:
        event = _event(f"recording-{entry.dvr_id}-{entry.job_id}@channelwatch", now, entry.starts_at, entry.ends_at)
        event.add("summary", _clean(f"Recording: {entry.title}"))
        text = f"Channel: {entry.channel}\nDVR: {entry.dvr_name}\nScheduled: {entry.scheduled}"
        event.add("description", _clean(text))
        event.add("categories", ["recording", "schedule"])
        if ends.get(entry.dvr_id, entry.starts_at) > entry.starts_at:
            event.add("status", "TENTATIVE")  # it overlaps with another one of the same server
        ends[entry.dvr_id] = max(entry.ends_at, ends.get(entry.dvr_id, entry.ends_at))
        made.add_component(event)
    for one in activities[:MOST]:
        event = _event(f"activity-{one.uuid}@channelwatch", now, one.at, one.at + timedelta(minutes=1))
        event.add("summary", _clean(f"Activity: {one.title}"))
        event.add("description", _clean(one.message))
        event.add("categories", ["activity", one.event_type])
        made.add_component(event)
    written: bytes = made.to_ical()
    return written


def rss(activities: Sequence[Activity], address: str, now: datetime) -> bytes:
    """The latest first."""
    items = "".join(
        f"<item><title>{_xml(one.title)}</title><description>{_xml(one.message)}</description>"
        f'<guid isPermaLink="false">{_xml(one.uuid)}</guid><pubDate>{format_datetime(one.at)}</pubDate>'
        f"<category>{_xml(one.event_type)}</category></item>"
        for one in activities[:MOST]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        f"<title>{TITLE}</title><link>{_xml(address)}</link><description>What the watched DVRs did</description>"
        f"<lastBuildDate>{format_datetime(now)}</lastBuildDate>"
        f'<atom:link href="{_xml(address)}" rel="self" type="application/rss+xml" />{items}</channel></rss>\n'
    ).encode()


def atom(activities: Sequence[Activity], address: str, now: datetime) -> bytes:
    """The latest first."""
    updated = activities[0].at if activities else now
    items = "".join(
        f"<entry><id>tag:channelwatch:{_xml(one.uuid)}</id><title>{_xml(one.title)}</title>"
        f'<updated>{_stamp(one.at)}</updated><summary>{_xml(one.message)}</summary><category term="{_xml(one.event_type)}" /></entry>'
        for one in activities[:MOST]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>tag:channelwatch:recent-activity</id><title>{TITLE}</title><updated>{_stamp(updated)}</updated>"
        f'<author><name>ChannelWatch</name></author><link rel="self" href="{_xml(address)}" />{items}</feed>\n'
    ).encode()


def _event(uid: str, now: datetime, starts: datetime, ends: datetime) -> Event:
    event = Event()
    event.add("uid", _clean(uid))
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", starts.astimezone(UTC))
    event.add("dtend", ends.astimezone(UTC))
    return event


def _clean(text: str) -> str:
    return _CONTROL.sub("", text)


def _xml(text: str) -> str:
    return html.escape(_clean(text), quote=True)


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
