"""`/api/hdhr/devices/`: tuners registered by hand."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from polycast.core.http import Docs, Envelope, Request, Route, delete, get, line, patch, post, put
from polycast.core.identity.caller import Caller
from polycast.live.dialects.rest.levels import READ, WRITE
from polycast.live.dialects.rest.lists import Lists
from polycast.live.dialects.rest.wire import sent_fields
from polycast.live.preferences.model import TunerDevice
from polycast.live.preferences.profiles import TunerDevices

ROOT = "/api/hdhr/devices/"
TAGS = Docs(tags=["hdhr"])

Tuners = Annotated[int, Meta(ge=1, le=32)]


class DeviceOut(Struct, frozen=True, kw_only=True):
    """An emulated tuner."""

    id: int
    friendly_name: str
    device_id: str
    tuner_count: int

    @classmethod
    def of(cls, device: TunerDevice) -> "DeviceOut":
        return cls(**{name: getattr(device, name) for name in cls.__struct_fields__})


class DeviceIn(Struct, frozen=True, kw_only=True):
    """A tuner, new or in full."""

    device_id: Annotated[str, line(32)]
    friendly_name: Annotated[str, line(100)] = "Polycast"
    tuner_count: Tuners = 3


class DevicePatch(Struct, frozen=True, kw_only=True):
    """Absent keeps."""

    device_id: Annotated[str, line(32)] | UnsetType = UNSET
    friendly_name: Annotated[str, line(100)] | UnsetType = UNSET
    tuner_count: Tuners | UnsetType = UNSET


def routes() -> list[Route]:
    """List, one, new, in full, in part, gone."""
    return [many, one, new, replace, change, remove]


@get(ROOT, policy=READ, docs=TAGS)
async def many(request: Request, tuner_devices: TunerDevices, lists: Lists) -> list[DeviceOut] | Envelope[DeviceOut]:
    """All registered tuners."""
    return await lists.bare(request, [DeviceOut.of(device) for device in await tuner_devices.list()])


@get(f"{ROOT}{{device_row}}/", policy=READ, docs=TAGS)
async def one(device_row: int, tuner_devices: TunerDevices) -> DeviceOut:
    """One tuner."""
    return DeviceOut.of(await tuner_devices.get(device_row))


@post(ROOT, policy=WRITE, sent=DeviceIn, status=201, docs=TAGS)
async def new(caller: Caller, sent: DeviceIn, tuner_devices: TunerDevices) -> DeviceOut:
    """Register a tuner."""
    return DeviceOut.of(await tuner_devices.create(caller, sent_fields(sent)))


@put(f"{ROOT}{{device_row}}/", policy=WRITE, sent=DeviceIn, docs=TAGS)
async def replace(caller: Caller, device_row: int, sent: DeviceIn, tuner_devices: TunerDevices) -> DeviceOut:
    """Change a tuner in full."""
    return DeviceOut.of(await tuner_devices.update(caller, device_row, sent_fields(sent)))


@patch(f"{ROOT}{{device_row}}/", policy=WRITE, sent=DevicePatch, docs=TAGS)
async def change(caller: Caller, device_row: int, sent: DevicePatch, tuner_devices: TunerDevices) -> DeviceOut:
    """Change what is named."""
    return DeviceOut.of(await tuner_devices.update(caller, device_row, sent_fields(sent)))


@delete(f"{ROOT}{{device_row}}/", policy=WRITE, status=204, docs=TAGS)
async def remove(caller: Caller, device_row: int, tuner_devices: TunerDevices) -> None:
    """Remove a tuner."""
    await tuner_devices.delete(caller, device_row)
