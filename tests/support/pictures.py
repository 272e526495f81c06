"""Pictures for tests: what a camera and a drawing program would write."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image


def a_photo(width: int = 1600, height: int = 1000) -> Image.Image:
    """Give soft colours in no order: what a photograph is to a compressor."""
    rough = Image.effect_noise((width // 4, height // 4), 90).resize((width, height))
    slope = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", (rough, slope, slope.rotate(180)))


def written(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Give an image as a file of that kind."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
