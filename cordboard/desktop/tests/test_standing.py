"""What all readers of a language share is rendered once: never in another's language, never with another's values."""

from __future__ import annotations

import json
import re

from django.utils import translation

from cordboard.desktop.templatetags.cb import icon, standing, words_block
from cordboard.desktop.words import words


def test_each_reader_has_the_own_language() -> None:
    for language in ("en", "nl", "ru", "th", "zh-hans", "nl", "en"):
        with translation.override(language):
            shown = re.search(r">(.*)</script>", words_block())
            assert shown is not None
            assert json.loads(shown[1]) == words()
            assert translation.gettext("Keyboard shortcuts") in standing("desktop/parts/shortcuts.html")
            assert translation.gettext("Find or do anything") in standing("desktop/parts/palette.html")


def test_values_that_shape_a_part_are_told_apart() -> None:
    for tone in ("soft", "classic", "off", "soft"):
        chosen = re.findall(r'value="(\w+)" checked', standing("desktop/parts/sound.html", ring_tone=tone))
        assert chosen == [tone]
    assert "cb-i-18" in icon("phone", 18)
    assert "cb-i-18" not in icon("phone")
    assert 'aria-label="a &lt;b&gt;"' in icon("phone", label="a <b>")
    assert "aria-label" not in icon("phone")
