"""Stream profiles that people write as "command and parameters", made into arguments that can do no harm.

Each option stands in a table with what its value may be. What reads or writes a file, opens a second input or output,
or runs a filter that could, is not in the table and is refused by name.
"""

import re
import shlex
from collections.abc import Mapping
from typing import Final, NoReturn

from polycast.core.errors import Invalid
from polycast.core.processes.allowed import DECODERS, FORMATS, input_words


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PLACEHOLDERS: Final = frozenset({"streamUrl", "userAgent", "channelId"})
WORDS_LIMIT: Final = 200
TEXT_LIMIT: Final = 4096

NAME: Final = r"[A-Za-z][\w.+-]{0,63}"
NUMBER: Final = r"-?\d{1,12}(\.\d{1,6})?([kKmMgG]i?)?[bB]?"
TIME: Final = r"-?(\d{1,3}:)?(\d{1,3}:)?\d{1,9}(\.\d{1,6})?(ms|us|s)?"
RATIO: Final = r"\d{1,9}([/:.]\d{1,9})?"
FLAGS: Final = r"[+-]?\w{1,40}([+-]\w{1,40}){0,20}"
TEXT: Final = r"[^\x00-\x1f\x7f]{1,500}"
MAP: Final = r"-?0(:[vVasdt]|:\d{1,3}|:i:\w{1,8}|:m:\w{1,20}(:\w{1,20})?|:p:\d{1,6}){0,3}\??"
DEVICE: Final = r"/dev/dri/(renderD|card)\d{1,3}|\d{1,2}"
OUTPUTS: Final = frozenset(
    {"mpegts", "mp4", "ismv", "matroska", "webm", "flv", "adts", "mp3", "ogg", "flac", "aac", "null"}
)
FILTERS: Final = frozenset(
    _words("""scale yadif bwdif w3fdif kerndeint fps framerate format setpts asetpts setsar setdar pad crop transpose hflip vflip
    null anull volume aresample aformat loudnorm dynaudnorm pan channelmap atempo hqdn3d unsharp eq tonemap zscale colorspace
    fieldmatch decimate idet hwupload hwdownload hwmap scale_vaapi deinterlace_vaapi procamp_vaapi scale_cuda yadif_cuda
    bwdif_cuda scale_npp scale_qsv vpp_qsv deinterlace_qsv tonemap_vaapi hwupload_cuda atrim trim apad""")
)
BITSTREAM: Final = frozenset(
    _words("""aac_adtstoasc h264_mp4toannexb hevc_mp4toannexb dump_extra extract_extradata h264_metadata hevc_metadata mpeg2_metadata
    h264_redundant_pps remove_extra setts null noise_off vp9_superframe eac3_core dca_core truehd_core filter_units""")
)
ENCODER_FILES: Final = re.compile(
    r"(stats|qpfile|cqmfile|dump|csv|analysis|opencl-clbin|scaling-list|zonefile|file)", re.IGNORECASE
)

FLAG: Final = ""  # an option without a value
OPTIONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        _words(
            "an vn sn dn re copyts start_at_zero hide_banner nostdin nostats stats y shortest ignore_unknown copy_unknown"
        ),
        FLAG,
    ),
    **dict.fromkeys(
        _words("""b maxrate minrate bufsize crf qp q qmin qmax qscale g keyint_min sc_threshold bf refs threads ac ar vol muxrate
        analyzeduration probesize max_delay max_muxing_queue_size muxdelay muxpreload pcr_period pat_period sdt_period
        flush_packets compression_level cq async vsync thread_queue_size max_interleave_delta frag_duration fpsprobesize
        mpegts_service_id mpegts_pmt_start_pid mpegts_start_pid mpegts_transport_stream_id mpegts_original_network_id
        resync_size max_ts_probe scan_all_pmts rc-lookahead surfaces gpu forced-idr bluray-compat delay aud strict level
        itsscale cutoff readrate readrate_initial_burst look_ahead async_depth low_power dialnorm coder min_frag_duration"""),
        f"{NUMBER}|experimental|normal|auto|cfr|vfr|passthrough|drop|{NAME}",
    ),
    **dict.fromkeys(_words("t to ss itsoffset output_ts_offset stimeout_ms force_key_frames_every"), TIME),
    **dict.fromkeys(_words("r aspect time_base enc_time_base"), f"{RATIO}|{NAME}"),
    **dict.fromkeys(
        _words("""preset tune profile rc usage quality pix_fmt fps_mode hwaccel hwaccel_output_format avoid_negative_ts loglevel v
        color_primaries color_trc colorspace color_range field_order channel_layout ch_layout sample_fmt extra_hw_frames
        multipass spatial-aq temporal-aq b_ref_mode apply_cropping tag stereo_mode use_wallclock_as_timestamps"""),
        f"{NAME}|{NUMBER}|0x[0-9A-Fa-f]{{1,8}}",
    ),
    **dict.fromkeys(
        _words("fflags flags flags2 err_detect movflags mpegts_flags avioflags sws_flags disposition"), FLAGS
    ),
    **dict.fromkeys(_words("metadata service_name service_provider"), TEXT),
    **dict.fromkeys(_words("hwaccel_device vaapi_device qsv_device"), DEVICE),
    "init_hw_device": r"(vaapi|qsv|cuda|vulkan)(=\w{1,16})?(:(/dev/dri/(renderD|card)\d{1,3}|\d{1,2}|hw))?",
    "filter_hw_device": NAME,
    "s": r"\d{1,5}x\d{1,5}|[a-z0-9]{2,12}",
    "map": MAP,
    "map_metadata": r"-1|0(:[gs](:[vas](:\d{1,2})?)?)?",
    "map_chapters": r"-1|0",
    "streamid": r"\d{1,3}:\d{1,5}",
    "force_key_frames": r"expr:gte\(t,n_forced\*\d{1,3}(\.\d{1,3})?\)|source",
}
SPECIFIED: Final = {
    "vcodec": "c",
    "acodec": "c",
    "scodec": "c",
    "codec": "c",
    "vb": "b",
    "ab": "b",
    "filter": "vf",
    "af": "vf",
}
# What only a fetcher needs: ours fetches, so these say nothing to a tool that reads a pipe (and would stop ffmpeg there).
FETCHING: Final = frozenset(
    _words("""user_agent headers referer reconnect reconnect_at_eof reconnect_streamed reconnect_delay_max reconnect_on_http_error
    reconnect_on_network_error reconnect_max_retries timeout rw_timeout http_persistent multiple_requests rtsp_transport
    rtsp_flags cookies icy seekable stimeout tls_verify live_start_index http_seekable protocol_whitelist""")
)


def profile_argv(command: str, parameters: str, values: Mapping[str, str]) -> list[str]:
    """The arguments for ffmpeg (after its name) that a profile asks for: reading `pipe:0`, writing `pipe:1`.

    `values` are those of the placeholders `userAgent` and `channelId`; `{streamUrl}` always becomes `pipe:0`, because our
    own fetcher feeds the tool. Options that only a fetcher needs are left out.

    Raises: Invalid, with the path `command` or `parameters` and the reason in words.
    """
    if command.strip() != "ffmpeg":
        raise Invalid.one("command", "not_supported", f"Only ffmpeg can be run; {command.strip()!r} cannot.")
    known = {name: values.get(name, "") for name in PLACEHOLDERS} | {"streamUrl": "pipe:0"}
    words = [_filled(word, known) for word in _split(parameters)]
    argv: list[str] = []
    inputs = 0
    at = 0
    while at < len(words):
        word = words[at]
        if not word.startswith("-") or word == "-":
            break
        name = word[1:]
        value = words[at + 1] if at + 1 < len(words) else None
        if name == "i":
            inputs += 1
            if inputs > 1 or value not in {"pipe:0", "pipe:", "-"}:
                _refuse("There can be one input only, and it is {streamUrl}.")
            argv += [*input_words(), "-i", "pipe:0"]
            at += 2
            continue
        taken = _option(name, value, is_input=inputs == 0)
        argv += taken.argv
        at += taken.words
    if inputs != 1:
        _refuse("The input is missing: -i {streamUrl}.")
    if words[at:] not in (["pipe:1"], ["pipe:"], ["-"]):
        _refuse("There must be one output, at the end: pipe:1.")
    return ["-nostdin", *argv, "pipe:1"]


class _Taken:
    def __init__(self, argv: list[str], words: int) -> None:
        self.argv = argv
        self.words = words


def _split(parameters: str) -> list[str]:
    if len(parameters) > TEXT_LIMIT or any(ch < " " and ch not in "\t\n\r" for ch in parameters):
        _refuse("The parameters are too long or hold control characters.")
    try:
        words = shlex.split(parameters)
    except ValueError as error:
        raise Invalid.one("parameters", "quotes", "The quotation marks do not match.") from error
    if len(words) > WORDS_LIMIT:
        _refuse("There are too many parameters.")
    return words


def _filled(word: str, known: Mapping[str, str]) -> str:
    """`word` with its placeholders replaced; it stays one word whatever the values hold."""

    def value(found: re.Match[str]) -> str:
        if found[1] not in known:
            _refuse(f"There is no placeholder {found[0]}.")
        return known[found[1]]

    return re.sub(r"\{(\w+)\}", value, word)


def _option(name: str, value: str | None, *, is_input: bool) -> _Taken:
    base, _, specifier = name.partition(":")
    if specifier and not re.fullmatch(r"[vVasdg]?(:?\d{1,3})?|m:\w{1,20}(:\w{1,20})?|i:\w{1,8}|p:\d{1,6}", specifier):
        _refuse(f"-{name} names no stream.")
    rule = SPECIFIED.get(base, base)
    if rule in FETCHING:
        return _Taken([], 2)
    if rule in OPTIONS and OPTIONS[rule] == FLAG:
        return _Taken([f"-{name}"], 1)
    if value is None:
        _refuse(f"-{name} needs a value, or is not allowed.")
    _check(rule, name, value, is_input=is_input)
    return _Taken([f"-{name}", value], 2)


def _check(rule: str, name: str, value: str, *, is_input: bool) -> None:
    if rule == "f":
        if value not in (FORMATS if is_input else OUTPUTS):
            _refuse(f"The format {value!r} is not allowed here.")
    elif rule == "c":
        if not re.fullmatch(NAME, value) or (is_input and value not in DECODERS and not _is_hardware(value)):
            _refuse(f"The codec {value!r} is not allowed here.")
    elif rule == "vf":
        _check_filters(value)
    elif rule in {"bsf", "absf", "vbsf"}:
        if not all(
            re.fullmatch(rf"({NAME})(=[\w=:.+-]*)?", part) and part.partition("=")[0] in BITSTREAM
            for part in value.split(",")
        ):
            _refuse(f"The bitstream filter {value!r} is not allowed.")
    elif rule in {"x264-params", "x264opts", "x265-params", "svtav1-params"}:
        if not re.fullmatch(r"[\w.,:=+-]{1,500}", value) or ENCODER_FILES.search(value):
            _refuse(f"-{name} may not name a file.")
    elif rule not in OPTIONS:
        _refuse(f"-{name} is not allowed.")
    elif not re.fullmatch(OPTIONS[rule], value):
        _refuse(f"-{name} does not take {value!r}.")


def _check_filters(graph: str) -> None:
    """A plain chain of known filters. `[labels]`, quotes and `;` are what a second input would need.

    An option whose name begins with a slash takes its value from a file (ffmpeg 7), so no slash may stand there.
    """
    if not re.fullmatch(r"[\w.,:=+*()|<>/ -]{1,1000}", graph) or re.search(r"(^|[=:,|])\s*/", graph):
        _refuse("The filter holds characters that are not allowed.")
    depth = 0
    name = ""
    is_name = True
    for ch in f"{graph},":
        depth += (ch == "(") - (ch == ")")
        if ch == "," and depth == 0:
            if name.strip().partition("@")[0] not in FILTERS:
                _refuse(f"The filter {name.strip()!r} is not allowed.")
            name, is_name = "", True
        elif ch == "=":
            is_name = False
        elif is_name:
            name += ch


def _is_hardware(codec: str) -> bool:
    return codec.endswith(("_cuvid", "_qsv", "_v4l2m2m")) and codec.partition("_")[0] in DECODERS


def _refuse(reason: str) -> NoReturn:
    raise Invalid.one("parameters", "not_allowed", reason)
