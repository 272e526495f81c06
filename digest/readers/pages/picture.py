"""A stranger's picture becomes the ones that mails show: cut, shrunk, and nothing else in them.

The one place that knows Pillow. Whatever the bytes are, the result is pictures or a `FeedError`;
it runs in a worker process, whose memory is limited.
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

#: A drawing larger than any screen. Decoding takes 330 MB at worst, of a WebP of 34 bytes too.
MAX_PIXELS = 20_000_000
#: A photograph of a good camera. Most JPEG is decoded at a part of its size.
MAX_JPEG_PIXELS = 40_000_000
_TOO_LARGE = "more pixels than are read"
#: Of one made picture: a mail of twenty loads on a telephone, too.
MAX_BYTES = 150_000

#: What is read: no drawings, no print formats, nothing that starts a program.
_FORMATS = tuple(
    plugin.format
    for plugin in (
        JpegImagePlugin.JpegImageFile,
        PngImagePlugin.PngImageFile,
        GifImagePlugin.GifImageFile,
        WebPImagePlugin.WebPImageFile,
        AvifImagePlugin.AvifImageFile,
    )
    # What Pillow was built without is not registered.
    if plugin.format in Image.OPEN
)
#: Modes whose neighbouring pixels can be averaged.
_REDUCIBLE = frozenset({"L", "LA", "RGB", "RGBA", "CMYK"})
_QUALITIES = (85, 78, 70, 60, 50, 40, 30)
#: With more it is a photograph, or a picture in many greys.
_FEW_COLOURS = 64
#: Transparent parts become white, as the paper of the mail is. A dark screen shows them so, too:
#: drawings are made for a light ground, and their black lines would vanish on a dark one.
_GROUND = (255, 255, 255)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """The room that a use has, in pixels of the file: twice of what is shown."""

    width: int
    height: int
    #: What is narrower is not shown there: it would be blurred.
    least: int


_PLACES = {
    # Shown 600 x 300. A fifth may be wanting before it is seen.
    PictureUse.LEAD: _Place(width=1200, height=600, least=480),
    # Shown 112 x 84.
    PictureUse.THUMB: _Place(width=224, height=168, least=112),
}


def make_pictures(body: bytes, url: str) -> tuple[Picture, ...]:
    """Give a picture for each use that it is large enough for; never enlarged, at least one.

    Turned as its camera says, of an animation the first frame, cut to the shape of the place:
    from the middle, of an upright picture from above the middle, where faces are.

    Args:
        body: of any kind.
        url: where it came from, for the message.

    Raises:
        FeedError: it is no picture, a damaged one, or one that is too large or too small.
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
        raise FeedError(url, "no picture of a kind that mails show", transient=False) from error
    except Exception as error:  # a decoder raises what it likes; memory may run out
        said = " ".join(str(error).split())[:120]
        reason = f"a damaged picture ({type(error).__name__}: {said})"
        raise FeedError(url, reason, transient=False) from error
    if not made:
        raise FeedError(url, "smaller than it would be shown", transient=False)
    return made


class _RefusedError(Exception):
    """Not to be decoded."""


def _opened(body: bytes) -> Image.Image:
    """Decode: turned upright, on the ground, in three colours of eight bits."""
    image: Image.Image = Image.open(io.BytesIO(body), formats=_FORMATS)
    if image.width * image.height > (MAX_JPEG_PIXELS if image.format == "JPEG" else MAX_PIXELS):
        raise _RefusedError(_TOO_LARGE)
    # JPEG decodes to an eighth of its size as fast as it is read.
    wanted = _PLACES[PictureUse.LEAD].width
    image.draft("RGB", (wanted, wanted))
    image.load()
    factor = min(image.size) // wanted
    if factor > 1 and image.mode in _REDUCIBLE:
        image = image.reduce(factor)
    ImageOps.exif_transpose(image, in_place=True)
    flat = _flat(_of_eight_bits(image))
    # Pillow writes what it finds here into the new file: comments, profiles, places.
    flat.info = {}
    return flat


def _of_eight_bits(image: Image.Image) -> Image.Image:
    """Scale the grey of 16 bits, which would be cut off at white."""
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
    """Give the largest size in the shape of the place that needs no enlarging."""
    width = min(place.width, image.width, image.height * place.width // place.height)
    return width, max(1, width * place.height // place.width)


def _centre_of(image: Image.Image) -> tuple[float, float]:
    return (0.5, 0.3 if image.height > image.width else 0.5)


def _encoded(image: Image.Image, use: PictureUse, *, is_drawn: bool) -> Picture:
    """Keep the sharp lines of a drawing where that is small, else JPEG as good as fits."""
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
    """Lower the quality step by step; what is too large even then, as noise is, is halved."""
    while True:
        for quality in _QUALITIES:
            written = io.BytesIO()
            image.save(written, "JPEG", quality=quality, optimize=True, progressive=True)
            if written.tell() <= MAX_BYTES:
                return image, written.getvalue()
        image = image.reduce(2)
