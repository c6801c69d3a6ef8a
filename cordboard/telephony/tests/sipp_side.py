"""The far side of a trunk, played by sipp: scenarios put together from steps, run as a server that our calls come to."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from cordboard.telephony.tests.media_house import until
from cordboard.telephony.tests.switch_house import LOCAL, free_port

_labels = itertools.count()
_BODY = """
      v=0
      o=sipp 1 {version} IN IP[local_ip_type] [local_ip]
      s=-
      c=IN IP[media_ip_type] [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 0 101
      a=rtpmap:0 PCMU/8000
      a=rtpmap:101 telephone-event/8000
      a={direction}
"""


def _body(direction: str, version: int = 1) -> str:
    return _BODY.format(direction=direction, version=version) if direction else "\n"


def _message(lines: list[str], sdp: str, version: int = 1) -> str:
    kind = ["Content-Type: application/sdp"] if sdp else []
    head = "\n".join(f"      {line}" for line in [*lines, *kind, "Content-Length: [len]"])
    return f"<![CDATA[\n{head}\n{_body(sdp, version)}\n]]>"


def hears(method: str, *, checks: dict[str, str] | None = None, auth: str = "", optional: bool = False) -> str:
    """A request must come. `checks`: header (without colon; "line" for the request line) and the pattern in it; `auth`: user:password that it must prove."""
    actions = [
        '<ereg regexp=".*" search_in="hdr" header="From:" assign_to="caller"/>' if method == "INVITE" else "",
        '<ereg regexp=".*" search_in="hdr" header="Via:" assign_to="via"/>' if method == "INVITE" else "",
        '<ereg regexp="sip:[^&gt;]*" search_in="hdr" header="Contact:" assign_to="target"/>' if method == "INVITE" else "",
    ]
    for at, (name, pattern) in enumerate((checks or {}).items()):
        found = f"checked{at}{method}"
        where = 'search_in="msg"' if name == "line" else f'search_in="hdr" header="{name}:"'
        actions.append(f'<ereg regexp="{pattern}" {where} check_it="true" assign_to="{found}"/><log message="[${found}]"/>')
    if auth:
        user, _, password = auth.partition(":")
        actions.append(f'<verifyauth assign_to="proved" username="{user}" password="{password}"/>')
    label = f"on{next(_labels)}"
    after = f'<nop hide="true" test="proved" next="{label}"/><nop><action><error message="not proved"/></action></nop><label id="{label}"/>' if auth else ""
    flag = ' optional="true"' if optional else ""
    return f'<recv request="{method}"{flag}><action>{"".join(actions)}</action></recv>{after}'


def says(
    status: int, *lines: str, sdp: str = "", first: bool = False, tag: str = "far", contact: str = "<sip:far@[local_ip]:[local_port]>", retrans: bool = False
) -> str:
    """An answer to the last request. `first`: the To has no tag yet."""
    to = f"[last_To:];tag={tag}" if first else "[last_To:]"
    head = [f"SIP/2.0 {status} Said", "[last_Via:]", "[last_From:]", to, "[last_Call-ID:]", "[last_CSeq:]", f"Contact: {contact}", *lines]
    repeat = ' retrans="500"' if retrans else ""
    return f"<send{repeat}>{_message(head, sdp)}</send>"


def asks(method: str, seq: int, *lines: str, sdp: str = "", version: int = 1, tag: str = "far", fragment: str = "") -> str:
    """A request of the far side within the call."""
    head = [
        f"{method} [$target] SIP/2.0",
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
        f"From: <sip:far@[local_ip]:[local_port]>;tag={tag}",
        "To: [$caller]",
        "[last_Call-ID:]",
        f"CSeq: {seq} {method}",
        "Max-Forwards: 70",
        "Contact: <sip:far@[local_ip]:[local_port]>",
        *lines,
    ]
    repeat = "" if method == "ACK" else ' retrans="500"'
    text = _message([*head, "Content-Type: message/sipfrag"], "").replace("\n\n\n]]>", f"\n\n{fragment}\n]]>") if fragment else _message(head, sdp, version)
    return f"<send{repeat}>{text}</send>"


def gets(status: int, *, optional: bool = False, pattern: str = "") -> str:
    flag = ' optional="true"' if optional else ""
    action = f'<action><ereg regexp="{pattern}" search_in="msg" check_it="true" assign_to="got"/><log message="[$got]"/></action>' if pattern else ""
    return f'<recv response="{status}"{flag}>{action}</recv>'


def waits(seconds: float) -> str:
    return f'<pause milliseconds="{round(seconds * 1000)}"/>'


BYE = hears("BYE") + says(200)


@dataclass
class FarSide:
    """A sipp that answers; `port` is where. `complaint` tells what did not go as written."""

    port: int
    program: asyncio.subprocess.Process
    folder: Path
    status: int | None = None
    lines: list[str] = field(default_factory=list)

    async def done(self, seconds: float = 20.0) -> str:
        """What it complained of, "" when all went as written."""
        self.status = await asyncio.wait_for(self.program.wait(), seconds)
        errors = self.folder / "errors"
        return "" if self.status == 0 else f"{self.status} {errors.read_text(errors='replace')[-3000:] if errors.exists() else ''}"


@contextlib.asynccontextmanager
async def far_side(
    *steps: str, calls: int = 1, port: int = 0, transport: str = "u1", seconds: float = 25.0, options: tuple[str, ...] = ()
) -> AsyncIterator[FarSide]:
    port = port or free_port()
    names = ",".join(sorted(set(re.findall(r'assign_to="(\w+)"', "".join(steps)))))
    known = f'<Reference variables="{names}"/>' if names else ""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="far">{"".join(steps)}{known}</scenario>\n'
    with tempfile.TemporaryDirectory(prefix="sipp") as name:
        folder = Path(name)
        (folder / "far.xml").write_text(text)
        program = await asyncio.create_subprocess_exec(
            "sipp", "-sf", str(folder / "far.xml"), "-m", str(calls), "-i", LOCAL, "-p", str(port), "-mp", str(free_port() & ~1), "-t", transport,
            "-nostdin", "-trace_err", "-error_file", str(folder / "errors"), "-timeout", f"{seconds:.0f}", "-timeout_error", "-skip_rlimit", *options,
            cwd=folder, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        await until(lambda: _bound(port, transport, program))
        try:
            yield FarSide(port, program, folder)
        finally:
            if program.returncode is None:
                program.kill()
                await program.wait()


def _bound(port: int, transport: str, program: asyncio.subprocess.Process) -> bool:
    """Does it listen by now (or has it died)? Read from the kernel's table: asking would be a message. A TCP connection of somebody else may have
    the same number, so only our transport's sockets count, and by their own side."""
    table, state = ("udp", "07") if transport.startswith("u") else ("tcp", "0A")
    sockets = [line.split() for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    return program.returncode is not None or any(own.endswith(f":{port:04X}") and now == state for _, own, _, now, *_ in sockets)
