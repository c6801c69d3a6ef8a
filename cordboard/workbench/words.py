"""What the workbench says: problems and findings of rules, names of fields, and the words of its island."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

FINDINGS = {
    "never": gettext_noop("Can never hold: its conditions exclude one another."),
    "covered": gettext_noop("Never gets its turn: wherever it would hold, rules above it decide (%(by)s)."),
    "against": gettext_noop("Contradicts %(by)s where both hold: the first of them counts."),
    "ended": gettext_noop("Its dates are over."),
    "not_looked": gettext_noop("Too large to say whether it ever gets its turn."),
}
"""What rules do to one another (rules/findings.py)."""

PROBLEM_WORDS = {
    "is missing": gettext_noop("is missing"),
    "a text is expected": gettext_noop("a text is expected"),
    "a number is expected": gettext_noop("a number is expected"),
    "a whole number is expected": gettext_noop("a whole number is expected"),
    "true or false is expected": gettext_noop("yes or no is expected"),
    "yes or no (true, false) is expected": gettext_noop("yes or no is expected"),
    "one of its choices is expected": gettext_noop("one of its choices is expected"),
    "a date (2026-01-31) is expected": gettext_noop("a date is expected"),
    "a date (2026-01-31) or a moment is expected": gettext_noop("a date is expected"),
    "a moment (2026-01-31T09:00:00+01:00) is expected": gettext_noop("a moment is expected"),
    "a moment with its time zone is expected": gettext_noop("a moment is expected"),
    "a list of texts is expected": gettext_noop("a list of texts is expected"),
    'a duration ("30s", "5m", "2h", "30d") is expected': gettext_noop("a length of time is expected, such as 30s, 5m, 2h or 30d"),
    "an amount of money is expected": gettext_noop("an amount of money is expected"),
    "a list of at least one condition is expected": gettext_noop("a group needs a condition"),
    "not known here": gettext_noop("not known here"),
    "two columns fill the same field": gettext_noop("two columns fill the same field"),
    "there is no such time zone": gettext_noop("there is no such time zone"),
}
"""What the compiler says of bodies, in words for people. What is not here is said as the compiler says it."""


def field_words(name: str) -> str:
    """The name of a field of a rule or policy."""
    names = {
        "name": _("Name"), "note": _("Note"), "enabled": _("In use"), "from": _("From"), "until": _("Until"), "then": _("Afterwards"), "when": _("Conditions"),
        "actions": _("Actions"), "table": _("Decision table"), "mode": _("Which rules decide"), "timezone": _("Time zone"), "parameters": _("Settings"),
        "rules": _("Rules"), "id": _("Id"), "schema": _("Schema"),
    }  # fmt: skip
    return names.get(name.split("[")[0], name)


def island_words() -> dict[str, Any]:
    """What islands/src/workbench says. Keys as in words.ts there."""
    return {
        "saved": _("Saved"), "saving": _("Saving"), "unsaved": _("Not saved"), "stale": _("Somebody else has saved this draft meanwhile."),
        "stale_more": _("Nothing of yours is lost. Choose whose text goes on; the other one stays in the history of this page."),
        "take_theirs": _("Take theirs"), "keep_mine": _("Keep mine"), "by": _("Saved by {who}"), "mine": _("Yours"), "theirs": _("Theirs"),
        "add_rule": _("Rule"), "add_table": _("Decision table"), "new_rule": _("New rule"), "new_table": _("New decision table"),
        "edit": _("Edit {name}"), "close": _("Done"), "up": _("Move {name} up"), "down": _("Move {name} down"), "copy": _("Copy"), "remove": _("Delete"),
        "copy_of": _("Copy of {name}"), "moved": _("{name} is number {number} now."), "removed": _("{name} is deleted. Undo brings it back."),
        "undo": _("Undo"), "redo": _("Redo"), "undone": _("Undone"), "drag": _("Drag {name} to another place"),
        "name": _("Name"), "note": _("Note"), "enabled": _("In use"), "off": _("not in use"), "from": _("From"), "until": _("Until (included)"),
        "when": _("When"), "then": _("Then"), "afterwards": _("Afterwards"), "stop": _("look no further"), "continue": _("look at the rules below too"),
        "always": _("Always. Add a condition to limit it."), "add_action": _("Action"), "action": _("Action"), "remove_action": _("Remove action {number}"),
        "from_fact": _("from a fact"), "fixed": _("a value"), "else": _("or, when not known"), "left_out": _("leave the action out"),
        "mode": _("Which rules decide"), "first": _("The first rule that holds decides"), "all": _("Every rule that holds adds its actions"),
        "new": _("new"), "changed": _("changed"), "moved_sign": _("moved"), "rules": _("Rules"), "text_of": _("{name} in {language}"),
        "condition": _("Condition"), "table": _("Decision table"), "column": _("Column {number}"), "add_input": _("Condition column"), "add_output": _("Action column"),
        "add_row": _("Row"), "remove_row": _("Remove row {number}"), "remove_column": _("Remove column {number}"), "row": _("Row {number}"), "cell": _("{column}, row {number}"),
        "paste": _("Paste rows from a spreadsheet into a cell. Shift and the arrow keys choose cells; Ctrl+D fills them from above, Delete empties them."), "import": _("Import CSV"), "export": _("CSV"),
        "imported": _("{count} rows imported."), "bad_cells": _("{count} cells are not understood. They are marked."), "any": _("any"),
        "not_understood": _("not understood: {expected}"), "yes": _("yes"), "no": _("no"), "to": _("to"), "note_column": _("Note"), "file_too_large": _("The file is larger than 2 MB."),
        "file_no_text": _("This file is no text. Save the table as CSV first."), "filled": _("{count} rows filled from above."), "cancel": _("Cancel"),
        "rows_before": _("Rows before these"), "rows_after": _("Rows after these"), "rows_shown": _("Rows {first} to {last} of {all}"),
        "import_of": _("Import {file}"), "import_count": _("{good} of {all} lines are understood. Nothing has changed yet."), "import_empty": _("There are no rows in this file."),
        "import_unused": _("Columns of the file that are not used: {columns}."), "import_missing": _("Columns that the file does not have, and that stay empty: {columns}."),
        "import_refused": _("Refused lines: {count}. They are left out."), "import_cell": _("Line {line}, {column}: “{text}” is not understood. Expected: {expected}."),
        "import_wide": _("Line {line} has more cells than the table has columns, beginning with “{text}”."),
        "import_most": _("Line {line} is left out: a decision table has at most {expected} rows."), "import_more": _("And {count} more lines."),
        "import_preview": _("The first rows as they would stand in the table"), "import_line": _("Line"), "import_replace": _("Replace all rows with these {count}"),
        "import_add": _("Add these {count} below"),
    }  # fmt: skip
