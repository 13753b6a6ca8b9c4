"""Stream profiles: what people really write works, what could read a file or open an address is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polycast.core.errors import Invalid
from polycast.core.processes import PIPE, Processes, profile_argv
from tests.fakes.reel import Reel

VALUES = {"userAgent": "VLC/3.0 \" -i /etc/passwd '", "channelId": "17"}

USUAL = [
    "-user_agent {userAgent} -i {streamUrl} -c copy -f mpegts pipe:1",
    "-hide_banner -loglevel error -reconnect 1 -reconnect_streamed 1 -reconnect_delay_max 5 -i {streamUrl} -map 0:v -map 0:a? "
    "-c:v libx264 -preset veryfast -tune zerolatency -b:v 3M -maxrate 3500k -bufsize 6M -g 50 -c:a aac -b:a 128k -ac 2 -f mpegts -",
    "-fflags +genpts+discardcorrupt -analyzeduration 1000000 -probesize 1M -i {streamUrl} -vf yadif=0:-1:0,scale=-2:720 -c:v libx264 "
    "-x264-params keyint=50:min-keyint=50 -c:a copy -metadata service_name='Channel {channelId}' -mpegts_flags +resend_headers -f mpegts pipe:1",
    "-hwaccel vaapi -hwaccel_device /dev/dri/renderD128 -hwaccel_output_format vaapi -i {streamUrl} -vf 'scale_vaapi=w=1280:h=-2' "
    "-c:v h264_vaapi -qp 24 -c:a aac -f mpegts pipe:1",
    "-i {streamUrl} -af loudnorm=I=-16:TP=-1.5 -c:v copy -bsf:v h264_mp4toannexb -f mpegts pipe:",
    '-re -i "{streamUrl}" -vn -c:a libmp3lame -q:a 2 -f mp3 pipe:1',
    "-i {streamUrl} -vf 'pad=max(iw\\,ih):ow/2' -f mpegts pipe:1".replace("\\,", "+"),
]

HARMFUL = [
    "-i /etc/passwd -f mpegts pipe:1", "-i file:/etc/passwd -c copy -f mpegts pipe:1", "-i http://127.0.0.1/ -f mpegts pipe:1",
    "-i {streamUrl} -i /etc/passwd -f mpegts pipe:1", "-i {streamUrl} -i {streamUrl} -f mpegts pipe:1", "-f mpegts pipe:1", "",
    "-i {streamUrl} -c copy -f mpegts /tmp/out.ts", "-i {streamUrl} -c copy -f mpegts pipe:1 /tmp/b.ts", "-i {streamUrl}",
    "-i {streamUrl} -c copy -f mpegts file:/tmp/x pipe:1", "-i {streamUrl} -f mpegts tcp://10.0.0.1:99", "-i {streamUrl} -f tee pipe:1",
    "-i {streamUrl} -vf movie=/etc/passwd -f mpegts pipe:1", "-i {streamUrl} -vf drawtext=textfile=/etc/passwd -f mpegts pipe:1",
    "-i {streamUrl} -vf subtitles=/etc/passwd -f mpegts pipe:1", "-i {streamUrl} -vf scale=1:1,movie=x -f mpegts pipe:1",
    "-i {streamUrl} -af amovie=x -f mpegts pipe:1", "-i {streamUrl} -vf scale=/w=x:h=1 -f mpegts pipe:1",
    "-i {streamUrl} -vf 'scale=1:1[a];movie=x[b]' -f mpegts pipe:1", "-i {streamUrl} -vf lut3d=file=x -f mpegts pipe:1",
    "-i {streamUrl} -filter_complex movie=x -f mpegts pipe:1", "-i {streamUrl} -filter_script:v /x -f mpegts pipe:1",
    "-i {streamUrl} -/vf /etc/passwd -f mpegts pipe:1", "-f lavfi -i {streamUrl} -f mpegts pipe:1", "-f concat -i {streamUrl} -f mpegts pipe:1",
    "-f hls -i {streamUrl} -f mpegts pipe:1", "-i {streamUrl} -f hls pipe:1", "-i {streamUrl} -f segment pipe:1", "-i {streamUrl} -f image2 pipe:1",
    "-report -i {streamUrl} -f mpegts pipe:1", "-i {streamUrl} -vstats_file /tmp/x -f mpegts pipe:1", "-i {streamUrl} -passlogfile x -f mpegts pipe:1",
    "-i {streamUrl} -pass 1 -f mpegts pipe:1", "-i {streamUrl} -attach /etc/passwd -f mpegts pipe:1", "-i {streamUrl} -progress x -f mpegts pipe:1",
    "-i {streamUrl} -x264-params stats=/tmp/x -f mpegts pipe:1", "-i {streamUrl} -x264opts qpfile=x -f mpegts pipe:1",
    "-i {streamUrl} -sdp_file /tmp/x -f mpegts pipe:1", "-i {streamUrl} -fpre /tmp/x -f mpegts pipe:1", "-i {streamUrl} -dump_attachment x -f mpegts pipe:1",
    "-vaapi_device /etc/passwd -i {streamUrl} -f mpegts pipe:1", "-init_hw_device vaapi=x:/etc -i {streamUrl} -f mpegts pipe:1",
    "-c:v magicyuv -i {streamUrl} -f mpegts pipe:1", "-i {streamUrl} -map 1:v -f mpegts pipe:1", "-i {streamUrl} {other} -f mpegts pipe:1",
    "-i '{streamUrl} -f mpegts pipe:1", "-i {streamUrl} -f mpegts pipe:1 -y", "-i {userAgent} -f mpegts pipe:1", "-i pipe:0{channelId} -f mpegts pipe:1",
    "-i {streamUrl} -metadata", "-i {streamUrl} -preset ../../x -f mpegts pipe:1", "-i {streamUrl}\0 -f mpegts pipe:1", "-a " * 300,
    "-i {streamUrl} -bsf:v mjpegadump,x -f mpegts pipe:1", "-dump_separator x -i {streamUrl} -f mpegts pipe:1", "-- -i {streamUrl} -f mpegts pipe:1",
]  # fmt: skip


SCRAPS = ["-i", "-f", "-c", "-vf", "{streamUrl}", "pipe:1", "pipe:0", "mpegts", "copy", "/etc/passwd", "-", "-map", "0", "movie=x", "-y", "file:x"]  # fmt: skip


class TestAProfile:
    @pytest.mark.parametrize("parameters", USUAL)
    def test_as_people_write_it_is_taken(self, parameters: str) -> None:
        argv = profile_argv("ffmpeg", parameters, VALUES)
        assert argv.count("-i") == 1
        assert argv[argv.index("-i") + 1] == "pipe:0"
        assert (argv[0], argv[-1]) == ("-nostdin", "pipe:1")

    @pytest.mark.parametrize("parameters", HARMFUL)
    def test_that_could_reach_a_file_or_an_address_is_refused(self, parameters: str) -> None:
        with pytest.raises(Invalid) as refused:
            profile_argv("ffmpeg", parameters, VALUES)
        assert refused.value.problems[0].path == "parameters"
        assert refused.value.problems[0].text

    @pytest.mark.parametrize("command", ["streamlink", "/bin/sh", "ffmpeg; id", "cvlc", "", "../ffmpeg", "ffmpeg -i"])
    def test_with_another_command_is_refused(self, command: str) -> None:
        with pytest.raises(Invalid) as refused:
            profile_argv(command, USUAL[0], VALUES)
        assert refused.value.problems[0].path == "command"

    def test_keeps_a_value_one_argument_whatever_it_holds(self) -> None:
        argv = profile_argv("ffmpeg", "-i {streamUrl} -metadata title={userAgent} -f mpegts pipe:1", VALUES)
        assert argv[argv.index("-metadata") + 1] == f"title={VALUES['userAgent']}"

    @given(
        st.lists(
            st.sampled_from(SCRAPS),
            max_size=9,
        )
    )
    def test_of_any_shape_has_one_input_and_one_output(self, words: list[str]) -> None:
        try:
            argv = profile_argv("ffmpeg", " ".join(words), VALUES)
        except Invalid:
            return
        assert argv.count("-i") == 1
        assert not {"/etc/passwd", "movie=x", "file:x"} & set(argv)


class TestARealTool:
    async def test_runs_what_was_made_of_it(self, processes: Processes) -> None:
        argv = profile_argv("ffmpeg", USUAL[0], VALUES)
        async with processes.running(processes.tools.ffmpeg, argv, stdin=PIPE, stdout=PIPE) as child:
            await child.feed(Reel().second(0))
            await child.end_input()
            found = b"".join([chunk async for chunk in child.chunks()])
            assert await child.wait() == 0, child.errors
        assert found[:1] == b"\x47"
        assert len(found) > 50_000
