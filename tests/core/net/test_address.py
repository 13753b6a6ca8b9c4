"""Which addresses may be reached, for every spelling and range that specs/security.md 3.2 names."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polycast.core.net import Forbidden, HostList, Reach, Trust, judge, reach_of
from polycast.core.net.address import literal
from polycast.core.net.target import follow, host_of, parse_target

NONE = HostList()


def passes(address: str, trust: Trust, *, host: str = "x.test", port: int = 80, **more) -> bool:
    rules = {"named_by": None, "trusted": NONE, "allowed": NONE, **more}
    try:
        judge(ip_address(address), trust, host=host, port=port, **rules)
    except Forbidden:
        return False
    return True


PUBLIC = ["93.184.216.34", "1.1.1.1", "172.15.255.255", "172.32.0.1", "100.63.0.1", "100.128.0.1", "2606:4700::1111"]
PRIVATE = ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255", "fd12::1"]
LOOPBACK = ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"]
NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "169.254.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0.0.0.0",
    "64:ff9b::7f00:1",
    "64:ff9b::5db8:d822",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2002:5db8:d822::1",
    "2001::1",
    "2001:db8::1",
    "3fff::1",
    "100::1",
    "5f00::1",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1111%eth0",
    "fec0::1",
    "fd00:ec2::254",
    "ff02::1",
    "ff0e::1",
    "4000::1",
]


class TestAnAdministratorsUrl:
    @pytest.mark.parametrize("address", PUBLIC + PRIVATE)
    def test_reaches_public_and_private_addresses(self, address: str) -> None:
        assert passes(address, Trust.SOURCE)

    @pytest.mark.parametrize("address", LOOPBACK)
    def test_reaches_loopback_only_when_listed(self, address: str) -> None:
        assert not passes(address, Trust.SOURCE)
        assert passes(address, Trust.SOURCE, trusted=HostList.of(["127.0.0.0/8", "::1"]))
        assert passes(address, Trust.SOURCE, host="localhost", trusted=HostList.of(["localhost"]))
        assert not passes(address, Trust.SOURCE, allowed=HostList.of(["127.0.0.0/8", "::1"]))

    @pytest.mark.parametrize("address", NEVER)
    def test_never_reaches_reserved_ones_even_listed(self, address: str) -> None:
        listed = HostList.of(["x.test", "0.0.0.0/0", "::/0"])
        assert not passes(address, Trust.SOURCE, trusted=listed, allowed=listed)


class TestAUrlInContent:
    @pytest.mark.parametrize("address", PUBLIC)
    def test_reaches_public_addresses(self, address: str) -> None:
        assert passes(address, Trust.CONTENT)

    @pytest.mark.parametrize("address", PRIVATE)
    def test_reaches_a_private_address_only_at_the_host_that_named_it_or_a_listed_one(self, address: str) -> None:
        assert not passes(address, Trust.CONTENT)
        assert not passes(address, Trust.CONTENT, named_by="other.test")
        assert passes(address, Trust.CONTENT, named_by="x.test")
        assert passes(address, Trust.CONTENT, trusted=HostList.of(["x.test"]))
        assert passes(address, Trust.CONTENT, allowed=HostList.of([address]))

    @pytest.mark.parametrize("address", LOOPBACK + NEVER)
    def test_never_reaches_loopback_or_reserved_ones(self, address: str) -> None:
        listed = HostList.of(["x.test", "0.0.0.0/0", "::/0"])
        assert not passes(address, Trust.CONTENT, named_by="x.test", trusted=listed, allowed=listed)


class TestAUrlOfAUser:
    @pytest.mark.parametrize("address", PRIVATE + LOOPBACK)
    def test_reaches_inside_only_what_is_allowed_for_this_purpose(self, address: str) -> None:
        assert not passes(address, Trust.USER, named_by="x.test", trusted=HostList.of(["x.test", "0.0.0.0/0", "::/0"]))
        assert passes(address, Trust.USER, allowed=HostList.of(["x.test"]))
        assert not passes(address, Trust.USER, allowed=HostList.of(["x.test:81"]))
        assert passes(address, Trust.USER, allowed=HostList.of(["x.test:80"]))

    @pytest.mark.parametrize("address", NEVER)
    def test_never_reaches_reserved_ones(self, address: str) -> None:
        assert not passes(address, Trust.USER, allowed=HostList.of(["x.test", "0.0.0.0/0", "::/0"]))


class TestEverySpelling:
    @pytest.mark.parametrize(
        "host",
        [
            "0x7f000001",
            "2130706433",
            "127.1",
            "127.0.1",
            "0177.0.0.1",
            "0x7f.0.0.1",
            "127.0.0.01",
            "127.0.0.0x1",
            "017700000001",
            "1.2.3.4.5",
            "256.256.256.256",
            "x.test.1",
        ],
    )
    def test_a_number_that_is_no_plain_address_is_refused(self, host: str) -> None:
        with pytest.raises(Forbidden) as caught:
            literal(host)
        assert caught.value.why == "spelling"

    @pytest.mark.parametrize(
        "url",
        [
            r"http://good\@127.0.0.1/",
            "http://good@evil@127.0.0.1/",
            "http://127.0.0.1 @good.test/",
            "http://good.test\\.evil.test/",
            "http://[fe80::1%25eth0]/",
            "http://[fe80::1%eth0]/",
            "http://[::1",
            "http://[::1]evil/",
            "http://%31%32%37.0.0.1/",
            "http://127.0.0.1%00.good.test/",
            "http://good.test\x00/",
            "http://good.test/\r\nHost: evil",
            "http:///etc/passwd",
            "http://",
            "http:good.test",
            "http://.test/",
            "http://a..test/",
            "http://-a.test/",
            "http://good.test:0/",
            "http://good.test:65536/",
            "http://good.test:8o/",
            "http://good.test:-1/",
            "http://good.test:٨٠/",
            "//good.test/",
            "good.test",
            "file:///etc/passwd",
            "ftp://good.test/",
            "gopher://good.test/",
            "data:text/plain,x",
            "javascript:alert(1)",
            "unix:///run/docker.sock",
            "http://" + "a" * 64 + ".test/",
            "http://good.test/" + "a" * 9000,
        ],
    )
    def test_a_url_two_readers_could_read_differently_is_refused(self, url: str) -> None:
        with pytest.raises(Forbidden):
            parse_target(url)

    @pytest.mark.parametrize(
        ("url", "address"),
        [
            ("http://127.0.0.1/", "127.0.0.1"),
            ("http://127.0.0.1./", "127.0.0.1"),
            ("http://１２７.０.０.１/", "127.0.0.1"),  # noqa: RUF001
            ("http://127。0。0。1/", "127.0.0.1"),
            ("http://①②⑦.0.0.1/", "127.0.0.1"),
            ("http://[::FFFF:127.0.0.1]/", "::ffff:127.0.0.1"),
            ("http://[0:0:0:0:0:0:0:1]:81/", "::1"),
            ("HTTP://good.test@127.0.0.1/", "127.0.0.1"),
        ],
    )
    def test_an_address_in_disguise_is_seen_as_one(self, url: str, address: str) -> None:
        assert parse_target(url).address == ip_address(address)

    @pytest.mark.parametrize(
        ("url", "text"),
        [
            ("http://Good.TEST.", "http://good.test/"),
            ("https://good.test:443/a?b=c#d", "https://good.test/a?b=c"),
            ("http://good.test:8080?x=1", "http://good.test:8080/?x=1"),
            ("http://münchen.test/ü ?q=ü", "http://xn--mnchen-3ya.test/%C3%BC%20?q=%C3%BC"),
            ("http://good.test/live/u%2Bs/p+w/1.ts?sig=a%7Eb%2f", "http://good.test/live/u%2Bs/p+w/1.ts?sig=a%7Eb%2f"),
            ("http://good.test/100%", "http://good.test/100%25"),
            ("http://u:p%40@good.test/", "http://good.test/"),
            ("http://_srv.good_host.test/", "http://_srv.good_host.test/"),
            ("  http://good.test/\n", "http://good.test/"),
        ],
    )
    def test_an_honest_one_arrives_as_it_was_meant(self, url: str, text: str) -> None:
        target = parse_target(url)
        assert target.text == text
        assert str(target.url) == text

    def test_user_and_password_become_a_header(self) -> None:
        assert parse_target("http://u:p%40@good.test/").basic == "Basic dTpwQA=="

    @given(st.text(max_size=60))
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        for url in (text, "http://" + text, "http://good.test" + text):
            try:
                target = parse_target(url)
            except Forbidden:
                continue
            assert target.url.raw_host == target.host
            assert target.url.port == target.port

    def test_a_bare_host_compares_with_that_of_a_url(self) -> None:
        assert host_of("http://NAS.local.:9000/list.m3u") == host_of("nas.local") == "nas.local"


class TestARedirect:
    @pytest.mark.parametrize(
        ("location", "text"),
        [
            ("/b", "http://good.test/b"),
            ("b?x", "http://good.test/a/b?x"),
            ("//other.test/b", "http://other.test/b"),
            ("https://other.test", "https://other.test/"),
        ],
    )
    def test_leads_where_its_text_says(self, location: str, text: str) -> None:
        assert follow(parse_target("http://good.test/a/"), location).text == text

    @pytest.mark.parametrize(
        "location", ["file:///etc/passwd", "\\\\evil.test", "/\\evil.test", "http://[::1", "ftp://x.test"]
    )
    def test_to_something_odd_is_refused(self, location: str) -> None:
        with pytest.raises(Forbidden):
            follow(parse_target("http://good.test/a/"), location)


def test_every_reach_has_an_address() -> None:
    seen = {reach_of(ip_address(text)) for text in PUBLIC + PRIVATE + LOOPBACK + NEVER}
    assert seen == set(Reach)
