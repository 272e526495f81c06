"""Conversion of foreign pictures."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from digest.errors import FeedError
from digest.models import Picture, PictureUse
from digest.readers.pages.picture import MAX_BYTES, make_pictures
from tests.support.figures import examples
from tests.support.pictures import a_photo, written

pytestmark = pytest.mark.slow

URL = "https://harbour.example/ferry.jpg"


def made(body: bytes) -> dict[str, Picture]:
    return {picture.use.value: picture for picture in make_pictures(body, URL)}


def opened(picture: Picture) -> Image.Image:
    image: Image.Image = Image.open(io.BytesIO(picture.content))
    return image


def bomb(width: int, height: int) -> bytes:
    """Return a white PNG that is a small file."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compressobj()
    row = b"\0" + b"\xff" * ((width + 7) // 8)
    data = b"".join(rows.compress(row) for _ in range(height)) + rows.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.quick
def test_a_photo_becomes_a_lead_and_a_thumb() -> None:
    pictures = made(written(a_photo()))
    assert {use: (p.media_type, p.width, p.height) for use, p in pictures.items()} == {
        "lead": ("image/jpeg", 1200, 600),
        "thumb": ("image/jpeg", 320, 240),
    }
    for picture in pictures.values():
        assert opened(picture).size == (picture.width, picture.height)
        assert len(picture.content) <= MAX_BYTES


@pytest.mark.parametrize(
    ("size", "lead", "thumb"),
    [
        ((900, 700), (900, 450), (320, 240)),  # never enlarged
        ((5000, 700), (1200, 600), (320, 240)),
        ((600, 3000), (600, 300), (320, 240)),
        ((479, 400), None, (320, 240)),  # blurred at the top
        ((2000, 200), None, (266, 199)),
        ((200, 200), None, (200, 150)),
        ((160, 120), None, (160, 120)),
    ],
)
def test_small_pictures_stay_small(
    size: tuple[int, int], lead: tuple[int, int] | None, thumb: tuple[int, int]
) -> None:
    sizes = {use: (p.width, p.height) for use, p in made(written(a_photo(*size))).items()}
    assert sizes == ({"lead": lead} if lead else {}) | {"thumb": thumb}


@pytest.mark.quick
@pytest.mark.parametrize("size", [(159, 120), (900, 60), (16, 16), (1, 1)])
def test_a_picture_smaller_than_its_place_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(FeedError, match="too small to be shown"):
        make_pictures(written(Image.new("RGB", size), "PNG"), URL)


@pytest.mark.quick
def test_a_large_drawing_is_made_smaller_before_it_is_cut() -> None:
    drawing = Image.new("RGB", (2400, 2400), "#c02020")
    lead = opened(made(written(drawing, "PNG"))["lead"])
    assert (lead.size, lead.convert("RGB").getpixel((5, 5))) == ((1200, 600), (192, 32, 32))


@pytest.mark.quick
def test_noise_is_made_small_enough_by_less_quality() -> None:
    noise = Image.merge("RGB", [Image.effect_noise((1300, 700), 200) for _ in range(3)])
    lead = made(written(noise, quality=95))["lead"]
    assert len(lead.content) <= MAX_BYTES
    assert opened(lead).size == (lead.width, lead.height) == (600, 300)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_the_kinds_that_pages_use_are_read(kind: str) -> None:
    assert set(made(written(a_photo(700, 400), kind))) == {"lead", "thumb"}


def test_a_large_photo_is_read() -> None:
    assert set(made(written(Image.new("RGB", (7000, 5000), "navy")))) == {"lead", "thumb"}


@pytest.mark.quick
def test_drawings_keep_their_lines() -> None:
    drawing = Image.new("RGB", (800, 600), "white")
    drawing.paste("navy", (200, 100, 400, 500))
    lead = made(written(drawing, "PNG"))["lead"]
    assert lead.media_type == "image/png"
    assert opened(lead).convert("RGB").getpixel((300, 200)) == (0, 0, 128)


def test_a_drawing_with_much_noise_becomes_a_photo() -> None:
    dotted = a_photo(1400, 800).quantize(60)
    assert made(written(dotted, "PNG"))["lead"].media_type == "image/jpeg"


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_transparent_parts_become_white(kind: str) -> None:
    clear = Image.new("RGBA", (600, 400), (0, 0, 0, 0))
    clear.paste((200, 0, 0, 255), (0, 0, 150, 400))
    body = written(clear, kind, **({"lossless": True} if kind == "WEBP" else {}))
    lead = opened(made(body)["lead"])
    assert "transparency" not in lead.info
    assert lead.convert("RGB").getpixel((500, 150)) == (255, 255, 255)
    assert lead.convert("RGB").getpixel((20, 150)) == (200, 0, 0)


@pytest.mark.parametrize("size", [(800, 600), (4000, 3000)])
def test_pictures_are_upright_and_without_camera_data(size: tuple[int, int]) -> None:
    lying = Image.new("RGB", size, "white")
    lying.paste("red", (0, 0, size[0] // 2, size[1]))
    notes = Image.Exif()
    notes[0x0112] = 6  # turned a quarter to the left
    notes[0x010F] = "Camera of Anna"
    notes.get_ifd(0x8825)[1] = "N"  # where it was taken
    body = written(lying, exif=notes, comment=b"Anna's own words", icc_profile=b"Anna's profile")
    thumb = made(body)["thumb"]
    # Red was on the left, so it is at the top now.
    pixel = opened(thumb).convert("RGB").getpixel((112, 5))
    assert isinstance(pixel, tuple)
    assert (pixel[0] > 200, pixel[2] < 60) == (True, True)
    assert b"Anna" not in thumb.content
    assert not opened(thumb).getexif()
    assert {"comment", "icc_profile"}.isdisjoint(opened(thumb).info)


def test_of_an_animation_the_first_frame_is_shown() -> None:
    frames = [Image.new("RGB", (300, 200), colour) for colour in ("navy", "red", "green")]
    body = written(frames[0], "GIF", save_all=True, append_images=frames[1:])
    thumb = opened(made(body)["thumb"])
    assert getattr(thumb, "n_frames", 1) == 1
    assert thumb.convert("RGB").getpixel((50, 50)) == (0, 0, 128)


@pytest.mark.quick
@pytest.mark.parametrize(
    ("image", "kind", "shown"),
    [
        (Image.new("CMYK", (400, 300), (0, 255, 255, 0)), "JPEG", (255, 0, 0)),
        (Image.new("I;16", (400, 300), 0x8000), "PNG", (128, 128, 128)),
        (Image.new("L", (400, 300), 90), "JPEG", (90, 90, 90)),
        (Image.new("LA", (400, 300), (90, 255)), "PNG", (90, 90, 90)),
        (Image.new("1", (400, 300), 1), "PNG", (255, 255, 255)),
    ],
    ids=["print colours", "16 bits", "grey", "grey with alpha", "one bit"],
)  # fmt: skip
def test_every_colour_mode_is_shown_correctly(
    image: Image.Image, kind: str, shown: tuple[int, ...]
) -> None:
    pixel = opened(made(written(image, kind))["thumb"]).convert("RGB").getpixel((60, 60))
    assert isinstance(pixel, tuple)
    assert all(abs(a - b) <= 2 for a, b in zip(pixel, shown, strict=True))


def test_an_upright_picture_keeps_what_is_above_its_middle() -> None:
    portrait = Image.new("RGB", (600, 1200), "white")
    portrait.paste("red", (0, 300, 600, 400))
    lead = opened(made(written(portrait))["lead"])
    assert lead.convert("RGB").getpixel((300, 80)) != (255, 255, 255)


_PHOTO = written(a_photo(800, 500))


@pytest.mark.quick
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (bomb(30_000, 30_000), "has too many pixels"),
        (bomb(10_000, 10_000), "has too many pixels"),
        (bomb(5_000, 5_000), "has too many pixels"),
        (_PHOTO[: len(_PHOTO) // 2], "damaged picture"),
        (written(a_photo(800, 500), "PNG")[:3000], "damaged picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='900' height='900'/>", "not a JPEG"),
        (b"<!doctype html><html><body>Sign in</body></html>", "not a JPEG"),
        (b"", "not a JPEG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 900 900\n", "not a JPEG"),
        (b"%PDF-1.7\n", "not a JPEG"),
        (written(a_photo(800, 500), "TIFF"), "not a JPEG"),
        (written(a_photo(800, 500), "BMP"), "not a JPEG"),
    ],
    ids=["bomb", "large", "too large", "half a JPEG", "half a PNG", "SVG", "page", "nothing",
         "PostScript", "PDF", "TIFF", "BMP"],
)  # fmt: skip
def test_hostile_and_foreign_bytes_are_refused(body: bytes, reason: str) -> None:
    with pytest.raises(FeedError, match=reason) as caught:
        make_pictures(body, URL)
    assert (caught.value.url, caught.value.transient) == (URL, False)
    assert "\n" not in str(caught.value)


_SEEDS = [written(a_photo(240, 180), kind) for kind in ("JPEG", "PNG", "GIF", "WEBP", "AVIF")] + [
    b"",
    b"\x89PNG\r\n\x1a\n",
    b"GIF89a",
    b"RIFF\0\0\0\0WEBPVP8X",
    b"\xff\xd8\xff\xe1",
]


@examples(150)
@given(
    st.sampled_from(_SEEDS),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=12),
    st.binary(max_size=40),
    st.floats(0, 1),
)
def test_any_bytes_give_pictures_or_a_refusal(
    seed: bytes, changes: list[tuple[float, int]], tail: bytes, kept: float
) -> None:
    body = bytearray(seed[: int(len(seed) * kept) + 1])
    for place, value in changes:
        if body:
            body[int(place * len(body))] = value
    pictures: tuple[Picture, ...] = ()
    with contextlib.suppress(FeedError):
        pictures = make_pictures(bytes(body) + tail, URL)
    assert {picture.use for picture in pictures} <= set(PictureUse)
    assert all(len(picture.content) <= MAX_BYTES for picture in pictures)
