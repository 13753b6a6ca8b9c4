"""What the routes of `sources` and `play` take, built from the rooms of live TV."""

from collections.abc import Sequence

from polycast.core.house import Core
from polycast.live.dialects.polycast.play import Ways
from polycast.live.guide.reading import require_guide
from polycast.live.guide.room import Guide
from polycast.live.guide.store_guided import GuidedStore
from polycast.live.outputs.lineups import LineUps
from polycast.live.outputs.playing import ChannelStreams, Format, Playing
from polycast.live.sources.filter_preview import FilterPreviews
from polycast.live.sources.overview import SourceOverview
from polycast.live.sources.room import Sources
from polycast.live.sources.store_overview import OverviewStore
from polycast.live.sources.trial import SourceTrials


def services_of(
    core: Core,
    *,
    sources: Sources,
    guide: Guide,
    lineups: LineUps,
    streams: ChannelStreams,
    formats: Sequence[Format] = (Format.TS, Format.MP4),
    has_replay: bool = False,
) -> dict[str, object]:
    """By parameter name. `formats` are those the relay offers, `has_replay` says that it plays catch-up."""
    store = OverviewStore()
    return {
        "sources": sources,
        "guide_sources": guide.sources,
        "overview": SourceOverview(db=core.db, store=store, clock=core.clock),
        "trials": SourceTrials(net=core.net, require_guide=require_guide),
        "previews": FilterPreviews(db=core.db, store=store),
        "queue": core.queue,
        "playing": Playing(
            db=core.db,
            lineups=lineups,
            programmes=guide.programmes,
            guided=GuidedStore(),
            streams=streams,
            clock=core.clock,
            has_replay=has_replay,
        ),
        "ways": Ways(formats),
    }
