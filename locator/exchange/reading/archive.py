"""Zip archives and XML from outside: looked through before anything is unpacked or parsed."""

from __future__ import annotations

import codecs
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any
from xml.parsers import expat

from locator.exchange.reading.limits import Limits, Refusal, refused

__all__ = ["feed_xml", "is_archive", "member_name", "open_archive", "refuse_entities", "unpack"]

_CHUNK = 1 << 16
_SMALL = 1_000_000
# What zipfile has been seen to raise at archives with a few bytes changed.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error,
    EOFError, NotImplementedError, OSError, OverflowError, UnicodeError,
)  # fmt: skip
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)[\"']")
_UTF8 = frozenset({"utf-8", "ascii"})
_GB = frozenset({"gb18030", "gbk", "gb2312"})


@contextmanager
def open_archive(path: Path, limits: Limits, members: int) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive whose list of contents is harmless; what is read of it later is bounded by that list.

    Raises
    ------
    InvalidValue
        It is damaged, locked, too large unpacked, has too many members, or a member that is a link, is packed
        in a rare way or has a name that leads out of the archive.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_members(archive.infolist(), path.stat().st_size, limits, members)
            yield archive
    except _BROKEN as error:
        raise refused(Refusal.ARCHIVE, error=error) from error


def _check_members(infos: list[zipfile.ZipInfo], packed: int, limits: Limits, members: int) -> None:
    if len(infos) > members:
        raise refused(Refusal.MEMBERS, limit=members)
    for info in infos:
        name = info.filename
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or any(c in name for c in "\\:\0"):
            raise refused(Refusal.MEMBER_NAME, member=name)
        # Symbolic links, and all else that is neither a file nor a folder; 0 where no Unix packed it.
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise refused(Refusal.LINK, member=name)
        if info.flag_bits & 0x1:
            raise refused(Refusal.ENCRYPTED)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise refused(Refusal.ARCHIVE, error=f"compression {info.compress_type}")
    # zipfile gives no more of a member than its stated size, so that the sum of these is what can come out.
    expanded = sum(info.file_size for info in infos)
    if expanded > limits.expanded_bytes:
        raise refused(Refusal.EXPANDED, limit=limits.expanded_bytes)
    if expanded > max(_SMALL, limits.expansion * packed):
        raise refused(Refusal.EXPANSION, limit=limits.expansion)


def unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    """Write a member to a file of our own naming."""
    with archive.open(info) as member, target.open("wb") as file:
        while chunk := member.read(_CHUNK):
            file.write(chunk)


def is_archive(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    """Whether a member is itself an archive, by its content."""
    with archive.open(info) as member:
        return member.read(8).startswith(_ARCHIVES)


def member_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name; Chinese Windows writes it in GBK and does not say so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename


def refuse_entities(file: IO[bytes]) -> None:
    """Refuse XML that defines anything; what is no XML passes, for its parser to say so."""
    head = file.read(_CHUNK)
    if not head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<"):
        return
    parser = expat.ParserCreate()
    _refuse_definitions(parser)
    try:
        while head:
            parser.Parse(head)
            head = file.read(_CHUNK)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise refused(Refusal.XML, error=error) from error


def feed_xml(
    file: IO[bytes],
    *,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Parse XML in UTF-8 or GB18030, piece by piece; element names come without their namespace.

    Raises
    ------
    InvalidValue
        It is no XML, in another encoding, or defines a document type or entities.
    """
    parser = expat.ParserCreate("UTF-8", " ")
    parser.buffer_text = True
    _refuse_definitions(parser)
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(" ")[2], attributes)
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition(" ")[2])
    parser.CharacterDataHandler = text
    try:
        for chunk in _utf8_chunks(file):
            parser.Parse(chunk)
        parser.Parse(b"", True)
    except (expat.ExpatError, UnicodeError) as error:
        raise refused(Refusal.XML, error=error) from error


def _utf8_chunks(file: IO[bytes]) -> Iterator[bytes]:
    chunk = file.read(_CHUNK)
    declared = _DECLARED.match(chunk.removeprefix(codecs.BOM_UTF8))
    name = declared[1].decode() if declared else "utf-8"
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        encoding = ""
    if encoding not in _UTF8 | _GB:
        raise refused(Refusal.XML, error=f"encoding {name}")
    decoder = codecs.getincrementaldecoder("gb18030")() if encoding in _GB else None
    while chunk:
        yield decoder.decode(chunk).encode() if decoder else chunk
        chunk = file.read(_CHUNK)


def _refuse_definitions(parser: Any) -> None:  # noqa: ANN401 - expat's parser type has no public name
    def refuse(*_: object) -> None:
        raise refused(Refusal.DOCTYPE)

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
