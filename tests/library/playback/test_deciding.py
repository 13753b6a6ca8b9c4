"""The decision table: what a file is, what a device plays, how the one reaches the other, and why."""

from datetime import timedelta
from pathlib import PurePath

import pytest

from polycast.library.playback.deciding import decide
from polycast.library.playback.model import Asked, AudioRule, Delivery, Mode, Profile, VideoRule, reason_text
from polycast.library.playback.plan import evenly
from polycast.library.playback.profiles import ANDROID_TV, APPLE_TV, EVERYTHING, SHIELD, WEB, profile_of
from polycast.library.playback.profiles_jellyfin import profile_of as jellyfin_profile
from polycast.library.probing.model import Probed, ProbedStream, resolution

MKV, MP4, AVI = "matroska,webm", "mov,mp4,m4a,3gp,3g2,mj2", "avi"
NAMES = {MKV: "film.mkv", MP4: "film.mp4", AVI: "film.avi"}


def film(container: str, video: str, audio: str, channels: int = 2, **more: object) -> Probed:
    picture = ProbedStream(index=0, kind="video", codec=video, width=1920, height=1080, bit_depth=8, **more)  # type: ignore[arg-type]
    sound = ProbedStream(index=1, kind="audio", codec=audio, channels=channels, is_default=True)
    return Probed(
        container=container,
        size_bytes=10**9,
        duration=timedelta(hours=1),
        bitrate_bps=6_000_000,
        streams=[picture, sound, ProbedStream(index=2, kind="subtitle", codec="hdmv_pgs_subtitle")],
    )


def mode(profile: Profile, container: str, video: str, audio: str, channels: int = 2, **more: object) -> str:
    found = decide(film(container, video, audio, channels, **more), PurePath(NAMES[container]), profile, Asked())
    return found.mode.value


# device, container, picture, sound, channels, how it is played; Source: the tables of specs/library.md 5.5.2
TABLE = (
    (WEB, MP4, "h264", "aac", 2, "direct_play"),
    (WEB, MKV, "h264", "aac", 2, "remux_hls"),
    (WEB, MKV, "h264", "ac3", 6, "remux_hls_audio_transcode"),
    (WEB, MP4, "h264", "aac", 6, "remux_hls_audio_transcode"),
    (WEB, MP4, "hevc", "aac", 2, "transcode_hls"),
    (WEB, AVI, "mpeg4", "mp3", 2, "transcode_hls"),
    (WEB, MKV, "vp9", "opus", 2, "remux_hls"),
    (APPLE_TV, MP4, "hevc", "eac3", 6, "direct_play"),
    (APPLE_TV, MKV, "hevc", "eac3", 6, "remux_hls"),
    (APPLE_TV, MKV, "vp9", "opus", 2, "transcode_hls"),
    (ANDROID_TV, MKV, "hevc", "dts", 6, "remux_hls_audio_transcode"),
    (ANDROID_TV, MP4, "av1", "aac", 2, "transcode_hls"),
    (SHIELD, MKV, "hevc", "truehd", 8, "direct_play"),
    (SHIELD, AVI, "mpeg4", "mp3", 2, "transcode_hls"),
    (EVERYTHING, AVI, "mpeg4", "mp3", 2, "direct_play"),
)


class TestTheTable:
    @pytest.mark.parametrize(("profile", "container", "video", "audio", "channels", "expected"), TABLE)
    def test_each_row(
        self, profile: Profile, container: str, video: str, audio: str, channels: int, expected: str
    ) -> None:
        assert mode(profile, container, video, audio, channels) == expected

    # "Never format not supported": whatever comes, there is a way, and a sentence for every reason.
    def test_there_is_always_a_way_and_a_reason(self) -> None:
        for profile in (WEB, APPLE_TV, ANDROID_TV, SHIELD, Profile()):
            for container, name in NAMES.items():
                for video in ("h264", "hevc", "av1", "vp9", "mpeg2video", "vc1"):
                    for audio in ("aac", "ac3", "dts", "truehd", "pcm_s16le"):
                        for hdr in (None, "hdr10", "dolby_vision"):
                            found = decide(film(container, video, audio, 6, hdr=hdr), PurePath(name), profile, Asked())
                            assert found.mode is Mode.DIRECT_PLAY or found.reasons
                            assert all(reason_text(word) != word for word in found.reasons)
                            assert found.video is not None
                            assert found.video.tonemap == (found.mode is Mode.TRANSCODE_HLS and hdr is not None)


class TestWishes:
    def test_a_smaller_quality_is_encoded_and_never_larger_than_the_source(self) -> None:
        source = film(MP4, "h264", "aac")
        small = decide(source, PurePath("film.mp4"), WEB, Asked(quality="480p"))
        large = decide(source, PurePath("film.mp4"), WEB, Asked(quality="2160p"))
        assert (small.mode, small.quality) == (Mode.TRANSCODE_HLS, "480p")
        assert small.video is not None
        assert (small.video.width, small.video.height, small.video.bitrate) == (852, 480, 2_100_000)
        assert large.mode is Mode.DIRECT_PLAY

    def test_little_bandwidth_is_kept_to(self) -> None:
        found = decide(film(MP4, "h264", "aac"), PurePath("film.mp4"), WEB, Asked(max_bitrate=3_000_000))
        assert found.reasons == ("ContainerBitrateExceedsLimit",)
        assert found.video is not None
        assert (found.video.height, found.video.bitrate + 192_000) == (720, 3_000_000)

    def test_pictures_as_subtitles_are_drawn_in(self) -> None:
        found = decide(film(MP4, "h264", "aac"), PurePath("film.mp4"), WEB, Asked(subtitle_track=2))
        assert (found.mode, found.reasons) == (Mode.TRANSCODE_HLS, ("SubtitleCodecNotSupported",))
        assert (found.subtitle_delivery, found.video and found.video.burn) == (Delivery.BURN, 2)

    def test_without_an_index_pictures_cannot_be_copied(self) -> None:
        found = decide(film(MKV, "h264", "aac"), PurePath("film.mkv"), WEB, Asked(), has_index=False)
        assert (found.mode, found.reasons) == (Mode.TRANSCODE_HLS, ("ContainerNotSupported", "NoIndex"))

    def test_a_player_without_hls_is_sent_one_file(self) -> None:
        plain = Profile(
            containers=("mp4",), video=(VideoRule(codec="h264"),), audio=(AudioRule(codec="aac"),), hls=False
        )
        assert mode(plain, MKV, "h264", "aac") == "remux"
        assert mode(plain, MKV, "h264", "ac3", 6) == "remux_audio_transcode"
        assert mode(plain, MP4, "h264", "ac3", 6) == "direct_audio_transcode"


class TestClients:
    def test_are_known_by_their_names(self) -> None:
        names = ("DubbyTV/1.0 (tvOS; ios; 17.0; AppleTV6,2)", "mpv 0.35", "SHIELD Android TV", "Mozilla/5.0 Chrome/126")
        assert [profile_of(name).name for name in names] == ["apple_tv", "everything", "shield", "web"]

    def test_of_jellyfin_say_it_in_their_own_way(self) -> None:
        found = jellyfin_profile(
            {
                "MaxStreamingBitrate": "20000000",
                "DirectPlayProfiles": [
                    {"Container": "mp4,m4v", "VideoCodec": "h264", "AudioCodec": "aac,mp3", "Type": "Video"}
                ],
                "CodecProfiles": [
                    {
                        "Type": "Video",
                        "Codec": "h264",
                        "Conditions": [{"Condition": "LessThanEqual", "Property": "VideoLevel", "Value": "41"}],
                    },
                    {
                        "Type": "Video",
                        "Conditions": [{"Condition": "EqualsAny", "Property": "VideoRangeType", "Value": "SDR|HDR10"}],
                    },
                ],
                "SubtitleProfiles": [{"Format": "srt", "Method": "External"}, {"Format": "pgssub", "Method": "Encode"}],
            }
        )
        assert found == Profile(
            name="jellyfin",
            containers=("mp4",),
            video=(VideoRule(codec="h264", max_level=41),),
            audio=(AudioRule(codec="aac"), AudioRule(codec="mp3")),
            hdr=("hdr10",),
            subtitles=("subrip",),
            max_bitrate=20_000_000,
        )

    @pytest.mark.parametrize(
        "sent", [None, 7, [], {"DirectPlayProfiles": 3}, {"DirectPlayProfiles": [[], {"Type": None}]}]
    )
    def test_of_jellyfin_may_say_nonsense(self, sent: object) -> None:
        found = jellyfin_profile(sent)
        assert found is None or found.video == ()


class TestMeasures:
    @pytest.mark.parametrize(
        ("width", "height", "word"),
        [(1920, 1080, "1080p"), (1920, 804, "1080p"), (3840, 1608, "2160p"), (720, 576, "576p"), (640, 360, "SD")],
    )
    def test_a_frame_is_called_what_people_call_it(self, width: int, height: int, word: str) -> None:
        assert resolution(ProbedStream(index=0, kind="video", codec="h264", width=width, height=height)) == word

    def test_equal_segments_end_where_the_film_ends(self) -> None:
        plan = evenly(timedelta(seconds=10), length=timedelta(seconds=4))
        assert [plan.seconds(number) for number in range(plan.count)] == [4.0, 4.0, 2.0]
        assert [plan.at(timedelta(seconds=at)) for at in (0, 3.99, 4, 99)] == [0, 0, 1, 2]
