"""`cordboard prompt`: give an announcement a recorded voice."""

from __future__ import annotations

import sys
from pathlib import Path


def upload(code: str, language: str, file: str, text: str, by: str) -> int:
    """Keep a WAV as the voice of an announcement. Exit code 0 when it is kept."""
    import django

    django.setup()
    from django.core.exceptions import PermissionDenied

    from cordboard.channels.voice.actions_sound import BadPrompt, set_prompt
    from cordboard.org.languages import LANGUAGES
    from cordboard.org.models import User

    user = User.objects.filter(username=by, is_active=True).first()
    if user is None:
        return _refused(f"there is no user {by}")
    if language not in LANGUAGES:
        return _refused(f"{language} is none of {', '.join(LANGUAGES)}")
    try:
        set_prompt(user, code, language, text, Path(file).read_bytes())
    except OSError as problem:
        return _refused(f"{file} cannot be read: {problem.strerror}")
    except (BadPrompt, PermissionDenied) as problem:
        return _refused(str(problem))
    print(f"{code} ({language}) is kept. The next call that comes to it hears it.")
    return 0


def _refused(why: str) -> int:
    print(f"Nothing was changed: {why}", file=sys.stderr)
    return 1
