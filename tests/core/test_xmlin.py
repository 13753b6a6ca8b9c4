"""XML as providers send it, and as attackers would."""

import gzip
import random
import time
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from polycast.core.errors import TooLarge
from polycast.core.xmlin import LIMITS, BadXml, Element, XmlReader, read_xml

DATA = Path(__file__).parents[3] / "shared" / "data" / "iptv"
MIB = 1024 * 1024


def records(data: bytes, *names: str, cuts: list[int] | None = None, **options) -> tuple[list[Element], XmlReader]:
    """All records of `data`, fed in pieces that end at `cuts`."""
    found: list[Element] = []
    reader = XmlReader(names or ("p",), found.append, **options)
    edges = [0, *sorted(cuts or []), len(data)]
    reader.read(data[start:end] for start, end in pairwise(edges))
    return found, reader


def text(element: Element) -> str:
    return f"<{element.name}{''.join(f' {n}={quoteattr(v)}' for n, v in element.attributes.items())}>" + (
        escape(element.text) + "".join(map(text, element.children)) + f"</{element.name}>"
    )


NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,8}", fullmatch=True)
# What XML can carry: no carriage return (read as a line end), no white space alone (told apart from layout by nobody).
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=30).map(
    lambda found: found if found.strip() else ""
)
TREES = st.recursive(
    st.builds(Element, NAMES, st.dictionaries(NAMES, TEXTS, max_size=3), TEXTS),
    lambda inner: st.builds(
        Element, NAMES, st.dictionaries(NAMES, TEXTS, max_size=3), TEXTS, st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=12,
)


class TestAWellFormedDocument:
    @given(TREES)
    def test_comes_back_as_it_was_written(self, tree: Element) -> None:
        assert read_xml(text(tree).encode()) == tree

    def test_gives_its_records_with_where_they_begin(self) -> None:
        data = (
            b'<?xml version="1.0"?><!DOCTYPE tv SYSTEM "xmltv.dtd"><tv gen="x">\n<p a="1"><t>One</t></p> <q/><p/></tv>'
        )
        places: list[int] = []
        found: list[Element] = []
        reader = XmlReader(["p"], lambda got: (found.append(got), places.append(reader.record_position)))
        reader.read([data])
        assert found == [Element("p", {"a": "1"}, "", [Element("t", {}, "One")]), Element("p", {})]
        assert places == [data.index(b"<p a"), data.index(b"<p/>")]
        assert reader.root == Element("tv", {"gen": "x"})

    def test_joins_text_around_children(self) -> None:
        assert read_xml(b"<d>a<b>x</b>b<b/> <i/>c</d>").text == "abc"

    def test_passes_over_records_nobody_wants(self) -> None:
        data = b'<tv><p n="1"><t>a</t></p><p n="2"><t>b<u/></t></p><p n="3"/></tv>'
        found, _ = records(data, wants=lambda name, attributes: attributes["n"] != "2")
        assert [got.attributes["n"] for got in found] == ["1", "3"]

    def test_keeps_namespaces_when_asked(self) -> None:
        tree = read_xml(
            b'<D:propfind xmlns:D="DAV:" xmlns="urn:x"><D:prop/><y/><z xmlns=""/></D:propfind>', namespaces=True
        )
        assert [tree.name, *(child.name for child in tree.children)] == [
            "{DAV:}propfind",
            "{DAV:}prop",
            "{urn:x}y",
            "z",
        ]

    def test_has_an_easy_way_to_its_parts(self) -> None:
        tree = read_xml(b"<a><b> 1 </b><b>2</b></a>")
        assert (tree.text_of("b"), tree.text_of("c"), len(tree.all("b")), tree.find("c")) == ("1", "", 2, None)


class TestWhatGuidesHold:
    @pytest.mark.parametrize(
        ("inside", "meant"),
        [
            (b"caf&eacute;&nbsp;&hellip;&Uuml;", "café\xa0…Ü"),
            (b"&amp;&lt;&gt;&quot;&apos;&#39;&#xe9;&#x1F600;&#XE9;", "&<>\"''é\U0001f600é"),
            (b"AT&T & Co && &; &#; &#x; &unknown; &nbsp", "AT&T & Co && &; &#; &#x; &unknown; &nbsp"),
            (b"&#0;&#1;&#xD800;&#xFFFF;&#99999999;", "\ufffd" * 5),
            (b"<![CDATA[a & b &nbsp; <i> ]]]]><![CDATA[>]]> & &nbsp;", "a & b &nbsp; <i> ]]> & \xa0"),
            (b"a\x00b\x01c\x1fd\x7f", "a b c d\x7f"),
            (b"\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd", "\ufffd\ufffd\ufffd"),
            ("Käse 日本 \U0001f600".encode(), "Käse 日本 \U0001f600"),
            (b"K\xe4se \x80 \xe2\x82 \xff \xf0\x9f\x98", "Käse € â‚ ÿ ðŸ˜"),  # noqa: RUF001
            (b"&notin;&nGt;", "∉≫⃒"),
            (b"<!-- & &nbsp; -->x", "x"),
        ],
    )
    def test_arrives_as_it_was_meant_however_it_is_cut(self, inside: bytes, meant: str) -> None:
        data = (
            b"<tv><p><t a='"
            + inside.replace(b"<", b"&lt;").replace(b"'", b"&apos;")
            + b"'>"
            + inside
            + b"</t></p></tv>"
        )
        whole, _ = records(data)
        assert whole[0].children[0].text == meant
        for cut in range(len(data)):
            assert records(data, cuts=[cut])[0] == whole
        assert records(data, cuts=list(range(len(data))))[0] == whole

    @pytest.mark.parametrize(
        ("declared", "codec"),
        [
            ("utf-8", "utf-8"),
            ("UTF8", "utf-8"),
            ("iso-8859-1", "cp1252"),
            ("windows-1251", "cp1251"),
            ("windows-1252", "cp1252"),
            ("ISO-8859-9", "iso8859-9"),
            ("gbk", "gbk"),
            ("Shift_JIS", "shift_jis"),
            ("no-such-thing", "utf-8"),
            ("zip", "utf-8"),
            ("utf-16", "utf-8"),
        ],
    )
    def test_may_be_in_any_declared_encoding(self, declared: str, codec: str) -> None:
        word = {"cp1251": "Привет", "gbk": "你好", "shift_jis": "こんにちは"}.get(codec, "Käse")
        data = f'<?xml version="1.0" encoding="{declared}"?><tv><p>{word}</p></tv>'.encode(codec)
        assert records(data)[0][0].text == word
        assert records(data, cuts=list(range(len(data))))[0][0].text == word

    @pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
    def test_may_be_in_wide_encodings(self, codec: str) -> None:
        data = "<tv><p>日本 &nbsp;\U0001f600</p></tv>".encode(codec)
        assert records(data)[0][0].text == "日本 \xa0\U0001f600"
        assert records(data, cuts=list(range(len(data))))[0][0].text == "日本 \xa0\U0001f600"

    @given(st.binary(max_size=300), st.randoms(use_true_random=False))
    def test_may_be_any_bytes_at_all(self, data: bytes, chance: random.Random) -> None:
        document = b"<tv><p>" + data + b"</p><p>after</p></tv>"
        outcomes = []
        for cuts in ([], [chance.randrange(len(document)) for _ in range(9)]):
            try:
                found, reader = records(document, cuts=cuts, is_lenient=True)
                outcomes.append((found, reader.warnings))
            except (BadXml, TooLarge) as error:
                outcomes.append((str(error), []))
        assert outcomes[0] == outcomes[1]


class TestABrokenPlace:
    def test_stops_a_strict_reader_with_its_position(self) -> None:
        data = b"<tv><p>a</p><p><t>b</p></tv>"
        with pytest.raises(BadXml) as caught:
            records(data)
        assert caught.value.position == data.index(b"</p></tv>") + 2
        assert "line 1" in caught.value.message

    @pytest.mark.parametrize(
        "broken",
        [
            b"<p><t>b</p>",
            b"<p a=1>b</p>",
            b"<p a='1' a='2'/>",
            b"<p>a < b</p>",
            b"</x>",
            b"<p <",
            b"<p><![CDATA[x</p>]]></q></p>",
            b"<p><t>b</tv>",
        ],
    )
    def test_costs_a_lenient_reader_that_record_alone(self, broken: bytes) -> None:
        data = b"<tv><d><p>1</p>" + broken + b"<p>2</p><p>3</p></d></tv>"
        for cuts in ([], list(range(len(data))), [17, 20, 30]):
            found, reader = records(data, cuts=cuts, is_lenient=True)
            assert found[0].text == "1"
            assert [got.text for got in found][-2:] == ["2", "3"]
            assert reader.warnings
            assert reader.record_position == data.index(b"<p>3")

    def test_at_the_end_is_a_warning(self) -> None:
        data = b"<tv><p>1</p><p>2</p><p>3"
        found, reader = records(data, is_lenient=True)
        assert [got.text for got in found] == ["1", "2"]
        assert [(warning.position, warning.text) for warning in reader.warnings] == [
            (len(data), "The document ends too early.")
        ]
        with pytest.raises(BadXml):
            records(data)

    def test_two_documents_in_one_are_read_both(self) -> None:
        found, reader = records(b"<tv><p>1</p></tv>\n<?xml version='1.0'?><tv><p>2</p></tv>", is_lenient=True)
        assert [got.text for got in found] == ["1", "2"]
        assert len(reader.warnings) == 1

    @pytest.mark.parametrize("data", [b"", b"   ", b"#EXTM3U\n", b"\x1f\x8b\x08\0", b"{}", b"<!DOCTYPE html"])
    def test_what_is_no_xml_is_refused_by_both(self, data: bytes) -> None:
        for is_lenient in (False, True):
            with pytest.raises(BadXml):
                records(data, is_lenient=is_lenient)

    def test_too_many_are_given_up_on(self) -> None:
        with pytest.raises(BadXml):
            records(b"<tv>" + b"<p></x>" * 1100 + b"</tv>", is_lenient=True)


LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))


class TestAnAttack:
    @pytest.mark.parametrize(
        "subset",
        [
            b'<!ENTITY l0 "lol">' + LAUGHS,
            b'<!ENTITY a "' + b"x" * 100_000 + b'">',
            b'<!ENTITY x SYSTEM "file:///etc/passwd">',
            b'<!ENTITY x SYSTEM "http://127.0.0.1:1/">',
            b'<!ENTITY % p SYSTEM "http://127.0.0.1:1/"> %p;',
            b'<!ENTITY % p "x">',
            b"<!ELEMENT tv ANY>",
            b'<!ATTLIST p a CDATA "default">',
            b"",
        ],
    )
    def test_with_declarations_is_refused(self, subset: bytes) -> None:
        data = b"<!DOCTYPE tv [" + subset + b"]><tv><p>&l9;&a;&x;</p></tv>"
        for is_lenient in (False, True):
            with pytest.raises((BadXml, TooLarge)):
                records(data, is_lenient=is_lenient)

    @pytest.mark.parametrize(
        "doctype",
        [
            b'<!DOCTYPE tv SYSTEM "http://127.0.0.1:1/x.dtd">',
            b'<!DOCTYPE nzb PUBLIC "-//newzBin//DTD NZB 1.1//EN" "http://www.newzbin.com/DTD/nzb/nzb-1.1.dtd">',
            b"<!DOCTYPE tv>",
        ],
    )
    def test_a_plain_document_type_is_harmless_and_loads_nothing(self, doctype: bytes) -> None:
        assert records(doctype + b"<tv><p>&x;</p></tv>")[0][0].text == "&x;"

    def test_xinclude_is_refused(self) -> None:
        with pytest.raises(BadXml):
            records(b'<tv xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd"/></tv>')

    @pytest.mark.parametrize(
        "data",
        [
            b"<a>" * 65 + b"</a>" * 65,
            b"<tv><p>" + b"<a>" * 63 + b"</a>" * 63 + b"</p></tv>",
            b"<tv><p>" + b"x" * (MIB + 40_000) + b"</p></tv>",
            b"<tv>" + b"x" * (MIB + 40_000) + b"</tv>",
            b"<tv><p " + b" ".join(b'a%d=""' % n for n in range(257)) + b"/></tv>",
            b'<tv><p a="' + b"x" * 100_000 + b'"/></tv>',
            b"<tv><p><" + b"x" * 300 + b"/></p></tv>",
            b"<tv><p " + b"x" * 300 + b'=""/></tv>',
            b"<tv><p>" + b"".join(b"<a%d/>" % n for n in range(10_001)) + b"</p></tv>",
            b"<tv><p>" + b"<a>xxxxxxxxxx</a>" * 400_000 + b"</p></tv>",
            b"<tv><!--" + b"x" * (MIB + 40_000) + b"--></tv>",
            b"<tv " + b"x" * 70_000,
        ],
    )
    def test_that_is_too_large_in_some_way_is_refused(self, data: bytes) -> None:
        for is_lenient in (False, True):
            with pytest.raises(TooLarge):
                records(data, is_lenient=is_lenient)

    @pytest.mark.parametrize(
        "data",
        [
            b"<tv><p>" + b"<a>" * 62 + b"</a>" * 62 + b"</p></tv>",
            b"<tv><p>" + b"x" * (MIB - 10) + b"</p></tv>",
            b"<tv><p " + b" ".join(b'a%d=""' % n for n in range(256)) + b"/></tv>",
            b'<tv><p a="' + b"x" * 65_000 + b'"/></tv>',
            b"<tv><!--" + b"x" * 900_000 + b"--></tv>",
        ],
    )
    def test_that_is_just_large_enough_passes(self, data: bytes) -> None:
        records(data)

    @pytest.mark.parametrize(
        "unit",
        [b"x<a/>", b"&", b"&nbsp;", b"]", b"<![CDATA[]]>", b"<![CDATA[&]]>", b"\xe2", b"&#x110000;", b"<a b=''/>"],
    )
    def test_repeated_for_a_mebibyte_costs_less_than_a_second(self, unit: bytes) -> None:
        limits = replace(LIMITS, text_bytes=8 * MIB, record_bytes=8 * MIB)
        data = b"<tv><p>" + unit * (MIB // len(unit)) + b"</p></tv>"
        start = time.process_time()
        records(data, limits=limits)
        assert time.process_time() - start < 1

    def test_a_long_guide_takes_no_more_memory_than_a_short_one(self) -> None:
        line = b'<p start="20261121"><t lang="en">Title &amp; more</t><d>' + b"words " * 50 + b"</d></p>\n"

        def pieces(count: int) -> Iterator[bytes]:
            yield b"<tv>"
            for _ in range(count):
                yield line * 100
            yield b"</tv>"

        counts: list[int] = []
        reader = XmlReader(["p"], lambda got: counts.append(1) if not counts else None)
        tracemalloc.start()
        reader.read(pieces(300))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 2 * MIB


@pytest.mark.needs_data
@pytest.mark.skipif(not DATA.is_dir(), reason="shared data is absent")
class TestARealGuide:
    @pytest.mark.parametrize(("name", "channels", "programmes"), [("nz.xml.gz", 45, 5510), ("pluto-gb.xml.gz", 0, 0)])
    def test_is_read_the_same_in_a_hundred_ways_of_cutting(self, name: str, channels: int, programmes: int) -> None:
        data = gzip.decompress((DATA / name).read_bytes())
        whole, reader = records(data, "channel", "programme")
        assert not reader.warnings
        assert data.count(b"<programme ") == sum(got.name == "programme" for got in whole)
        assert data.count(b"<channel ") == sum(got.name == "channel" for got in whole)
        if programmes:
            assert len(whole) == channels + programmes
        part = data[:200_000]
        expected = records(part, "channel", "programme", is_lenient=True)[0]
        chance = random.Random(1)
        for _ in range(100):
            cuts = [chance.randrange(len(part)) for _ in range(chance.randrange(1, 30))]
            assert records(part, "channel", "programme", cuts=cuts, is_lenient=True)[0] == expected
