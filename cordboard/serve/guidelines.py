"""`cordboard import-guidelines`: written guidelines for agents as scripts that can be run."""

from __future__ import annotations

import sys
from pathlib import Path


def import_guidelines(file: str, required: str | None, by: str, *, language: str = "en", drafts: bool = False) -> int:
    """Returns the exit code; says what became of each guideline."""
    import django

    django.setup()
    from cordboard.flows.actions import NotGood, Refused
    from cordboard.flows.actions_guidelines import import_guidelines as take_in
    from cordboard.org.models import User

    user = None
    if by:
        user = User.objects.filter(username=by, is_active=True).first()
        if user is None:
            print(f"There is nobody with the user name {by}.", file=sys.stderr)
            return 1
    try:
        content = Path(file).read_bytes()
        actions = Path(required).read_bytes() if required else None
    except OSError as problem:
        print(f"Cannot read {problem.filename}: {problem.strerror}.", file=sys.stderr)
        return 1
    try:
        made = take_in(content, actions, user, language=language, publish=not drafts)
    except NotGood as wrong:
        print(wrong.message, file=sys.stderr)
        for problem in wrong.problems[:20]:
            print(f"  {problem.step}: {problem.message}", file=sys.stderr)
        return 1
    except Refused as refused:
        print(refused.message, file=sys.stderr)
        return 1
    for one in made:
        of = f" ← {one.joined.key}" if one.joined.key else ""
        print(f"{one.came:8} {one.flow.code} (version {one.flow.version}): {one.joined.guideline.flow} / {one.joined.guideline.name}{of}")
    alone = [one.joined.guideline.name for one in made if actions is not None and not one.joined.key]
    if alone:
        print(f"Without required actions in {required}, so their own buttons are required: {', '.join(alone)}.", file=sys.stderr)
    print(f"{len(made)} scripts; {sum(one.came in ('new', 'changed') for one in made)} new or changed.")
    return 0
