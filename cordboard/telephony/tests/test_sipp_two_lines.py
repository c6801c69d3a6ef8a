"""A desk telephone with two lines that is not ours: sipp registers, answers, presses hold, dials a colleague on the other line, and presses transfer.

REFER with Replaces (RFC 3515, RFC 3891) from one dialogue of a telephone about another of the same telephone, over real sockets.
"""

from __future__ import annotations

from pathlib import Path

from cordboard.telephony import driver as contract
from cordboard.telephony.driver import TransferProgress, TransferStep
from cordboard.telephony.handsets import PhoneDials, PhoneRegistered
from cordboard.telephony.tests.media_house import in_loop
from cordboard.telephony.tests.sipp_side import asks, far_side, gets, hears, says, waits
from cordboard.telephony.tests.switch_house import free_port, sipp
from cordboard.telephony.tests.test_driver_phones import Caller, house, ring

OTHER = "line2///[call_id]"
"""sipp takes what stands behind the slashes for the call's own, so one scenario has both lines."""

OPTIONS = ("-auth_uri", "desk8@cordboard", "-default_behaviors", "all,-bye,-abortunexp")
"""What we send again is not unexpected: sipp, with NOTIFY and BYE in one batch, overlooks the second."""

BODY = """
      v=0
      o=desk7 1 1 IN IP4 [local_ip]
      s=-
      c=IN IP4 [media_ip]
      t=0 0
      m=audio [media_port] RTP/AVP 0 101
      a=rtpmap:0 PCMU/8000
      a=rtpmap:101 telephone-event/8000
      a=sendrecv
"""


def dials(number: str, seq: int, *lines: str) -> str:
    """INVITE on the second line, and its ACK with `ack`."""
    head = [
        f"INVITE sip:{number}@cordboard SIP/2.0",
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
        "From: <sip:desk7@cordboard>;tag=second",
        f"To: <sip:{number}@cordboard>",
        f"Call-ID: {OTHER}",
        f"CSeq: {seq} INVITE",
        "Max-Forwards: 70",
        "Contact: <sip:desk7@[local_ip]:[local_port]>",
        *lines,
        "Content-Type: application/sdp",
        "Content-Length: [len]",
    ]
    return '<send retrans="500"><![CDATA[\n' + "\n".join(f"      {line}" for line in head) + f"\n{BODY}\n]]></send>"


def acknowledges(number: str, seq: int) -> str:
    head = [
        f"ACK sip:{number}@cordboard SIP/2.0",
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
        "From: <sip:desk7@cordboard>;tag=second",
        "[last_To:]",
        f"Call-ID: {OTHER}",
        f"CSeq: {seq} ACK",
        "Max-Forwards: 70",
        "Content-Length: 0",
    ]
    return "<send><![CDATA[\n" + "\n".join(f"      {line}" for line in head) + "\n\n]]></send>"


def answers_the_rest() -> str:
    """NOTIFYs of how the transfer goes and the end of both lines, in whatever order they come."""
    count = '<action><add assign_to="ended" value="1"/><test assign_to="enough" variable="ended" compare="equal" value="2"/></action>'
    return (
        '<nop><action><assign assign_to="ended" value="0"/></action></nop><label id="rest"/>'
        '<recv request="NOTIFY" optional="true" next="told"/><recv request="BYE" next="bye"/>'
        f'<label id="told"/>{says(200)}<nop next="rest"/>'
        f'<label id="bye"/>{says(200)}<nop>{count}</nop><nop test="enough" next="over"/><nop next="rest"/><label id="over"/>'
    )


PICKS_UP = hears("INVITE") + says(180, first=True) + says(200, sdp="sendrecv", first=True, retrans=True) + hears("ACK")
HOLDS = asks("INVITE", 1, sdp="sendonly", version=2) + gets(100, optional=True) + gets(200) + asks("ACK", 1)
TAKES_BACK = asks("INVITE", 2, sdp="sendrecv", version=3) + gets(100, optional=True) + gets(200) + asks("ACK", 2)
ASKS_A_COLLEAGUE = (
    dials("desk8", 1)
    + gets(100, optional=True)
    + '<recv response="407" auth="true"/>'
    + acknowledges("desk8", 1)
    + dials("desk8", 2, "[authentication username=desk7 password=kettle]")
    + gets(100, optional=True)
    + gets(180, optional=True)
    + '<recv response="200"><action><ereg regexp="tag=([^;]*)" search_in="hdr" header="To:" assign_to="whole,theirs"/><log message="[$whole]"/></action></recv>'
    + acknowledges("desk8", 2)
)


def transfers(seq: int, tag: str = "[$theirs]") -> str:
    refer_to = f"Refer-To: <sip:desk8@cordboard?Replaces=line2%2F%2F%2F[call_id]%3Bto-tag%3D{tag}%3Bfrom-tag%3Dsecond>"
    return asks("REFER", seq, refer_to, "Referred-By: <sip:desk7@cordboard>").replace(
        "[last_Call-ID:]", "Call-ID: [call_id]"
    )  # what came last is of the other line


@in_loop
async def test_sipp_transfers_between_its_two_lines(tmp_path: Path) -> None:
    port = free_port()
    steps = (PICKS_UP, waits(0.5), HOLDS, ASKS_A_COLLEAGUE, waits(0.3), transfers(2), gets(202), answers_the_rest())
    async with house(tmp_path, "desk7", "desk8", sip_digests=("MD5", "SHA-256")) as here:
        assert await sipp("register", here.sip_port, options=("-p", str(port), "-au", "desk7", "-ap", "kettle"), account="desk7") == (0, "")
        await here.event(PhoneRegistered)
        caller = Caller(here, tmp_path)
        call, customer = await caller.up()
        async with far_side(*steps, port=port, options=OPTIONS) as desk:
            await ring(here, call)
            await here.event(contract.LegUp, leg="desk")
            await here.do(contract.Bridge(call, (customer, "desk")))
            held = await here.event(contract.LegHeld, leg="desk")
            assert held.held

            asked = await here.event(PhoneDials)
            assert (asked.call, asked.beside, asked.number) == (call, "desk", "desk8")
            await here.do(contract.Answer(asked.leg))
            await here.event(contract.LegUp, leg=asked.leg)

            wish = await here.event(contract.TransferRequested)
            assert {wish.leg, wish.replaces} == {"desk", asked.leg}, "both lines are this telephone's own"
            await here.do(TransferProgress("desk", TransferStep.ACCEPTED))
            for leg in ("desk", asked.leg):
                await here.do(contract.HangUp(leg))
                await here.event(contract.LegEnded, leg=leg)
            assert await desk.done() == ""
        await caller.gone()


@in_loop
async def test_sipp_names_a_line_that_is_none(tmp_path: Path) -> None:
    """The owner hears that it is none of the telephone's own, refuses, and the call goes on."""
    port = free_port()
    takes_back = TAKES_BACK.replace("CSeq: 2 ", "CSeq: 3 ")
    steps = (PICKS_UP, waits(0.3), HOLDS, transfers(2, "nobodys"), gets(603), takes_back, hears("BYE"), says(200))
    async with house(tmp_path, sip_digests=("MD5", "SHA-256")) as here:
        assert await sipp("register", here.sip_port, options=("-p", str(port), "-au", "desk7", "-ap", "kettle"), account="desk7") == (0, "")
        await here.event(PhoneRegistered)
        caller = Caller(here, tmp_path)
        call, _customer = await caller.up()
        async with far_side(*steps, port=port) as desk:
            await ring(here, call)
            await here.event(contract.LegUp, leg="desk")
            await here.event(contract.LegHeld, leg="desk", held=True)
            wish = await here.event(contract.TransferRequested)
            assert wish.leg == "desk"
            assert wish.replaces
            assert wish.replaces not in here.driver.board.legs
            await here.do(TransferProgress("desk", TransferStep.REFUSED))
            await here.event(contract.LegHeld, leg="desk", held=False)
            await here.do(contract.HangUp("desk"))
            assert await desk.done() == ""
        await caller.gone()
