"""The tuner protocol, byte by byte."""

from polycast.live.hdhomerun.discovery import answer
from polycast.live.hdhomerun.model import Device, device_id_from, is_valid
from polycast.live.hdhomerun.packets import ANY, Kind, Tag, pack, text, unpack, whole

QUESTION = bytes.fromhex("0002000c 010400000001 0204ffffffff 4e507f35")
MODEL_QUESTION = bytes.fromhex("0004000d 030b") + b"/sys/model\0" + bytes.fromhex("8f5b54b5")
MODEL_ANSWER = (
    bytes.fromhex("0005001f 030b") + b"/sys/model\0" + bytes.fromhex("0410") + b"hdhomerun3_atsc\0"
    + bytes.fromhex("246a0142")
)  # fmt: skip
DEVICE = Device(device_id="1010CC54", friendly_name="Polycast", tuners=4)
BASE = "http://192.0.2.5:8000"


def asked(*values: tuple[Tag, bytes]) -> bytes | None:
    question = unpack(pack(Kind.DISCOVER, values))
    assert question is not None
    return answer(question, DEVICE, BASE)


class TestAPacketIsWritten:
    def test_it_is_as_the_devices_have_it(self) -> None:
        assert pack(Kind.DISCOVER, [(Tag.DEVICE_TYPE, whole(1)), (Tag.DEVICE_ID, whole(ANY))]) == QUESTION
        assert pack(Kind.GETSET, [(Tag.NAME, text("/sys/model"))]) == MODEL_QUESTION
        assert pack(Kind.GETSET_REPLY, [(Tag.NAME, text("/sys/model")), (Tag.VALUE, text("hdhomerun3_atsc"))]) == (
            MODEL_ANSWER
        )

    def test_a_long_value_has_a_length_of_two_bytes(self) -> None:
        value = bytes(range(200))
        packet = unpack(pack(Kind.GETSET, [(Tag.VALUE, value)]))
        assert packet is not None and packet.all(Tag.VALUE) == [value]


class TestAPacketIsRead:
    def test_damaged_ones_are_none(self) -> None:
        for at in range(len(QUESTION)):
            damaged = QUESTION[:at] + bytes([QUESTION[at] ^ 1]) + QUESTION[at + 1 :]
            assert unpack(damaged) is None
            assert unpack(QUESTION[:at]) is None
        assert unpack(QUESTION + b"\0") is None

    def test_a_value_cut_short_is_none(self) -> None:
        whole_packet = pack(Kind.DISCOVER, [(Tag.DEVICE_ID, b"")])
        assert unpack(whole_packet) is not None


class TestSomebodyLooksForTuners:
    def test_they_get_who_and_where(self) -> None:
        question = unpack(QUESTION)
        assert question is not None
        told = answer(question, DEVICE, BASE)
        assert told is not None
        without_auth = (
            bytes.fromhex("010400000001 02041010cc54 100104 2a15") + BASE.encode()
            + bytes.fromhex("2721") + f"{BASE}/lineup.json".encode()
        )  # fmt: skip
        assert told[4:].startswith(without_auth)
        assert told[4 + len(without_auth) : -4] == b"\x2b\x0ftest_auth_token"

    def test_other_kinds_and_ids_are_not_answered(self) -> None:
        assert asked((Tag.DEVICE_TYPE, whole(5))) is None
        assert asked((Tag.DEVICE_TYPE, whole(1)), (Tag.DEVICE_ID, whole(0x12345678))) is None
        assert asked((Tag.DEVICE_TYPE, whole(1)), (Tag.DEVICE_ID, whole(0x1010CC54))) is not None

    def test_one_of_several_kinds_is_enough(self) -> None:
        assert asked((Tag.TYPES, whole(5) + whole(1))) is not None
        assert asked((Tag.DEVICE_TYPE, whole(5)), (Tag.DEVICE_TYPE, whole(1))) is not None
        assert asked((Tag.DEVICE_TYPE, whole(ANY))) is not None
        assert asked((Tag.TYPES, whole(5) + whole(6))) is None


class TestAnId:
    def test_the_checksum_is_that_of_real_devices(self) -> None:
        assert is_valid(0x1010CC54)
        assert not is_valid(0x12345678)

    def test_ours_are_valid_and_stay(self) -> None:
        made = [device_id_from(bytes([n, n * 7 % 256, n * 31 % 256])) for n in range(256)]
        assert all(is_valid(int(one, 16)) for one in made)
        assert all(len(one) == 8 and one.startswith("10") for one in made)
        assert device_id_from(b"abc") == device_id_from(b"abc") != device_id_from(b"abd")
