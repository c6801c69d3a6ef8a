"""The list of keyboard shortcuts, as shown on `?`: what belongs to the shell and to lists stands here (and in islands/src/desk/keyboard.ts, live/lists.ts,
tickets/list.ts), the acts of pages in commands.py."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cordboard.desktop.cards import Shortcut, ShortcutGroup
from cordboard.desktop.commands import LISTS, PAGES, TICKET, TRAIL, WORK, Command
from cordboard.desktop.telephone import Phase, buttons, more


def _keys(commands: tuple[Command, ...]) -> tuple[Shortcut, ...]:
    return tuple(Shortcut(one.keys_shown, str(one.words)) for one in commands if one.key)


def groups() -> tuple[ShortcutGroup, ...]:
    """Groups in the order of the hand: telephone first."""
    telephone = tuple(Shortcut(button.key_shown, button.label) for button in (*buttons(Phase.TALKING), *more(Phase.TALKING)) if button.key)
    return (
        ShortcutGroup(
            _("Telephone"),
            (
                *telephone,
                Shortcut("Shift F3", _("Reject with a reason")),
                Shortcut("Alt L", _("Call back later")),
                Shortcut("Alt P", _("Play or stop the message")),
                Shortcut("F11", _("Ready or not ready")),
            ),
        ),
        ShortcutGroup(
            _("Moving about"),
            (
                Shortcut("Ctrl K", _("Find or do anything")),
                Shortcut("Ctrl 1 – 9", _("Open interaction 1 to 9")),
                Shortcut("Alt N", _("To the scratch pad")),
                Shortcut("Alt W", _("To the work area")),
                Shortcut("/", _("To the search")),
                Shortcut("?", _("This list")),
                Shortcut("Esc", _("Close what floats, leave a field")),
            ),
        ),
        ShortcutGroup(
            _("Ticket list"),
            (
                Shortcut("J K", _("Next, previous ticket")),
                Shortcut("X", _("Choose it")),
                Shortcut("T", _("Take it")),
                Shortcut("W", _("Follow it")),
                Shortcut("C", _("Change what is chosen")),
                Shortcut("Enter", _("Open it")),
                *_keys(LISTS),
            ),
        ),
        ShortcutGroup(
            _("Ticket"),
            (
                *_keys(TICKET),
                Shortcut("Ctrl Enter", _("Send what was written, or the form one is in")),
                Shortcut("@", _("Name a colleague in a note")),
                Shortcut("/", _("Put in a solution")),
            ),
        ),
        ShortcutGroup(_("What was opened from a list"), _keys(TRAIL)),
        ShortcutGroup(
            _("Work list"),
            (Shortcut("J K", _("Next, previous row")), Shortcut("X", _("Tick it")), Shortcut("T", _("Take it")), Shortcut("R", _("Release it")), *_keys(WORK)),
        ),
        ShortcutGroup(_("Case, visit, service order, calendar"), _keys(PAGES)),
        ShortcutGroup(_("Wrap-up"), (Shortcut("1 – 9", _("Favourite reason 1 to 9")),)),
    )
