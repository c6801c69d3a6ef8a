"""The part of the driver contract about telephones of ours: desk telephones that register with the switch, on which agents may work.

An account is reached as ``Endpoint(EndpointKind.PHONE, account)``: all telephones registered for it ring, and the first to answer has the call.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phone:
    """`digests`: of the secret, by algorithm (see `sip.digest.ha1`); the secret itself is not kept. `name` is shown to those whom it calls."""

    account: str
    digests: tuple[tuple[str, str], ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class PhoneContact:
    """One telephone that is registered. `until` in seconds since the epoch; `q` from 0 to 1; `memo` is what the driver must know to go on with it."""

    address: str
    until: float
    q: float
    agent: str
    memo: str


@dataclass(frozen=True, slots=True)
class SetPhones:
    """A command: these are our telephones from now on. `registered` are contacts that were kept, for a switch that has just been started; those
    of accounts that the switch knows better are passed over."""

    phones: tuple[Phone, ...]
    registered: tuple[tuple[str, PhoneContact], ...] = ()


@dataclass(frozen=True, slots=True)
class PhoneKept:
    """A command: what :class:`PhoneRegistered` told with this `serial` is kept, so the telephone may hear that it is registered."""

    serial: int


@dataclass(frozen=True, slots=True)
class PhoneDials:
    """An event: a telephone that is in a call of ours, on its leg `beside`, calls `number` on another of its lines. `leg` is that line, and belongs to the same call;
    like the leg of a call that is offered it gets Answer or Reject within 10 s."""

    call: str
    leg: str
    beside: str
    number: str


@dataclass(frozen=True, slots=True)
class PhoneRegistered:
    """An event: these are the account's telephones now, none when it has none any more. :class:`PhoneKept` is expected."""

    account: str
    serial: int
    contacts: tuple[PhoneContact, ...]
