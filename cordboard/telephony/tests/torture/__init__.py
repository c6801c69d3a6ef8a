"""The torture test messages of RFC 4475 as octets."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent
NAMES = sorted(path.stem for path in FOLDER.glob("*.txt"))


def read(name: str) -> bytes:
    """A message as it is on the wire, written out from the notation of RFC 4475 section 2."""
    text = (FOLDER / f"{name}.txt").read_text()
    text = re.sub(r"<allOneLine>\n(.*?)</allOneLine>", lambda found: found.group(1).replace("\n", ""), text, flags=re.S)
    text = re.sub(r"<repeat count=(\d+)>(.*?)</repeat>", lambda found: found.group(2) * int(found.group(1)), text, flags=re.S)
    written, plain = b"", re.split(r"<hex>([0-9A-F]+)</hex>", text)
    for at, part in enumerate(plain):
        written += bytes.fromhex(part) if at % 2 else part.encode().replace(b"\n", b"\r\n")
    return written
