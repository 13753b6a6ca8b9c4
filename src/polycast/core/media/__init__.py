"""Moving pictures, sound and images: probing, live rings, transport streams, remuxing, resized artwork."""

from polycast.core.media.asks import CutAsk, Keyframes, Line, PictureAsk, SoundAsk, TilesAsk, WordsAsk
from polycast.core.media.boxes import BadBoxes, Pieces, as_track, begins, delay, join_inits, moved, timescale
from polycast.core.media.cuts import CannotCut, Cuts, Piece, Words
from polycast.core.media.hls import LiveSegments, Segment
from polycast.core.media.images import ImageFile, Images, sniff
from polycast.core.media.media import BadMedia, Media, Quarantine, open_media
from polycast.core.media.model import Probed, ProbedChapter, ProbedStream
from polycast.core.media.piping import fmp4_argv, mpegts_argv, piped
from polycast.core.media.ring import Cursor, Ring

__all__ = [
    "BadBoxes",
    "BadMedia",
    "CannotCut",
    "Cursor",
    "CutAsk",
    "Cuts",
    "ImageFile",
    "Images",
    "Keyframes",
    "Line",
    "LiveSegments",
    "Media",
    "PictureAsk",
    "Piece",
    "Pieces",
    "Probed",
    "ProbedChapter",
    "ProbedStream",
    "Quarantine",
    "Ring",
    "Segment",
    "SoundAsk",
    "TilesAsk",
    "Words",
    "WordsAsk",
    "as_track",
    "begins",
    "delay",
    "fmp4_argv",
    "join_inits",
    "moved",
    "mpegts_argv",
    "open_media",
    "piped",
    "sniff",
    "timescale",
]
