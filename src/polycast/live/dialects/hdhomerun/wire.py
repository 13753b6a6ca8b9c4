"""Documents of a network tuner. Source: `specs/live.md` 4.5."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import UNSET, Struct, UnsetType

from polycast.live.hdhomerun.devices import TunerChannel
from polycast.live.hdhomerun.model import AUTH, FIRMWARE_NAME, FIRMWARE_VERSION, MAKER, MODEL, Device
from polycast.live.outputs.addresses import stream_url, with_query
from polycast.live.outputs.xmltv import encoded, escaped

CODECS: Final = {"h264": "H264", "hevc": "HEVC", "h265": "HEVC", "mpeg2video": "MPEG2", "ac3": "AC3", "eac3": "EAC3"}


class Discover(Struct, frozen=True, kw_only=True):
    FriendlyName: str
    ModelNumber: str
    FirmwareName: str
    FirmwareVersion: str
    DeviceID: str
    DeviceAuth: str
    BaseURL: str
    LineupURL: str
    TunerCount: int
    Manufacturer: str

    @classmethod
    def of(cls, device: Device, base_url: str) -> "Discover":
        return cls(
            FriendlyName=device.friendly_name,
            ModelNumber=MODEL,
            FirmwareName=FIRMWARE_NAME,
            FirmwareVersion=FIRMWARE_VERSION,
            DeviceID=device.device_id,
            DeviceAuth=AUTH,
            BaseURL=base_url,
            LineupURL=f"{base_url}/lineup.json",
            TunerCount=device.tuners,
            Manufacturer=MAKER,
        )


class Status(Struct, frozen=True, kw_only=True):
    ScanInProgress: int = 0
    ScanPossible: int = 0
    Source: str = "Cable"
    SourceList: Sequence[str] = ("Cable",)


class Listed(Struct, frozen=True, kw_only=True):
    """A channel of `lineup.json`; the last three when a stream's pictures are known."""

    GuideNumber: str
    GuideName: str
    URL: str
    Guide_ID: str
    Station: str
    HD: int | UnsetType = UNSET
    VideoCodec: str | UnsetType = UNSET
    AudioCodec: str | UnsetType = UNSET

    @classmethod
    def of(cls, station: TunerChannel, origin: str) -> "Listed":
        entry, facts = station.entry, station.facts
        number = entry.shown_number
        profile = "" if station.output_profile_id is None else str(station.output_profile_id)
        return cls(
            GuideNumber=number,
            GuideName=entry.name,
            URL=with_query(stream_url(origin, entry), [("output_profile", profile)]),
            Guide_ID=number,
            Station=number,
            HD=1 if facts is not None and facts.is_hd else UNSET,
            VideoCodec=_codec(facts.video_codec) if facts is not None else UNSET,
            AudioCodec=_codec(facts.audio_codec) if facts is not None else UNSET,
        )


def device_xml(device: Device, base_url: str) -> bytes:
    """The UPnP description, with what the original has at its end."""
    name, number = escaped(device.friendly_name), escaped(device.device_id)
    base, lineup = escaped(base_url), escaped(f"{base_url}/lineup.json")
    return encoded(
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<root xmlns="urn:schemas-upnp-org:device-1-0">\n'
        "  <specVersion><major>1</major><minor>0</minor></specVersion>\n"
        f"  <URLBase>{base}</URLBase>\n"
        "  <device>\n"
        "    <deviceType>urn:schemas-upnp-org:device:MediaServer:1</deviceType>\n"
        f"    <friendlyName>{name}</friendlyName><manufacturer>{MAKER}</manufacturer>\n"
        f"    <modelName>{MODEL}</modelName><modelNumber>{MODEL}</modelNumber>\n"
        f"    <serialNumber>{number}</serialNumber><UDN>uuid:{device.udn}</UDN>\n"
        "  </device>\n"
        f"  <DeviceID>{number}</DeviceID><FriendlyName>{name}</FriendlyName><ModelNumber>{MODEL}</ModelNumber>"
        f"<FirmwareName>{FIRMWARE_NAME}</FirmwareName>\n"
        f"  <FirmwareVersion>{FIRMWARE_VERSION}</FirmwareVersion><DeviceAuth>{AUTH}</DeviceAuth>"
        f"<BaseURL>{base}</BaseURL><LineupURL>{lineup}</LineupURL>\n"
        "</root>\n"
    )


def lineup_xml(listed: Iterable[Listed]) -> bytes:
    """The line-up as real tuners write it for those who read no JSON."""
    programs = "".join(
        f"<Program><GuideNumber>{escaped(one.GuideNumber)}</GuideNumber><GuideName>{escaped(one.GuideName)}</GuideName>"
        f"<URL>{escaped(one.URL)}</URL></Program>"
        for one in listed
    )
    return encoded(f'<?xml version="1.0" encoding="utf-8"?>\n<Lineup>{programs}</Lineup>\n')


def lineup_m3u(listed: Iterable[Listed]) -> bytes:
    """The same as a playlist."""
    lines = ["#EXTM3U\n"]
    for one in listed:
        name = one.GuideName.replace('"', "'")
        told = f'channel-id="{one.GuideNumber}" channel-number="{one.GuideNumber}" tvg-name="{name}"'
        lines.append(f"#EXTINF:-1 {told},{one.GuideNumber} {name}\n{one.URL}\n")
    return "".join(lines).encode()


def _codec(name: str) -> str | UnsetType:
    return CODECS.get(name.lower(), name.upper()) or UNSET
