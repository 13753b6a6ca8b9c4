"""SSDP, as media servers search."""

from polycast.live.hdhomerun.ssdp import found, notice, read_search, targets

UDN = "4a0f0000-0000-4000-8000-000000000001"
SEARCH = (
    b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 2\r\nST: upnp:rootdevice\r\n\r\n'
)


class TestASearch:
    def test_its_headers_are_read(self) -> None:
        search = read_search(SEARCH)
        assert search is not None
        assert (search["ST"], search["MX"]) == ("upnp:rootdevice", "2")

    def test_anything_else_is_none(self) -> None:
        assert read_search(SEARCH.replace(b"M-SEARCH", b"NOTIFY")) is None
        assert read_search(SEARCH.replace(b'MAN: "ssdp:discover"\r\n', b"")) is None
        assert read_search(b"\xff\xfe") is None

    def test_we_answer_for_what_we_are(self) -> None:
        assert len(targets(UDN, "ssdp:all")) == 3
        assert targets(UDN, f"uuid:{UDN}") == [f"uuid:{UDN}"]
        assert targets(UDN, "urn:schemas-upnp-org:device:InternetGatewayDevice:1") == []


class TestAnAnswer:
    def test_it_is_as_others_expect(self) -> None:
        kind = "urn:schemas-upnp-org:device:MediaServer:1"
        assert found(kind, UDN, "http://192.0.2.5:8000/device.xml").decode() == (
            "HTTP/1.1 200 OK\r\n"
            "CACHE-CONTROL: max-age=1800\r\n"
            "EXT:\r\n"
            "LOCATION: http://192.0.2.5:8000/device.xml\r\n"
            "SERVER: Linux/1.0 UPnP/1.0 Polycast/1.0\r\n"
            f"ST: {kind}\r\n"
            f"USN: uuid:{UDN}::{kind}\r\n"
            "\r\n"
        )

    def test_the_name_alone_stands_alone(self) -> None:
        assert f"USN: uuid:{UDN}\r\n".encode() in found(f"uuid:{UDN}", UDN, "")
        assert b"NTS: ssdp:byebye" in notice(f"uuid:{UDN}", UDN, "", alive=False)
