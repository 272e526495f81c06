"""Pictures for tests, like those of a camera and of a drawing program."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image


def a_photo(width: int = 1600, height: int = 1000) -> Image.Image:
    """Return soft colours in no order, which compress like a photograph."""
    rough = Image.effect_noise((width // 4, height // 4), 90).resize((width, height))
    slope = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (rough, slope, slope.rotate(180)))


def written(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Return an image as a file of this format."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
