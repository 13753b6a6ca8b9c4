"""An HDHomeRun tuner with a RECORD engine, as small as its watchers need it. Source: specs/monitor.md 4.12."""

from typing import Any

from tests.fakes.json_server import JsonServer


class HdHomeRunDevice(JsonServer):
    def __init__(self) -> None:
        super().__init__()
        self.tuners: list[dict[str, Any]] = [{"Resource": "tuner0"}, {"Resource": "tuner1"}]
        self.serve("/discover.json", {"FriendlyName": "HDHomeRun", "DeviceID": "10A1B2C3", "FirmwareVersion": "20240101",
                   "TunerCount": 2, "FreeSpace": 500, "TotalSpace": 2000})  # fmt: skip
        self.serve("/status.json", lambda: self.tuners)

    def play(self) -> None:
        self.tuners[0] |= {"VctNumber": "5.1", "VctName": "KPIX", "SignalStrengthPercent": 100,
                           "SignalQualityPercent": 92, "TargetIP": "192.168.1.5"}  # fmt: skip
