"""Pillow as the server has it: Ultralytics, which other tests import, replaces `Image.open` for a whole process."""

import sys

import pytest
from PIL import Image


@pytest.fixture(autouse=True)
def pillow_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives `Image.open` back for the test."""
    patches = sys.modules.get("ultralytics.utils.patches")
    if patches is not None:
        monkeypatch.setattr(Image, "open", patches._image_open)
