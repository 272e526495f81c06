"""An invented Arabic edition, so that right to left is tested with real words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from digest.models import AlsoAt, Answered, CustomBlock, Edition, Poll, Quote, Story, Support
from tests.support.mastheads import change_edition
from tests.support.samples import IMAGES, sample_edition, sample_quote, sample_story

_HOME = "https://lantern.example/"


def arabic_edition(**changes: object) -> Edition:
    """Return an edition of eight stories in three sections, with every block."""
    edition = sample_edition(
        title="بريد الميناء",
        tagline="حياة المدينة، نقرؤها عن قرب",
        timezone="Asia/Amman",
        language="ar",
        categories=("الأمن", "الاقتصاد", "الثقافة"),
        stories=(*_security(), *_economy(), *_culture()),
        intro=(
            "صباح الخير. التقى كتّابنا هذا الأسبوع أناسًا يصلحون ما لا يشكرهم عليه أحد: ساعةً"
            " وسياجًا ومحرّكًا احتياطيًا وكلمة «مفتوح».",
            "إليكم ما وجدوه، ومعه أفضل ما كتبه القرّاء في ردودهم.",
        ),
        editor="سلمى الحدّاد، رئيسة التحرير",
        poll=Poll(
            question="هل ينبغي أن تبقى المكتبة مفتوحة حتى منتصف الليل؟",
            choices=("نعم", "لا", "أيام الجمعة فقط"),
            note="لا يُحتسب شيء قبل أن تؤكّدوا اختياركم في الصفحة.",
        ),
        custom=(
            CustomBlock(
                title="من الأرشيف",
                paragraphs=("قبل ثلاثين عامًا، في مثل هذا الأسبوع، أبحرت آخر عبّارة.",),
                link="اقرؤوا القصة",
                url=f"{_HOME}1996/ferry",
            ),
        ),
        support=Support(text="بريد الميناء يموّله قرّاؤه.", link="ادعمونا", url=f"{_HOME}support"),
    )
    return change_edition(edition, **changes)


def _story(number: int, category: str, day: int, comments: int, *words: str) -> Story:
    title, author, excerpt = words
    return sample_story(
        number,
        title=title,
        url=f"{_HOME}2026/11/{number}/",
        author=author,
        published_at=datetime(2026, 11, day, 9, 0, tzinfo=UTC),
        categories=(category,),
        minutes=3 + number % 5,
        excerpt=excerpt,
        lead_excerpt=excerpt,
        comment_count=comments,
    )


def _pictured(story: Story, file: str, words: str, *quotes: Quote) -> Story:
    return replace(story, image_url=f"{IMAGES}{file}", image_alt=words, quotes=quotes)


def _security() -> tuple[Story, ...]:
    clock = _story(
        1, "الأمن", 17, 34,
        "ليلة فقد الميناء ساعته",
        "نادر الزيّات",
        "توقّفت ساعة البرج عند الثانية وسبع دقائق، ولم ينتبه أحد إلا الصيّادون الذين يضبطون عليها"
        " موعد المدّ. في تلك الليلة خرج القارب الأول متأخرًا نصف ساعة، وعاد قبل الجميع، لأن رجلًا"
        " واحدًا على الرصيف كان لا يزال يحمل ساعة في جيبه.",
    )  # fmt: skip
    siren = _story(
        2, "الأمن", 16, 21,
        "ما تقوله صفّارة الإنذار ولا يقوله الهاتف",
        "هالة منصور",
        "جرّبت البلدية نظامين في ليلة واحدة: رسالة على كل هاتف، وصفّارة على سطح المدرسة. وصلت"
        " الرسالة أسرع، لكن الناس لم يخرجوا إلا حين سمعوا الصفّارة.",
    )  # fmt: skip
    locks = _story(
        3, "الأمن", 14, 0,
        "درس مسائي في فتح الأقفال",
        "كريم عبود",
        "عشرة جيران وقفل واحد لكل منهم. يقول المعلّم إن من يعرف كيف يُفتح الباب يعرف كيف يُغلقه.",
    )  # fmt: skip
    keeper = sample_quote(
        11,
        "رائد الشامي",
        "خدمت في ذلك البرج أحد عشر عامًا. لم يكن تصليح الساعة هو الصعب، بل الاتفاق على من يدفع"
        " ثمن الزيت.",
    )
    sailor = sample_quote(
        12, "أم يوسف", "ماذا لو توقّفت في ليلة عاصفة؟ هذا هو السؤال الذي لم يطرحه المقال."
    )
    asked = Answered(name="وليد", text="ومن سيطفئها إن عملت خطأً؟")
    warden = replace(
        sample_quote(
            21, "ليلى قاسم", "نطفئها بالطريقة نفسها: بيد إنسان. لهذا يسكن الحارس قرب المدرسة."
        ),
        answers=asked,
    )
    elsewhere = AlsoAt(post_id=90, name="صدى التلّ", url="https://hill.example/siren")
    lead = _pictured(clock, "harbour-at-dusk.jpg", "الميناء عند الغروب", keeper, sailor)
    loud = _pictured(siren, "siren-over-the-rooftops.jpg", "صفّارة فوق سطوح البيوت", warden)
    return (
        replace(lead, lead_image_url=lead.image_url),
        replace(loud, also_at=(elsewhere,)),
        locks,
    )


def _economy() -> tuple[Story, ...]:
    bus = _story(
        4, "الاقتصاد", 16, 46,
        "كم تساوي الحافلة بعد الثامنة مساءً؟",
        "سامر الخطيب",
        "لا يركبها في المتوسط إلا أحد عشر شخصًا. سألنا كل واحد منهم إلى أين يذهب، وماذا يفعل لو"
        " لم تأتِ، ثم حسبنا.",
    )  # fmt: skip
    mill = _story(
        5, "الاقتصاد", 13, 12,
        "الطاحونة التي ترسل إلى القرية شيكًا",
        "رنا الأيوبي",
        "عجلة خشبية ومولّد صغير وثمانون بيتًا شريكًا: هذه هي الأرقام وراء تعاونية لم ترفع سعرها"
        " منذ تسع سنوات، وهذا هو البند الذي قد ينهيها في الربيع.",
    )  # fmt: skip
    nurse = sample_quote(
        41,
        "منى ر.",
        "أنا واحدة من هؤلاء الأحد عشر. أخرج من المستشفى في التاسعة، ومن دونها أمشي أربعة"
        " كيلومترات.",
    )
    return (
        _pictured(bus, "last-bus-over-the-hill.jpg", "آخر حافلة فوق التلّ", nurse),
        _pictured(mill, "mill-on-the-ferrin.jpg", "طاحونة على ضفة النهر"),
    )


def _culture() -> tuple[Story, ...]:
    choir = _story(
        6, "الثقافة", 15, 18,
        "جوقة تتدرّب في مخزن القوارب",
        "دانا العلي",
        "لا تدفئة ولا مقاعد، لكن الصدى هناك أجمل من أي قاعة. أربعون صوتًا يستعدّون لليلة واحدة.",
    )  # fmt: skip
    sign = _story(
        7, "الثقافة", 12, 3,
        "الرجل الذي يرسم كلمة «مفتوح»",
        "فراس نجم",
        "منذ أربعين عامًا يكتب بالفرشاة ما تكتبه الآلات اليوم. يقول إن الحرف المائل قليلًا يدعو"
        " الزبون إلى الدخول.",
    )  # fmt: skip
    museum = _story(
        8, "الثقافة", 11, 1,
        "متحف لأشياء كادت تُرمى",
        "جود حبيب",
        "مفتاح بلا باب، ورسالة لم تُفتح، ومظلّة من عام 1962. لكل قطعة صاحب ندم في اللحظة الأخيرة.",
    )  # fmt: skip
    return (
        _pictured(choir, "choir-in-the-boat-shed.jpg", "جوقة في مخزن القوارب"),
        _pictured(sign, "the-sign-painter.jpg", "رسّام اللافتات على سلّمه"),
        museum,
    )
