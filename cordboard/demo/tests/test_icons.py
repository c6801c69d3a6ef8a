from __future__ import annotations

import json
import re
from pathlib import Path

import cordboard

ROOT = Path(cordboard.__file__).parent


def test_every_product_has_an_icon_of_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="i-([\w-]+)"', (ROOT / "static/cordboard/icons.svg").read_text()))
    asked = set(re.findall(r'"icon": "([\w-]+)"', (ROOT / "demo/data/products.json").read_text()))
    assert json.loads((ROOT / "demo/data/products.json").read_text())
    assert asked
    assert asked <= drawn
