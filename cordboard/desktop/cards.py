"""What the desktop's templates show, as plain values. `presenters.py` fills them from the packages' queries, `showcase.py` with samples.

Texts are complete and in the reader's language; templates only place them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cordboard.desktop.telephone import Button, Phase


@dataclass(frozen=True, slots=True)
class StateCard:
    """An agent state: `code` picks the sign (ready, offered, talking, wrapup, notready, break, offline), `words` says it."""

    code: str
    words: str
    since: datetime | None = None
    over_since: datetime | None = None
    """The time that was meant for this state ended then."""


@dataclass(frozen=True, slots=True)
class StateChoice:
    """One line of the state menu. `values` is what is posted, as JSON."""

    words: str = ""
    state: str = ""
    url: str = ""
    values: str = "{}"
    current: bool = False
    pending: bool = False
    key: str = ""
    note: str = ""
    line: bool = False


@dataclass(frozen=True, slots=True)
class ToolButton:
    """A telephone button with the address that a press posts to ("" when the page itself acts)."""

    button: Button
    url: str = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.button, name)


@dataclass(frozen=True, slots=True)
class QueueLine:
    id: int
    name: str
    words: str
    longest_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else in the call: a colleague, or a number outside with what it costs whom."""

    name: str
    state: str
    note: str = ""
    remove_url: str = ""


@dataclass(frozen=True, slots=True)
class Comm:
    """Communication information of the selected call."""

    from_shown: str
    dialled: str
    dialled_name: str
    clock_words: str
    clock_since: datetime | None
    waited_seconds: float | None
    recording: bool = False
    offer_until: datetime | None = None
    why_url: str = ""
    number: str = ""
    """Of the customer (E.164); "" is withheld."""
    outbound: bool = False
    """We called: `from_shown` is the number that they see, whose owner pays."""
    private: str = ""
    """That nothing is recorded just now, in words."""
    private_url: str = ""
    """Where the recording is paused, or goes on."""
    card_url: str = ""
    """Where the customer is sent to key card data, or taken back."""
    keying: bool = False
    """They key it now."""
    others: tuple[Other, ...] = ()
    """Who else is in it, and in which state."""


@dataclass(frozen=True, slots=True)
class Rejection:
    words: str
    key: str
    url: str


@dataclass(frozen=True, slots=True)
class Telephone:
    """Toolbar and communication information."""

    phase: Phase
    state: StateCard
    choices: tuple[StateChoice, ...]
    buttons: tuple[ToolButton, ...]
    you: str
    topics: tuple[str, ...]
    queues: tuple[QueueLine, ...] = ()
    comm: Comm | None = None
    segment: int | None = None
    interaction: int | None = None
    auto_answer: bool = False
    dial_at: datetime | None = None
    """A callback that is looked at is dialled by itself then."""
    over_words: str = ""
    """The reminder that the time of the present state is over, until the agent has seen it."""
    seen_url: str = ""
    out_words: str = ""
    """That a manager has signed the agent out: who and when."""
    back_url: str = ""
    rejections: tuple[Rejection, ...] = ()
    """Reasons to reject with, while it rings."""
    keys: str = "123456789*0#"
    allowed: frozenset[str] = frozenset()
    """The acts that the call allows, as verbs (`telephone.allowed`)."""
    more: tuple[ToolButton, ...] = ()
    """The menu behind the buttons."""


@dataclass(frozen=True, slots=True)
class OpenTab:
    interaction: int
    url: str
    icon: str
    who: str
    selected: bool
    what: str = ""
    meta: str = ""
    since: datetime | None = None
    live: bool = False
    warn: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value. `changed` says who changed it in the course of this contact; `wide` gives way at 1024, where one that is `under_name`
    stands under the name instead."""

    label: str
    value: str
    kind: str = ""
    changed: str = ""
    wide: bool = False
    under_name: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    party: int
    name: str
    line: str
    url: str
    segment: str = ""
    icon: str = "user"


@dataclass(frozen=True, slots=True)
class Account:
    """Account information. `kind`: known, several (on one number), unknown."""

    kind: str
    name: str
    number_line: str = ""
    number: str = ""
    """Of whoever calls and is not known (E.164)."""
    segment: str = ""
    segment_code: str = ""
    confirmed: bool = False
    identity: str = ""
    who: str = ""
    who_icon: str = "user"
    facts: tuple[Fact, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    confirm_url: str = ""
    clear_url: str = ""
    behalf_url: str = ""
    check_url: str = ""
    find_url: str = ""
    create_url: str = ""
    tags: tuple[Any, ...] = ()
    """presenters.tags.TagChip"""


@dataclass(frozen=True, slots=True)
class AlertCard:
    """`offer_words` on the button that does what it offers; "" when it only says something. A required one cannot be put away."""

    kind: str
    kind_words: str
    icon: str
    strong: str
    text: str
    dismiss_url: str
    why: str = ""
    offer_words: str = ""
    follow_url: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Greeting:
    title: str
    note: str
    say: str
    lang: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Into:
    """A place that the note can be put into: a tab of the work area (with the note in its form) or something done at once."""

    name: str
    icon: str
    url: str
    tab: str = ""


@dataclass(frozen=True, slots=True)
class Pad:
    """The scratch pad. `key` names it in the browser's own store: it stays the same for the same agent and interaction."""

    text: str
    revision: int
    save_url: str
    key: str
    about: str
    kept_at: datetime | None = None
    into: tuple[Into, ...] = ()
    find_url: str = ""


@dataclass(frozen=True, slots=True)
class WorkTab:
    code: str
    name: str
    url: str
    selected: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class WorkAction:
    name: str
    icon: str
    url: str
    tab: str


@dataclass(frozen=True, slots=True)
class Consult:
    """What the work area says over its pages; with `url`, what can be done about it at once."""

    title: str
    line: str
    warn: bool = False
    act: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Idle:
    title: str
    line: str
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """The stage of the desk. `panel` is the work area's own data, shown by `panel_template`."""

    title: str
    fragments_url: str
    own_topics: tuple[str, ...]
    topics: tuple[str, ...]
    tab: str
    work_tabs: tuple[WorkTab, ...]
    panel_template: str
    panel: dict[str, Any]
    idle: Idle
    pad: Pad
    interaction: int | None = None
    tabs: tuple[OpenTab, ...] = ()
    account: Account | None = None
    alerts: tuple[AlertCard, ...] = ()
    greeting: Greeting | None = None
    consult: Consult | None = None
    work_actions: tuple[WorkAction, ...] = ()
    offer_from: datetime | None = None
    offer_until: datetime | None = None
    offered: str = ""
    """What is offered: callback, message, or "" for a call."""


@dataclass(frozen=True, slots=True)
class NavItem:
    code: str
    icon: str
    name: str
    url: str
    current: bool = False
    count: int | None = None
    also: str = ""
    """Beginnings of other addresses that lie in it."""
    more: bool = False
    """In the menu at the end of the bar."""


@dataclass(frozen=True, slots=True)
class Mode:
    """One way of listening in. `values` is what is posted, as JSON."""

    code: str
    words: str
    note: str
    values: str
    current: bool


@dataclass(frozen=True, slots=True)
class Listening:
    """The bar of one who may listen in; empty while nobody is listened to. `alone`: there is no telephone bar that says how the telephone stands."""

    topics: tuple[str, ...]
    alone: bool
    interaction: int | None = None
    agent: str = ""
    customer: str = ""
    since: datetime | None = None
    url: str = ""
    stop_url: str = ""
    modes: tuple[Mode, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """What the shell needs besides the stage."""

    now: datetime
    live_url: str
    cursor: str
    topics: tuple[str, ...]
    ring_tone: str
    softphone: str
    telephone: Telephone | None
    listening: Listening | None = None


@dataclass(frozen=True, slots=True)
class Shortcut:
    keys: str
    words: str


@dataclass(frozen=True, slots=True)
class ShortcutGroup:
    name: str
    shortcuts: tuple[Shortcut, ...] = field(default=())
