"""What a file is by its content: its name is only believed where the content leaves a choice. Pure."""

from __future__ import annotations

import re

HEAD = 4096
"""Bytes that are enough to tell."""
UNKNOWN = "application/octet-stream"

_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!", "application/vnd.rar"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"#!", "text/x-script"),
)
_ZIPPED = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
_WRITTEN = {"csv": "text/csv", "ics": "text/calendar", "eml": "message/rfc822"}
_MARKUP = re.compile(rb"<(!doctype\s+html|html|head|body|script|iframe|svg|\?xml|math|object|embed)\b", re.IGNORECASE)

USUAL = (
    "image/png", "image/jpeg", "image/gif", "image/webp", "image/heic", "image/tiff", "application/pdf", "text/plain", "text/csv", "text/calendar",
    "audio/mpeg", "audio/ogg", "audio/wav", "video/mp4", *_ZIPPED.values(),
)  # fmt: skip
"""Taken where an installation names no others."""


def kind_of(head: bytes, name: str) -> str:
    """The media type of a file that begins with `head` (HEAD bytes are enough) and is called `name`. Markup that a browser would run is told from text; what is none of
    the known ones is UNKNOWN."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if head.startswith(b"RIFF") and head[8:12] in (b"WEBP", b"WAVE"):
        return "image/webp" if head[8:12] == b"WEBP" else "audio/wav"
    if head[4:8] == b"ftyp":
        return "image/heic" if head[8:12] in (b"heic", b"heix", b"mif1", b"hevc") else "video/mp4"
    if head.startswith(b"PK\x03\x04"):
        return _ZIPPED.get(ending, "application/zip")
    for sign, kind in _SIGNS:
        if head.startswith(sign):
            return kind
    return _written(head, ending)


def _written(head: bytes, ending: str) -> str:
    text = head.removeprefix(b"\xef\xbb\xbf")
    if _MARKUP.search(text):
        return "image/svg+xml" if re.search(rb"<svg\b", text, re.IGNORECASE) else "text/html"
    if any(sign < 32 and sign not in (9, 10, 12, 13) for sign in text):
        return UNKNOWN
    for cut in range(4):  # the head may end within a character
        try:
            text[: len(text) - cut].decode()
        except UnicodeDecodeError:
            continue
        return _WRITTEN.get(ending, "text/plain")
    return UNKNOWN


def safe_name(name: str) -> str:
    """A file's name as it may stand in a header and on a disk: its last part, without controls and quotes, at most 120 characters with its ending kept."""
    last = re.split(r"[\\/]", name)[-1]
    last = re.sub(r'[\x00-\x1f\x7f"<>:|?*\u202a-\u202e\u2066-\u2069]', "", last).strip(" .")
    if len(last) > 120:
        stem, dot, ending = last.rpartition(".")
        last = f"{stem[: 110 - len(ending)]}.{ending}" if dot and len(ending) <= 10 else last[:120]
    return last or "file"
