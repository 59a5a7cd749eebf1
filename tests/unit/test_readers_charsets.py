# ruff: noqa: RUF001 -- letters of many scripts are what is tested
"""Encodings of pages: declared, undeclared, and declared wrongly."""

import time

import pytest

from copydesk.readers.charsets import decode_page

TEXTS = {
    "ru": "Урожай пшеницы на севере страны снизился на двенадцать процентов из-за поздних дождей и сухого лета.",
    "ja": "北部の小麦の収穫量は、遅い雨と乾燥した夏のために十二パーセント減少したと、農業省が報告書で発表しました。",
    "zh": "由于雨水来得晚而且夏季干旱，北部的小麦收成在今年下降了百分之十二，农业部在报告中说明了这一点。",
    "zh-tw": "由於雨水來得晚而且夏季乾旱，北部的小麥收成在今年下降了百分之十二，農業部在報告中說明了這一點。",
    "ko": "늦은 비와 건조한 여름 때문에 북부 지방의 밀 수확량이 십이 퍼센트 감소했다고 농업부가 보고서에서 밝혔다.",
    "el": "Η συγκομιδή του σιταριού στον βορρά μειώθηκε κατά δώδεκα τοις εκατό λόγω των όψιμων βροχών.",
    "he": "יבול החיטה בצפון ירד בשנים עשר אחוזים בגלל הגשמים המאוחרים והקיץ היבש, כך אמר המשרד.",
    "ar": "انخفض محصول القمح في الشمال بنسبة اثني عشر في المئة بسبب تأخر الأمطار وجفاف الصيف.",
    "th": "ผลผลิตข้าวสาลีทางภาคเหนือลดลงร้อยละสิบสองเนื่องจากฝนมาช้าและฤดูร้อนแห้งแล้ง",
    "tr": "Kuzeyde buğday hasadı geç yağan yağmurlar ve kurak geçen yaz yüzünden yüzde on iki düştü, ığşçöü.",
    "pl": "Zbiory pszenicy na północy spadły o dwanaście procent, ponieważ deszcze przyszły późno; żółć.",
    "cs": "Sklizeň pšenice na severu klesla o dvanáct procent, protože déšť přišel pozdě a léto bylo příliš suché.",
    "de": "Die Weizenernte im Norden fiel um zwölf Prozent, weil der Regen spät kam und der Sommer dürr war; größer.",
    "fr": "La récolte de blé a baissé de douze pour cent, car l’été a été sec et les pluies sont arrivées très tard.",
}
ENCODINGS = [
    ("ru", "windows-1251"), ("ru", "koi8-r"), ("ru", "iso-8859-5"), ("ja", "shift_jis"), ("ja", "euc-jp"),
    ("ja", "iso-2022-jp"), ("zh", "gb2312"), ("zh", "gbk"), ("zh", "gb18030"), ("zh-tw", "big5"), ("ko", "euc-kr"),
    ("el", "windows-1253"), ("el", "iso-8859-7"), ("he", "windows-1255"), ("ar", "windows-1256"), ("th", "tis-620"),
    ("tr", "iso-8859-9"), ("pl", "iso-8859-2"), ("pl", "windows-1250"), ("cs", "windows-1250"), ("de", "iso-8859-1"),
    ("fr", "windows-1252"), ("ru", "utf-8"), ("fr", "utf-8"),
]  # fmt: skip
TWENTY = 20


def page(language: str, head: str = "") -> str:
    """A page in a language."""
    return f"<html lang='{language}'><head>{head}<title>x</title></head><body><p>{TEXTS[language]}</p></body></html>"


@pytest.mark.parametrize(("language", "encoding"), ENCODINGS)
def test_charset_of_the_header_is_used(language: str, encoding: str) -> None:
    """What the header names is what is read."""
    assert TEXTS[language] in decode_page(page(language).encode(encoding), encoding)


@pytest.mark.parametrize(("language", "encoding"), ENCODINGS)
@pytest.mark.parametrize(
    "form", ["<meta charset={}>", "<meta http-equiv='Content-Type' content='text/html; charset={}'>"]
)
def test_charset_of_the_page_is_used(language: str, encoding: str, form: str) -> None:
    """Either form of the page's own statement counts where the header says nothing."""
    assert TEXTS[language] in decode_page(page(language, form.format(encoding)).encode(encoding), None)


@pytest.mark.parametrize(("language", "encoding"), ENCODINGS)
def test_western_default_of_a_server_gives_way_to_the_page(language: str, encoding: str) -> None:
    """A header that names ISO 8859-1 for everything spoils nothing."""
    data = page(language, f"<meta charset='{encoding}'>").encode(encoding)
    assert TEXTS[language] in decode_page(data, "ISO-8859-1")


@pytest.mark.parametrize("wrong", [None, "iso-8859-1", "utf-8", "no-such-charset"])
@pytest.mark.parametrize(
    ("language", "encoding"),
    [("ru", "windows-1251"), ("ru", "koi8-r"), ("ja", "shift_jis"), ("ja", "euc-jp"), ("zh", "gb18030"),
     ("ko", "euc-kr"), ("el", "windows-1253"), ("he", "windows-1255"), ("ar", "windows-1256"), ("th", "tis-620")],
)  # fmt: skip
def test_undeclared_encoding_is_found_by_the_language(language: str, encoding: str, wrong: str | None) -> None:
    """Without a right statement, the encodings that were usual for the page's language are tried."""
    body = "".join(f"<p>{TEXTS[language]}</p>" for _ in range(3))
    data = f"<html lang='{language}'><body>{body}</body></html>".encode(encoding)
    assert TEXTS[language] in decode_page(data, wrong)


@pytest.mark.parametrize("wrong", ["iso-8859-1", "windows-1251", "shift_jis"])
def test_utf8_goes_before_a_wrong_header(wrong: str) -> None:
    """Text that is valid as UTF-8 is UTF-8."""
    for language, text in TEXTS.items():
        assert text in decode_page(page(language).encode(), wrong)


def test_utf8_with_a_broken_byte_stays_utf8() -> None:
    """One cut character spoils no other, whatever the header says."""
    data = page("fr").encode().replace(b"</body>", b"caf\xc3</body>")
    assert TEXTS["fr"] in decode_page(data, "iso-8859-1")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_marks_and_zero_bytes_tell_unicode(encoding: str) -> None:
    """A byte order mark goes before everything; UTF-16 is known without one."""
    assert TEXTS["fr"] in decode_page(page("fr").encode(encoding), "iso-8859-1")


def test_xml_declaration_names_the_encoding() -> None:
    """XHTML pages name it in their first line."""
    data = f"<?xml version='1.0' encoding='koi8-r'?>{page('ru')}".encode("koi8-r")
    assert TEXTS["ru"] in decode_page(data, None)


def test_zero_bytes_end_no_page() -> None:
    """A stray NUL is dropped, what follows is kept."""
    assert decode_page(b"<p>before\0after, and much more text without any zero</p>", None).startswith("<p>beforeafter")


def test_hostile_markup_takes_no_time() -> None:
    """Megabytes of opened tags are looked through once."""
    begun = time.monotonic()
    decode_page(b"<script " * 200_000 + b"\xe9" * 1_000, "iso-8859-1")
    decode_page(b"<meta " * 200_000 + b"\xe9" * 1_000, "iso-8859-1")
    assert time.monotonic() - begun < TWENTY
