"""The author's numbers stay what they are: powers, indices and formulas as plain text."""

from __future__ import annotations

import pytest

from digest.text.html import clean_html, html_to_text, plain_line
from tests.support.timing import least_seconds


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("10<sup>6</sup>", "10⁶"),
        ("2<sup>10</sup>", "2¹⁰"),
        ("10<sup>-6</sup> m", "10⁻⁶ m"),
        ("H<sub>2</sub>O", "H₂O"),
        ("SO<sub>4</sub><sup>2−</sup>", "SO₄²⁻"),
        ("<sup>14</sup>C", "¹⁴C"),
        ("5 km<sup>2</sup>", "5 km²"),
        ("x<sup><i>n</i></sup>", "xⁿ"),
        ("e<sup>x+1</sup>", "e^(x+1)"),
        ("x<sub>max</sub>", "x_max"),
        ("a<sup>b<sup>2</sup></sup>", "a^b²"),
        ("3<sup>1</sup>/<sub>2</sub> inches", "3 1/2 inches"),
        ("Ship<sup>TM</sup>", "Ship™"),
        # Ordinals, abbreviations, notes and small print.
        ("1<sup>st</sup>", "1st"),
        ("le XX<sup>e</sup> siècle", "le XXe siècle"),
        ("M<sup>me</sup> Dupont", "Mme Dupont"),
        ("n<sup>o</sup> 5", "no 5"),
        ("word<sup>[1]</sup>", "word[1]"),
        ("<sub><sup>small print</sup></sub>", "small print"),
    ],
)
def test_superscripts_and_subscripts_are_written_out(html: str, text: str) -> None:
    assert html_to_text(clean_html(f"<p>{html}</p>", "")) == text
    assert plain_line(html) == text


@pytest.mark.parametrize(
    ("mathml", "text"),
    [
        ("<msup><mi>x</mi><mn>2</mn></msup><mo>=</mo><mn>4</mn>", "x² = 4"),
        (
            "<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac>",
            "(a + b)/2",
        ),
        ("<msqrt><mi>x</mi></msqrt><mo>&lt;</mo><mo>-</mo><mn>3</mn>", "√x < -3"),
        ("<mi>sin</mi><mo>&#x2061;</mo><mi>x</mi>", "sin x"),
        (
            "<semantics><mi>y</mi><annotation encoding='application/x-tex'>\\y</annotation>"
            "</semantics>",
            "y",
        ),
        ("<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover><mi>i</mi>", "∑_iⁿi"),
    ],
)
def test_mathml_becomes_text(mathml: str, text: str) -> None:
    html = clean_html(f"<p>so <math>{mathml}</math> holds</p>", "")
    assert html_to_text(html) == f"so {text} holds"


@pytest.mark.parametrize(
    "piece", ["<sup>", "<sup>1", "<sup></sub>", "<math><mrow>", "2<sup>1</sup>"]
)
def test_long_input_takes_no_time(piece: str) -> None:
    html = piece * (250_000 // len(piece))
    assert least_seconds(lambda: html_to_text(clean_html(html, "")), under=5) < 5


def test_a_matrix_keeps_its_rows_apart() -> None:
    rows = "".join(
        f"<mtr><mtd><mi>{first}</mi></mtd><mtd><mi>{second}</mi></mtd></mtr>"
        for first, second in ("ab", "cd")
    )
    cleaned = clean_html(f"<p>Is <math><mtable>{rows}</mtable></math> so?</p>", "")
    assert cleaned == "<p>Is (a b; c d) so?</p>"
