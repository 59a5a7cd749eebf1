"""Pages that hold no text of their own, and articles about just those pages."""

import json

import pytest
from support import documents
from support.documents import HTML_TEXT, html_page

from copydesk.domain.source import Document
from copydesk.errors import ReadError
from copydesk.readers import page_kinds
from copydesk.readers.html import read_html

SHELL_SCRIPTS = "<script src='a.js'></script>" * 4


def read(page: str, *, url: str = "https://notes.example.org/2024/wheat") -> Document:
    """Read with generous limits."""
    return read_html(page.encode(), documents.limits(), url=url, charset=None)


def page(title: str, body: str, head: str = "") -> str:
    """A page of this title and body."""
    return f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


def article(*paragraphs: str, title: str = "Report") -> str:
    """A page with an article of these paragraphs."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return page(title, f"<article><h1>{title}</h1>{text}</article>")


@pytest.mark.parametrize(
    ("markup", "message"),
    [
        (page("Page not found | Field Notes", "<h1>Sorry</h1><p>Try the search.</p>"), page_kinds.NOT_FOUND),
        (page("Field Notes", "<h1>404</h1><p>Nothing grows here, it seems.</p>"), page_kinds.NOT_FOUND),
        (page("Error 404", "<p>Please go back to the start page of this site.</p>"), page_kinds.NOT_FOUND),
        (
            page("Notes", "<p>The page you are looking for has been moved or deleted. Please use the search.</p>"),
            page_kinds.NOT_FOUND,
        ),
        (page("Seite nicht gefunden", "<p>Leider gibt es hier nichts zu sehen.</p>"), page_kinds.NOT_FOUND),
        (page("Notizen", "<p>Die gewünschte Seite existiert nicht oder nicht mehr.</p>"), page_kinds.NOT_FOUND),
        (page("Page introuvable - Journal", "<p>Revenez à la page d'accueil du journal.</p>"), page_kinds.NOT_FOUND),
        (page("Página no encontrada", "<p>Vuelva a la página de inicio del diario.</p>"), page_kinds.NOT_FOUND),
        (page("Just a moment...", "<h1>example.org</h1><p>Verifying you are human.</p>"), page_kinds.CHALLENGE),
        (
            page("Attention Required! | Cloudflare", "<p>Please complete the security check to access the site.</p>"),
            page_kinds.CHALLENGE,
        ),
        (page("News", "<p>Bitte bestätigen Sie, dass Sie kein Roboter sind.</p>"), page_kinds.CHALLENGE),
        (
            page(
                "Before you continue",
                "<div>We and our 843 partners use cookies on your device.</div><button>Accept all</button>",
            ),
            page_kinds.CONSENT,
        ),
        (
            page("Zeitung", "<p>Mit Werbung weiterlesen: besuchen Sie uns wie gewohnt. Alle akzeptieren</p>"),
            page_kinds.CONSENT,
        ),
        (
            page("Journal", "<p>Nous et nos partenaires utilisons des traceurs. Tout accepter ou refuser.</p>"),
            page_kinds.CONSENT,
        ),
        (page("Diario", "<p>Utilizamos cookies propias y de terceros. Aceptar y continuar.</p>"), page_kinds.CONSENT),
        (
            page(
                "Wheat falls", "<article><p>Wheat fell again.</p><p>Subscribe to continue reading this.</p></article>"
            ),
            page_kinds.PAYWALL,
        ),
        (
            page("Weizen", "<p>Dieser Artikel ist exklusiv für Abonnenten. Jetzt abonnieren und weiterlesen.</p>"),
            page_kinds.PAYWALL,
        ),
        (page("Blé", "<p>Cet article est réservé aux abonnés du journal depuis lundi.</p>"), page_kinds.PAYWALL),
        (
            page("Log in - Field Notes", "<h1>Log in</h1><form><input type=password><input type=submit></form>"),
            page_kinds.LOGIN,
        ),
        (page("503 Service Unavailable", "<p>The service is busy, come back a little later.</p>"), page_kinds.FAILURE),
        (page("App", f"<div id=root></div>{SHELL_SCRIPTS}"), page_kinds.SHELL),
        (
            page("App", "<div id=app></div><noscript>You need to enable JavaScript to run this app.</noscript>"),
            page_kinds.SHELL,
        ),
        (page("App", "<p>Hi.</p>"), page_kinds.NOTHING),
    ],
)
def test_page_without_text_of_its_own_is_named(markup: str, message: str) -> None:
    """The reason is `empty`, and the sentence says just what stands there."""
    with pytest.raises(ReadError) as caught:
        read(markup)
    assert (caught.value.reason, caught.value.message) == ("empty", message)


@pytest.mark.parametrize(
    "markup",
    [
        article(
            "The error 404 is a status code of HTTP, which a server sends where it finds nothing under an address.",
            "Its text is often Not Found. Browsers show what the server adds to the code, which may be anything.",
            title="The history of error 404",
        ),
        article(
            "Cookies are small files that sites keep in browsers. The law asks sites to obtain consent first.",
            "Regulators fined nine publishers in May because their banners made it hard to reject what was asked.",
            title="Nine publishers fined over cookie banners",
        ),
        article(
            "The newspaper put its archive behind a paywall in 2011, and its income from readers rose by a tenth.",
            "Half of those who subscribed in the first year came from the links that friends had passed to them.",
            title="What paywalls did to newspapers",
        ),
        article(
            "A captcha asks people to read bent letters, which programs were long unable to do. Today they can.",
            "The companies that sell such checks now look at how the mouse moves, and at much else besides that.",
            title="The end of the captcha",
        ),
        article(
            "Single-page applications send an almost empty document and let scripts draw all that visitors see.",
            "Search engines had to learn to run them, which took years and many machines in their data centres.",
            title="How JavaScript changed the web",
        ),
        article(
            *[f"Number {n}: the page you are looking for has been moved. Subscribe to continue reading. {HTML_TEXT}"
              for n in range(8)],
            title="Page not found",
        ),
    ],
    ids=["error-404", "cookies", "paywalls", "captchas", "scripts", "long"],
)  # fmt: skip
def test_article_about_such_pages_is_read(markup: str) -> None:
    """What an article speaks of is no reason to refuse it, and a long one never is."""
    assert read(markup).blocks


def test_consent_banner_beside_a_short_article_is_no_wall() -> None:
    """A banner that stands beside the text takes nothing from it."""
    banner = "<div class='banner'><p>We use cookies.</p><button>Accept all cookies</button></div>"
    assert read(html_page().replace("<body>", f"<body>{banner}")).title == "Wheat in 2024"


def described(**fields: object) -> str:
    """A JSON-LD description of an article."""
    text = json.dumps({"@context": "https://schema.org", "@type": "NewsArticle", **fields})
    return f"<script type='application/ld+json'>{text}</script>"


BODY = "\n".join(f"Paragraph {n} says something of its own about wheat. {HTML_TEXT}" for n in range(6))


def test_article_in_the_description_of_an_empty_shell_is_read() -> None:
    """The page's own `articleBody` stands in for what scripts would show, and the document says so."""
    document = read(page("App", f"<div id=root></div>{SHELL_SCRIPTS}", described(headline="Wheat", articleBody=BODY)))
    assert len(document.blocks) == 6
    assert document.title == "Wheat"
    assert "data that the page carries" in document.notes[0]


def test_article_in_the_data_of_a_framework_is_read() -> None:
    """Text that Next.js hands to its scripts is read with its headings."""
    markup = "<h2>Causes</h2>" + "".join(f"<p>{line}</p>" for line in BODY.splitlines())
    data = json.dumps({"props": {"pageProps": {"post": {"content": markup, "id": 7}}}})
    shell = f"<div id=__next></div><script id='__NEXT_DATA__' type='application/json'>{data}</script>{SHELL_SCRIPTS}"
    document = read(page("Wheat", shell))
    assert document.blocks[0].text == "Causes"
    assert len(document.blocks) == 7


@pytest.mark.parametrize(
    "data", ["{broken", "[" * 100_000, '{"props": {"body": "too short"}}', "[" + "{}," * 9 + "{}]"]
)
def test_data_without_text_leaves_a_shell_empty(data: str) -> None:
    """Broken, deep or poor data is passed over."""
    shell = f"<div id=__next></div><script id='__NEXT_DATA__' type='application/json'>{data}</script>{SHELL_SCRIPTS}"
    with pytest.raises(ReadError, match="empty shell"):
        read(page("Wheat", shell))


def test_text_for_subscribers_is_not_taken_from_a_description() -> None:
    """What the page keeps for its subscribers stays theirs."""
    head = described(articleBody=BODY, isAccessibleForFree=False)
    with pytest.raises(ReadError, match="paywall"):
        read(page("Wheat", "<article><p>Wheat fell again, as the ministry says today.</p></article>", head))


def test_long_page_for_subscribers_is_noted() -> None:
    """A long teaser is read, with a note that there is more."""
    paragraphs = "".join(f"<p>{line}</p>" for line in BODY.splitlines())
    document = read(page("Wheat", f"<article>{paragraphs}</article>", described(isAccessibleForFree="False")))
    assert document.notes == ("The page says that only subscribers see all of its text.",)


def test_words_are_counted_in_scripts_without_spaces() -> None:
    """Three characters make a word where words are not parted."""
    assert page_kinds.count("小麦の収穫は減少した。" * 10) == 36
    assert page_kinds.count("five words are parted here") == 5
