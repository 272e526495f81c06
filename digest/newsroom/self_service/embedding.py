"""The form that an operator pastes into another site. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from digest.models.paths import PublicPath
from digest.newsroom.self_service.applying import TRAP, consent_words
from digest.newsroom.self_service.facts import NewsletterFacts
from digest.newsroom.self_service.own_fields import PREFIX
from digest.text.catalogue import translations_for
from digest.text.languages import direction_of
from subscribers.fields import MAX_TEXT, Field, Kind

_FORM = """\
<form action="{url}" method="post" accept-charset="utf-8" lang="{language}" dir="{direction}">
  <p>
    <label for="{id}-email">{label}</label><br>
    <input id="{id}-email" type="email" name="email" required maxlength="254" autocomplete="email">
    <button type="submit">{button}</button>
  </p>{inputs}
  <p><small>{consent}</small></p>
  <!-- People do not see this field; programs fill it in. -->
  <p hidden aria-hidden="true">
    <label for="{id}-{trap}">{trap_label}</label>
    <input id="{id}-{trap}" type="text" name="{trap}" tabindex="-1" autocomplete="off">
  </p>
  <input type="hidden" name="lang" value="{language}">{source}
</form>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedForm:
    """The form and the addresses with which people sign up on another site."""

    #: HTML that works without a script.
    html: str
    #: Where it sends people's addresses.
    url: str
    #: Where a program may send them as JSON.
    api_url: str
    #: An example of that JSON.
    example: dict[str, object]


def write_form(
    facts: NewsletterFacts,
    base_url: str,
    *,
    language: str = "",
    source: str = "",
    fields: Sequence[Field] = (),
) -> EmbeddedForm:
    """Return the form of a newsletter.

    Args:
        facts: the facts about the newsletter.
        base_url: the public address of our pages.
        language: BCP 47 tag of its words; empty for the newsletter's.
        source: a name for the form, stored with each subscriber who signs up by it.
        fields: the operator's own fields to ask for.
    """
    spoken = language or facts.language
    gettext = translations_for(spoken).gettext
    url = f"{base_url}/{PublicPath.SIGN_UP}/{facts.name}"
    named = f'\n  <input type="hidden" name="source" value="{escape(source)}">' if source else ""
    html = _FORM.format(
        url=escape(url),
        language=escape(spoken),
        direction=direction_of(spoken),
        id=f"digest-{facts.name}",
        label=escape(gettext("Your mail address")),
        button=escape(gettext("Subscribe")),
        consent=escape(consent_words(facts, spoken)),
        trap=TRAP,
        trap_label=escape(gettext("Leave this empty")),
        source=named,
        inputs="".join(_input(each, f"digest-{facts.name}", gettext) for each in fields),
    )
    example: dict[str, object] = {"email": "name@example.org", "categories": [], "lang": spoken}
    if source:
        example["source"] = source
    if fields:
        example["fields"] = {each.name: "…" for each in fields}
    return EmbeddedForm(
        html=html,
        url=url,
        api_url=f"{base_url}/{PublicPath.API}/{PublicPath.SIGN_UP}/{facts.name}",
        example=example,
    )


def _input(field: Field, form_id: str, gettext: Callable[[str], str]) -> str:
    """Return the lines of one of the operator's own fields."""
    name, own_id = escape(PREFIX + field.name), f"{form_id}-{field.name}"
    if field.kind is Kind.CHOICE:
        options = "".join(f"<option>{escape(choice)}</option>" for choice in field.choices)
        empty = f'<option value="">{escape(gettext("Not chosen"))}</option>'
        control = f'<select id="{own_id}" name="{name}">{empty}{options}</select>'
    elif field.kind is Kind.DATE:
        control = f'<input id="{own_id}" type="date" name="{name}">'
    elif field.kind is Kind.NUMBER:
        control = f'<input id="{own_id}" type="text" inputmode="decimal" name="{name}">'
    else:
        control = f'<input id="{own_id}" type="text" name="{name}" maxlength="{MAX_TEXT}">'
    label = f'<label for="{own_id}">{escape(field.label)}</label>'
    return f"\n  <p>\n    {label}<br>\n    {control}\n  </p>"
