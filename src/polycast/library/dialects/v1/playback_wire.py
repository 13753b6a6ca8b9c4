"""Playback as this API shows it."""

from datetime import timedelta
from typing import Any

from polycast.library.catalogue.model import Item, PlayableFile
from polycast.library.catalogue.store_states import State
from polycast.library.catalogue.titles import Title
from polycast.library.dialects.v1.playback_shapes import (
    HEARTBEAT_S,
    ActiveOut,
    AudioTrack,
    Chapter,
    ContinueOut,
    DecisionOut,
    Following,
    PlayOut,
    Quality,
    SegmentOut,
    SessionOut,
    SubtitleChoice,
    Trickplay,
    UserRef,
)
from polycast.library.dialects.v1.titles_shapes import Card
from polycast.library.dialects.v1.titles_wire import card
from polycast.library.dialects.v1.wire import iso, seconds
from polycast.library.playback.deciding import ladder_for
from polycast.library.playback.model import Asked, Decision, Delivery, Profile, reason_text
from polycast.library.playback.model_session import Judged, Started
from polycast.library.playback.playlists import token_query
from polycast.library.playback.store import SessionRow
from polycast.library.playback.store_progress import Play, WatchState
from polycast.library.playback.streams import sound_label, sound_plan
from polycast.library.probing.model import Probed
from polycast.library.tracks.model import SubtitleTrack
from polycast.library.tracks.service import label_of


def session_out(started: Started) -> SessionOut:
    row, file = started.row, started.playable.file
    facts, decision, probed = row.facts, row.facts.decision, started.playable.file.probed
    query = token_query(started.token)
    base = f"/api/stream/{row.nanoid}"
    is_direct = decision.mode.tier == 1
    urls = {True: f"{base}/file?{query}"}
    url = urls[True] if is_direct else f"{base}/master.m3u8?{query}"
    if not is_direct and not decision.mode.is_hls:
        url = f"{base}/progressive.mp4?{query}"
    item = started.playable.item
    return SessionOut(
        id=row.nanoid,
        mode=decision.mode.value,
        tier=decision.mode.tier,
        reasons=list(decision.reasons),
        reason_texts=[reason_text(word) for word in decision.reasons],
        url=url,
        direct_url=urls[True] if is_direct else None,
        token=started.token,
        token_expires_at=iso(started.token_ends_at),
        start_position=seconds(row.position_ms),
        duration=seconds(row.duration_ms),
        segment_duration=6 if row.network == "wan" else 4,
        quality=decision.quality,
        qualities=_qualities(probed, file.bitrate),
        audio_tracks=_sounds(probed, facts.profile, decision),
        subtitle_tracks=[_subtitle(one, facts.asked, facts.profile, base, query) for one in started.subtitles],
        chapters=_chapters(probed),
        segments=_segments(started),
        trickplay=Trickplay(url=f"/api/trickplay/{item.kind.value}/{item.nanoid}/manifest.json", interval=10)
        if probed and probed.video
        else None,
        next=_following(started),
        heartbeat_interval=HEARTBEAT_S,
    )


def _chapters(probed: Probed | None) -> list[Chapter]:
    return [
        Chapter(start=one.start.total_seconds(), end=one.end.total_seconds(), title=one.title)
        for one in (probed.chapters if probed else [])
    ]


def _segments(started: Started) -> list[SegmentOut]:
    return [
        SegmentOut(
            type=one.kind,
            start=seconds(one.start_ms),
            end=seconds(one.end_ms),
            source=one.source,
            confidence=one.confidence,
        )
        for one in started.marks
    ]


def _following(started: Started) -> Following | None:
    item = started.following
    if item is None:
        return None
    return Following(media_type=item.kind.value, media_id=item.nanoid, title=item.title, autoplay_countdown=5)


def decision_out(judged: Judged) -> DecisionOut:
    decision = judged.decision
    return DecisionOut(
        mode=decision.mode.value,
        tier=decision.mode.tier,
        reasons=list(decision.reasons),
        reason_texts=[reason_text(word) for word in decision.reasons],
        container=decision.container,
        video=None
        if decision.video is None
        else {
            "index": decision.video.stream,
            "delivery": decision.video.delivery.value,
            "codec": decision.video.codec,
            "height": decision.video.height,
            "bitrate": decision.video.bitrate,
            "toneMapped": decision.video.tonemap,
            "burnedSubtitle": decision.video.burn,
        },
        audio=None
        if decision.audio is None
        else {
            "index": decision.audio.stream,
            "delivery": decision.audio.delivery.value,
            "codec": decision.audio.codec,
            "channels": decision.audio.channels,
            "bitrate": decision.audio.bitrate,
        },
        quality=decision.quality,
    )


def active_out(row: SessionRow, playable: PlayableFile | None, user: UserRef) -> ActiveOut:
    video = row.facts.decision.video
    media: dict[str, Any] = {"id": row.facts.item, "mediaType": row.facts.kind, "title": row.facts.title}
    if playable is not None:
        media["year"] = playable.item.year
    return ActiveOut(
        id=row.nanoid,
        user=user,
        media=media,
        mode=row.mode,
        quality=row.quality,
        bitrate=video.bitrate if video else 0,
        position=seconds(row.position_ms),
        duration=seconds(row.duration_ms),
        paused=row.state == "paused",
        state=row.state,
        device=row.device,
        client=row.client,
        ip=row.address,
        network=row.network,
        encoder="libx264" if video and video.delivery is Delivery.TRANSCODE else None,
        speed=None,
        bandwidth=row.bandwidth_bps or None,
        started_at=iso(row.started_at),
    )


def continue_out(
    item: Item, show: Item | None, state: WatchState, reason: str, libraries: dict[int, str]
) -> ContinueOut:
    length = state.duration_ms or item.duration_ms
    return ContinueOut(
        media_type=item.kind.value,
        media=_card(item, show, state, libraries),
        show=None if show is None else _card(show, None, None, libraries),
        position=seconds(state.position_ms),
        duration=seconds(length),
        percent=round(100 * state.position_ms / length, 1) if length else 0.0,
        updated_at=iso(state.last_played_at) if state.last_played_at else None,
        reason=reason,
    )


def play_out(play: Play) -> PlayOut:
    return PlayOut(
        id=play.nanoid,
        media_type=play.kind,
        title=play.title,
        started_at=iso(play.started_at),
        ended_at=iso(play.ended_at) if play.ended_at else None,
        played_seconds=seconds(play.played_ms),
        completed=play.completed,
        mode=play.mode,
        client=play.client,
        device=play.device,
    )


def span(value: float) -> timedelta:
    """Seconds to the millisecond."""
    return timedelta(milliseconds=round(value * 1000))


def _card(item: Item, show: Item | None, state: WatchState | None, libraries: dict[int, str]) -> Card:
    seen = State()
    if state is not None:
        seen = State(
            watched=state.watched,
            position_ms=state.position_ms,
            duration_ms=state.duration_ms,
            play_count=state.play_count,
            last_played_at=state.last_played_at,
        )
    return card(Title(item=item, library=libraries.get(item.library_id, ""), state=seen, show=show))


def _qualities(probed: Probed | None, bitrate: int) -> list[Quality]:
    video = probed.video if probed else None
    if video is None or not video.height:
        return []
    choices = [Quality(id="original", height=video.height, bitrate=bitrate)]
    return choices + [
        Quality(id=name, height=height, bitrate=most) for name, height, most in ladder_for(video.height, bitrate)
    ]


def _sounds(probed: Probed | None, profile: Profile, decision: Decision) -> list[AudioTrack]:
    chosen = decision.audio
    found = []
    for stream in probed.audio if probed else []:
        is_chosen = chosen is not None and chosen.stream == stream.index
        delivery = chosen.delivery if chosen is not None and is_chosen else sound_plan(stream, profile).delivery
        found.append(
            AudioTrack(
                index=stream.index,
                language=stream.language,
                codec=stream.codec,
                channels=stream.channels or 2,
                label=sound_label(stream),
                default=stream.is_default,
                selected=is_chosen,
                delivery=delivery.value,
            )
        )
    return found


def _subtitle(track: SubtitleTrack, asked: Asked, profile: Profile, base: str, query: str) -> SubtitleChoice:
    is_external = track.is_text or track.codec in profile.subtitles or "*" in profile.subtitles
    return SubtitleChoice(
        index=track.index,
        language=track.language or None,
        codec=track.codec,
        label=label_of(track),
        forced=track.is_forced,
        hearing_impaired=track.is_hearing_impaired,
        delivery=(Delivery.EXTERNAL if is_external else Delivery.BURN).value,
        url=f"{base}/subtitles/{track.index}.vtt?{query}" if track.is_text else None,
        selected=track.index == asked.subtitle_track,
    )
