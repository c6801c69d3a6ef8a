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
        for one in wrong.problems[:20]:
            print(f"  {one.step}: {one.message}", file=sys.stderr)
        return 1
    except Refused as refused:
        print(refused.message, file=sys.stderr)
        return 1
    for each in made:
        of = f" ← {each.joined.key}" if each.joined.key else ""
        print(f"{each.came:8} {each.flow.code} (version {each.flow.version}): {each.joined.guideline.flow} / {each.joined.guideline.name}{of}")
    alone = [each.joined.guideline.name for each in made if actions is not None and not each.joined.key]
    if alone:
        print(f"Without required actions in {required}, so their own buttons are required: {', '.join(alone)}.", file=sys.stderr)
    print(f"{len(made)} scripts; {sum(each.came in ('new', 'changed') for each in made)} new or changed.")
    return 0
