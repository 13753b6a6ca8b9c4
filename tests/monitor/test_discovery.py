"""Servers that call out their names, in a network of their own: a namespace with a bridge of two ends."""

import asyncio
import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from zeroconf import IPVersion
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from polycast.core.clock import SystemClock
from polycast.monitor.discovery.mdns import Discovery

SCRIPT = Path(__file__)
ADDRESS = "10.77.0.1"


@pytest.mark.needs_kernel
def test_a_server_is_found_with_its_name_in_a_network_of_its_own() -> None:
    setup = (
        f"ip link set lo up && ip link add v0 type veth peer name v1 && ip addr add {ADDRESS}/24 dev v0 && "
        f"ip link set v0 up && ip link set v1 up && exec {sys.executable} {SCRIPT}"
    )
    environment = os.environ | {"PYTHONPATH": str(SCRIPT.parents[2])}
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", setup],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1] == f"{ADDRESS} 8090 Basement DVR 2026.04.20.0213 channels"


class TestOnLoopback:
    def test_it_says_that_only_this_machine_is_searched(self) -> None:
        clock = SystemClock()
        assert Discovery(host="127.0.0.1", clock=clock).is_on_loopback
        assert Discovery(host="localhost", clock=clock).is_on_loopback
        assert not Discovery(host="0.0.0.0", clock=clock).is_on_loopback
        assert not Discovery(host="192.168.1.5", clock=clock).is_on_loopback


async def main() -> None:
    """Inside the namespace: register a server as Channels DVR does, then look for it."""
    calling = AsyncZeroconf(interfaces=[ADDRESS], ip_version=IPVersion.V4Only)
    info = AsyncServiceInfo(
        "_channels_dvr._tcp.local.", "dvr-basement._channels_dvr._tcp.local.", port=8090,
        addresses=[socket.inet_aton(ADDRESS)], server="basement.local.",
        properties={"name": "Basement DVR", "version": "2026.04.20.0213", "arch": "x86_64"},
    )  # fmt: skip
    await calling.async_register_service(
        info, strict=False
    )  # its type has an underscore, which RFC 6763 does not allow
    try:
        [found] = await Discovery(host=ADDRESS, clock=SystemClock()).browse(timedelta(seconds=3))
        print(found.host, found.port, found.name, found.version, found.provider.value)  # noqa: T201 - what the test reads
    finally:
        await calling.async_close()


if __name__ == "__main__":
    asyncio.run(main())
