"""Makes pictures for the README: the demo's edition, an Arabic one, and the desk, in a browser.

    make pictures

The demo runs first, through the public commands; then the same writer writes its stored edition,
also with larger text. The pictures only show letters that a subscriber could get.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image

from bench.desk_pictures import make_desk_pictures
from digest.app import App
from digest.app.printing import letter_writer_of
from digest.composer.snapshot import edition_from_json
from digest.letter.planning.variants import plan_variant
from digest.letter.printing.opened import open_message
from digest.letter.writer import LetterWriter
from digest.models import Edition
from digest.store import editions
from tests.support.arabic import arabic_edition
from tests.support.browser import Scheme, chromium, part_of, shown

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
MAX_BYTES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture: the letter and the screen."""

    name: str
    width: int
    height: int
    scheme: Scheme = "light"
    text_size: str = "normal"
    is_arabic: bool = False
    #: CSS selector of the element at which it begins; empty for the top of the mail.
    start: str = ""


SHOTS = (
    Shot(name="desktop", width=680, height=1400),
    Shot(name="desktop-sections", width=680, height=1400, start=".rule"),
    Shot(name="phone-light", width=360, height=1400),
    Shot(name="phone-dark", width=360, height=1400, scheme="dark"),
    Shot(name="phone-large-text", width=360, height=1400, text_size="large"),
    Shot(name="phone-arabic", width=360, height=1400, is_arabic=True),
)


def main() -> None:
    """Write every picture and print its size."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        writer, edition = _demo(Path(scratch) / "demo")
        for shot in SHOTS:
            html = _letter(writer, arabic_edition() if shot.is_arabic else edition, shot)
            with shown(browser, html, width=shot.width, scheme=shot.scheme) as page:
                _save(part_of(page, shot.start, height=shot.height), shot.name)
        make_desk_pictures(browser, _save)


def _demo(folder: Path) -> tuple[LetterWriter, Edition]:
    """Run the demo; return its writer and the edition it sent."""
    subprocess.run(
        [sys.executable, "-m", "digest", "demo", "--out", str(folder)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    app = App.load(folder / "config.toml")
    with app.database.read() as connection:
        stored = editions.list_editions(connection)[0]
    return letter_writer_of(app, app.newsletter()), edition_from_json(stored.snapshot)


def _letter(writer: LetterWriter, edition: Edition, shot: Shot) -> str:
    variant = plan_variant(edition, categories=None, since_seq=0, text_size=shot.text_size)
    if variant is None:
        raise LookupError(f"{shot.name}: the edition has no stories")
    pieces = writer.write(edition, variant).pieces
    mail = writer.sample(pieces, "subscriber@example.org", number="1", now=datetime.now(UTC))
    return open_message(mail.content).html


def _save(drawn: bytes, name: str) -> None:
    """Write one picture of at most `MAX_BYTES`, for a README that loads fast; print its size."""
    taken = Image.open(io.BytesIO(drawn)).convert("RGB")
    path = FOLDER / f"{name}.jpg"
    # No chroma subsampling, because it blurs small coloured text such as links.
    taken.save(path, quality=88, subsampling=0, optimize=True, progressive=True)
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ValueError(f"{path}: {size:,} bytes; at most {MAX_BYTES:,}")
    print(f"{name}: {size:,} bytes")


if __name__ == "__main__":
    main()
