"""Makes the pictures for mails from a foreign one: cropped, scaled down and without metadata.

Only this module uses Pillow. For any bytes the result is pictures or a `FeedError`; it runs in a
worker process with limited memory.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from digest.errors import FeedError
from digest.models import Picture, PictureUse

#: More than any screen shows. Decoding takes 330 MB at worst, even for a WebP of 34 bytes.
MAX_PIXELS = 20_000_000
#: A photograph of a good camera. Most JPEG files are decoded at a fraction of their size.
MAX_JPEG_PIXELS = 40_000_000
_TOO_LARGE = "has too many pixels"
#: Size limit of one made picture: a mail with twenty also loads on a telephone.
MAX_BYTES = 150_000

#: Formats that are read: no vector or print formats, and none that starts a program.
_FORMATS = tuple(
    plugin.format
    for plugin in (
        JpegImagePlugin.JpegImageFile,
        PngImagePlugin.PngImageFile,
        GifImagePlugin.GifImageFile,
        WebPImagePlugin.WebPImageFile,
        AvifImagePlugin.AvifImageFile,
    )
    # Formats that Pillow was built without are not registered.
    if plugin.format in Image.OPEN
)
#: Modes in which neighbouring pixels can be averaged.
_REDUCIBLE = frozenset({"L", "LA", "RGB", "RGBA", "CMYK"})
_QUALITIES = (85, 78, 70, 60, 50, 40, 30)
#: A picture with more colours is a photograph or has many greys.
_FEW_COLOURS = 64
#: Transparent parts become white, the background of the mail, also in dark mode: drawings are made
#: for a light background, and their black lines would vanish on a dark one.
_GROUND = (255, 255, 255)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """The size of a use in pixels of the file: twice the size shown."""

    width: int
    height: int
    #: Minimum width; a narrower picture is not used, because it would be blurred.
    least: int


_PLACES = {
    # Shown 600 x 300. A picture may be a fifth smaller before it looks blurred.
    PictureUse.LEAD: _Place(width=1200, height=600, least=480),
    # Shown 160 x 120.
    PictureUse.THUMB: _Place(width=320, height=240, least=160),
}


def make_pictures(body: bytes, url: str) -> tuple[Picture, ...]:
    """Return at least one picture, one for each use that it is large enough for; never enlarged.

    Rotated by its EXIF data, the first frame of an animation, cropped to the shape of the use:
    from the middle, for an upright picture from above the middle, where faces are.

    Args:
        body: any bytes.
        url: the picture's address, for errors.

    Raises:
        FeedError: it is not a picture, or is damaged, too large or too small.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            made = tuple(_made(_opened(body)))
    except _RefusedError as error:
        raise FeedError(url, str(error), transient=False) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FeedError(url, _TOO_LARGE, transient=False) from error
    except UnidentifiedImageError as error:
        raise FeedError(url, "not a JPEG, PNG, GIF, WebP or AVIF", transient=False) from error
    except Exception as error:  # a decoder may raise anything; memory may run out
        said = " ".join(str(error).split())[:120]
        reason = f"a damaged picture ({type(error).__name__}: {said})"
        raise FeedError(url, reason, transient=False) from error
    if not made:
        raise FeedError(url, "too small to be shown", transient=False)
    return made


class _RefusedError(Exception):
    """The picture must not be decoded."""


def _opened(body: bytes) -> Image.Image:
    """Decode a picture: upright, on a white background, RGB with eight bits per channel."""
    image: Image.Image = Image.open(io.BytesIO(body), formats=_FORMATS)
    if image.width * image.height > (MAX_JPEG_PIXELS if image.format == "JPEG" else MAX_PIXELS):
        raise _RefusedError(_TOO_LARGE)
    # JPEG decodes quickly to a fraction of its size, down to an eighth.
    wanted = _PLACES[PictureUse.LEAD].width
    image.draft("RGB", (wanted, wanted))
    image.load()
    factor = min(image.size) // wanted
    if factor > 1 and image.mode in _REDUCIBLE:
        image = image.reduce(factor)
    ImageOps.exif_transpose(image, in_place=True)
    flat = _flat(_of_eight_bits(image))
    # Pillow would write this metadata into the new file: comments, profiles, locations.
    flat.info = {}
    return flat


def _of_eight_bits(image: Image.Image) -> Image.Image:
    """Scale 16-bit grey to 8 bits; a plain conversion would cut it off at white."""
    if image.mode.startswith("I;16"):
        image = image.convert("I")
    if image.mode in {"I", "F"}:
        return image.point(lambda value: value * (1 / 256)).convert("L")
    return image


def _flat(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Image.new("RGB", layer.size, _GROUND)
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground


def _made(image: Image.Image) -> Iterator[Picture]:
    is_drawn = image.getcolors(_FEW_COLOURS) is not None
    for use, place in _PLACES.items():
        width, height = _size_in(place, image)
        if width >= place.least:
            fitted = ImageOps.fit(
                image, (width, height), Image.Resampling.LANCZOS, centering=_centre_of(image)
            )
            yield _encoded(fitted, use, is_drawn=is_drawn)


def _size_in(place: _Place, image: Image.Image) -> tuple[int, int]:
    """Return the largest size with the shape of the use that needs no enlarging."""
    width = min(place.width, image.width, image.height * place.width // place.height)
    return width, max(1, width * place.height // place.width)


def _centre_of(image: Image.Image) -> tuple[float, float]:
    return (0.5, 0.3 if image.height > image.width else 0.5)


def _encoded(image: Image.Image, use: PictureUse, *, is_drawn: bool) -> Picture:
    """Encode a drawing as PNG if that is small enough, else as JPEG as good as the limit allows."""
    content = _png(image) if is_drawn else b""
    if content and len(content) <= MAX_BYTES:
        media_type = "image/png"
    else:
        media_type = "image/jpeg"
        image, content = _jpeg(image)
    return Picture(
        use=use,
        media_type=media_type,
        width=image.width,
        height=image.height,
        content=content,
    )


def _png(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.quantize(256, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return written.getvalue()


def _jpeg(image: Image.Image) -> tuple[Image.Image, bytes]:
    """Encode as JPEG with decreasing quality; halve a picture that is still too large."""
    while True:
        for quality in _QUALITIES:
            written = io.BytesIO()
            image.save(written, "JPEG", quality=quality, optimize=True, progressive=True)
            if written.tell() <= MAX_BYTES:
                return image, written.getvalue()
        image = image.reduce(2)
