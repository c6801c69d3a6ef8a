"""What goes into a flow and what comes out of it: inputs that a surface reports, effects that it performs.

Effects are performed in order, each after the one before is done (a Say when it has been heard). Those of a later step replace what was not yet
performed of an earlier one: who presses 0 in the middle of a greeting is taken on at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# ---- inputs -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started:
    """The run begins. `values` are the variables that the surface gives (caller.number, hours.open, ...), `language` the customer's if known.
    `timezone` (IANA) is where the time of day counts. `surface`: "ivr", "bot", "script", "survey" or "journey"."""

    values: dict[str, Any] = field(default_factory=dict)
    language: str = ""
    timezone: str = "UTC"
    surface: str = "ivr"


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to an Ask: the keys pressed without the end key, the text typed or the choice's value; a list for several choices. "" when only the end
    key came."""

    value: str | list[str]


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing came within the Ask's time."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a LookUp found, or what came of Perform or CallService: JSON, None for nothing. `failed` says why there is no answer (timeout, refused, ...)."""

    result: Any = None
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """A key pressed outside of any answer. Only the way out to a person means something."""

    key: str


@dataclass(frozen=True, slots=True)
class Done:
    """A Wait is over."""


@dataclass(frozen=True, slots=True)
class HungUp:
    """The customer left."""


@dataclass(frozen=True, slots=True)
class MessageLeft:
    """The customer has left a message of so many seconds of speech; 0 when nothing was said."""

    seconds: float


Input = Started | Answered | NoAnswer | LookedUp | Key | Done | MessageLeft | HungUp

# ---- effects ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say:
    """Say this, in this language. `file` names a prompt that was recorded for it; the text stands in when it is gone."""

    text: str
    language: str
    file: str = ""
    step: str = field(default="", compare=False)
    """Of a script: the step that says it, for the agent to mark as said."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Say the prompt and take an answer. `kind`: as the step's (asking.py): "choice" (one of `keys` on a telephone), "digits", "text", "date", ... Times in
    seconds; `first_timeout` counts from the end of the prompt. A first key among `at_once` is the whole answer. For screens: `options` are (value, label),
    `optional` may be left out, `help` explains, `now` is the answer that stands."""

    step: str
    kind: str
    prompt: tuple[Say, ...]
    keys: str = ""
    min: int = 1
    max: int = 1
    end_key: str = "#"
    first_timeout: float = 6.0
    gap_timeout: float = 3.0
    at_once: str = ""
    options: tuple[tuple[str, str], ...] = ()
    optional: bool = False
    help: str = ""
    now: Any = None


@dataclass(frozen=True, slots=True)
class Instruct:
    """What an agent is to do here, apart from what to say. On a script only."""

    text: str
    language: str
    step: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Show:
    """Show this beside the conversation: what a search found. `what`: "articles", ..."""

    what: str
    items: list[Any]


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask a named look-up (flows/steps.py says which there are) and report LookedUp, within `timeout` seconds."""

    step: str
    name: str
    args: dict[str, Any]
    timeout: float = 2.0


@dataclass(frozen=True, slots=True)
class Perform:
    """Do something in a package's records (make a document, book, send: flows/steps.py says which acts there are) and report LookedUp. Done twice with the
    same `key`, it is one act: a document is changed then, not made again."""

    step: str
    name: str
    args: dict[str, Any]
    key: str
    timeout: float = 5.0


@dataclass(frozen=True, slots=True)
class CallService:
    """Ask a web service that an administrator has allowed, by its code, and report LookedUp with its JSON. Never inside a transaction."""

    step: str
    service: str
    path: str
    body: dict[str, Any] | None = None
    timeout: float = 5.0


@dataclass(frozen=True, slots=True)
class SetContext:
    """Keep a value with the interaction. `by`: "ivr" (keyed or said by the customer), "bot", "agent", "survey", "lookup" or "rule" (the flow itself)."""

    name: str
    value: Any
    by: str


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """Go on in this language."""

    language: str


@dataclass(frozen=True, slots=True)
class Wait:
    """Report Done after so many seconds."""

    step: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Put the customer in a queue, with what is known. The run has ended; the flow's `queue` section says what is heard while waiting."""

    queue: str
    context: dict[str, Any] = field(default_factory=dict)
    priority: int | None = None
    callback: bool = False
    """The customer would rather be called back than wait: asked for as soon as they stand in the queue."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Send the customer to an address outside of this flow (a number, a SIP URI, an agent). The run has ended."""

    to: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """Give the customer to a person, whoever is right by the routing policy. `reason`: "asked" (0), "tries", "error" or the flow's own word."""

    reason: str
    queue: str = ""
    context: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class End:
    """The surface lets go (hangs up, closes the chat) when everything before has been performed."""

    reason: str


@dataclass(frozen=True, slots=True)
class AskSecret:
    """Take keys that nobody may see or keep (a card number): recordings are paused, the keys go to the look-up `use` and nowhere else. Report LookedUp with what it made of
    them, or NoAnswer when nothing came. `clear_key` takes back what was keyed before it."""

    step: str
    prompt: tuple[Say, ...]
    use: str
    min: int = 1
    max: int = 19
    end_key: str = "#"
    first_timeout: float = 10.0
    gap_timeout: float = 5.0
    clear_key: str = "*"


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """Say the prompt and a tone, record what the customer says, and report MessageLeft. For a queue, or for one agent (by username)."""

    step: str
    prompt: tuple[Say, ...]
    queue: str = ""
    agent: str = ""
    seconds: float = 120.0


Effect = (
    Say
    | Ask
    | Instruct
    | Show
    | LookUp
    | Perform
    | CallService
    | SetContext
    | SetLanguage
    | Wait
    | AskSecret
    | TakeMessage
    | Enqueue
    | Transfer
    | HandOver
    | End
)
