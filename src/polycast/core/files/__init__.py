"""Paths, archives and file answers: the doors `safe_path` and `archive`."""

from polycast.core.files.archive import BadArchive, Entry, ZipReader, ZipWriter, open_zip, write_zip
from polycast.core.files.compressed import Damaged, Growth, gzip_writer, open_compressed, plain_lzma
from polycast.core.files.names import UnsafePath, safe_name, safe_path, segments
from polycast.core.files.ranges import Content, FileAnswer, FileContent, RangeResponse, disposed, open_content
from polycast.core.files.root import Found, Root, walk
from polycast.core.files.spans import Span, Unsatisfiable, parse_range
from polycast.core.files.tar import TarReader, TarWriter, open_tar, write_tar
from polycast.core.files.writing import flush_folder, write_atomic, write_bytes

__all__ = [
    "BadArchive",
    "Content",
    "Damaged",
    "Entry",
    "FileAnswer",
    "FileContent",
    "Found",
    "Growth",
    "RangeResponse",
    "Root",
    "Span",
    "TarReader",
    "TarWriter",
    "UnsafePath",
    "Unsatisfiable",
    "ZipReader",
    "ZipWriter",
    "disposed",
    "flush_folder",
    "gzip_writer",
    "open_compressed",
    "open_content",
    "open_tar",
    "open_zip",
    "parse_range",
    "plain_lzma",
    "safe_name",
    "safe_path",
    "segments",
    "walk",
    "write_atomic",
    "write_bytes",
    "write_tar",
    "write_zip",
]
