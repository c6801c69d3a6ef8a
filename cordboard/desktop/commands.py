"""The acts of pages: what the palette (Ctrl K) calls them, which other words find them, and the key of each. The one register of them: a page declares an act on the
button, link or form that does it (`{% command "take" %}`), the list of shortcuts shows the keys, and islands/src/desk/commands.ts presses what stands there. So
nothing is offered that is not on the page, or that the reader may not do.

A key is a letter, by itself: it does something only while nobody types. Letters are those of the key's place where the keyboard writes another script. What has
`anywhere` too is also done while somebody types.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Command:
    code: str
    words: Words
    key: str = ""
    """As aria-keyshortcuts has it: "T", "Shift+H", "#". Empty: in the palette alone."""
    also: Words = ""
    """Other words that people look for it by."""
    anywhere: str = ""
    """Does the same also while somebody types: "Alt+R"."""

    @property
    def keys_shown(self) -> str:
        return ", ".join(one.replace("+", " ") for one in (self.key, self.anywhere) if one)


TICKET = (
    Command("reply", _("Write a reply"), "R", _("answer mail customer public")),
    Command("note", _("Write an internal note"), "N", _("comment colleagues private")),
    Command("received", _("Write down what the customer said"), "", _("answer received")),
    Command("write", _("To the text that is being written"), "", _("draft editor"), "Alt+R"),
    Command("states", _("Change the state"), "S", _("status move")),
    Command("state", pgettext_lazy("of a ticket", "State"), "", _("status move close reopen")),
    Command("wait", pgettext_lazy("of a ticket", "State"), "", _("status snooze hold pending")),
    Command("done", _("Resolve it"), "D", _("status done solve close finish")),
    Command("take", _("Take it"), "T", _("assign owner mine me")),
    Command("give", _("Give it to somebody"), "G", _("assign owner hand colleague position")),
    Command("follow", _("Follow it, or no longer"), "W", _("watch subscribe star")),
    Command("change", _("Change the ticket"), "E", _("edit fields title kind product reason"), "Alt+E"),
    Command("priority", _("Change the priority"), "P", _("urgent edit")),
    Command("next-act", _("Do the next of the six acts"), "A", _("step"), "Alt+A"),
    Command("level-on", _("Send it on to the next level"), "H", _("escalate support technician hand on")),
    Command("level-back", _("Hand it back"), "Shift+H", _("escalate level return")),
    Command("merge", _("Merge into another ticket"), "M", _("duplicate combine join")),
    Command("tie", _("Tie to another ticket"), "L", _("link parent related duplicate cause")),
    Command("split", _("Split off another ticket"), "X", _("separate cut")),
    Command("tag", _("Add tags"), "#", _("label word")),
    Command("check-add", _("Add to the checklist"), "I", _("item to do")),
    Command("task", _("New task"), "", _("to do")),
    Command("visit", _("Book a visit"), "V", _("appointment technician calendar")),
    Command("order", _("New service order"), "O", _("repair visit parts")),
    Command("case", _("Open a case"), "F", _("folder file")),
    Command("case-in", _("Put it into a case"), "", _("folder file")),
    Command("goodwill", _("Give something"), "", _("refund voucher compensation")),
    Command("solution", _("Write down what solved it"), "", _("measure knowledge")),
    Command("incident", _("Tie to a mass incident"), "", _("outage link cause")),
    Command("harm", _("Weigh the harm again"), "", _("complaint severity score")),
    Command("decide", _("Take or change the proposal"), "", _("complaint measure handler deadline")),
    Command("hand", _("Hand it to the head of a department"), "", _("complaint unit")),
    Command("answer", _("Tell the customer what was decided"), "", _("complaint result")),
    Command("rate", _("Write down the customer's rating"), "", _("complaint satisfaction survey")),
)

TRAIL = (
    Command("after", _("Next of the list"), "J"),
    Command("before", _("Previous of the list"), "K"),
    Command("list", _("Back to the list"), "U"),
)

LISTS = (Command("new", pgettext_lazy("a key of lists", "New one"), "N", _("add open create")),)

WORK = (
    Command("take-ticked", _("Take what is ticked"), "", _("assign mine")),
    Command("release-ticked", _("Release what is ticked"), "", _("give back")),
    Command("give-ticked", _("Give what is ticked to somebody"), "G", _("assign hand colleague")),
)

PAGES = (
    Command("add", _("Put something in"), "", _("case document file add")),
    Command("add-note", _("Add a note"), "N", _("comment")),
    Command("add-file", _("Add a file"), "", _("document attach upload")),
    Command("add-person", _("Give somebody a part"), "", _("person colleague")),
    Command("close", _("Close the case"), "", _("end finish summary")),
    Command("access", _("Say who may see it"), "", _("rights access")),
    Command("add-line", _("Add a part or time"), "I", _("line material work travel")),
    Command("report", _("Write down what was done"), "R", _("report")),
    Command("plan", _("Plan it without a calendar"), "", _("technician when")),
    Command("back", _("Say why it is not as planned"), "", _("cancel put off again")),
    Command("move", _("Move it"), "M", _("time date when other person")),
    Command("cancel", _("Cancel it"), "", _("drop")),
    Command("happened", _("Say that it is done"), "D", _("done finish")),
    Command("no-show", _("Say that nobody was there"), "", _("missed")),
    Command("dropped", _("Say that it is not needed"), "", _("drop cancel")),
    Command("earlier", _("Earlier days"), "K", _("previous week day")),
    Command("later", _("Later days"), "J", _("next week day")),
    Command("today", _("Today"), "T"),
    Command("day", _("Choose a day"), "G", _("date go to")),
)

COMMANDS = {one.code: one for one in (*TICKET, *TRAIL, *LISTS, *WORK, *PAGES)}


def attributes(code: str, words: Any = "", menu: str = "") -> SafeString:
    """What declares the act on the element that does it: a button or link is pressed; of a form, a field or a `<summary>` the first field gets the focus. `words`: what it
    is called here, where that is not the register's; `menu`: code of the act that offers this one among others. Raises KeyError."""
    return _attributes(COMMANDS[code], str(words), menu, translation.get_language() or "en")


@lru_cache(maxsize=2000)
def _attributes(command: Command, words: str, menu: str, _language: str) -> SafeString:
    keys = " ".join(one for one in (command.key, command.anywhere) if one)
    return format_html(
        'data-command="{}" data-command-words="{}"{}{}{}',
        command.code,
        words or command.words,
        format_html(' data-command-also="{}"', command.also) if command.also else "",
        format_html(' aria-keyshortcuts="{}"', keys) if keys else "",
        format_html(' data-command-of="{}"', menu) if menu else "",
    )
