"""One whole article without a model in each of the languages that are known well."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from support.cutting import a_document, a_source

from copydesk.domain.article import Assembled, CheckStatus, Outline
from copydesk.domain.brief import Brief, WordRange
from copydesk.domain.markdown import count_markdown_words, parse
from copydesk.evidence.passages import cut_passages
from copydesk.evidence.rank import rank_evidence
from copydesk.evidence.support import missing_facts
from copydesk.language.written import foreign_sentences, written_in
from copydesk.pipeline.assemble import assemble
from copydesk.seo.checks import check_article
from copydesk.seo.clean import find_unclean
from copydesk.seo.fields import valid_fields
from copydesk.writers.extractive import ExtractiveWriter
from copydesk.writers.phrases import fixed_words

FOLDER = Path(__file__).parents[1] / "languages"
KEYWORDS = {
    "en": "Thames Barrier",
    "de": "Kölner Dom",
    "fr": "canal du Midi",
    "es": "Alhambra",
    "pt": "Ponte 25 de Abril",
    "it": "cupola del Duomo",
    "nl": "Afsluitdijk",
    "pl": "kopalnia soli",
    "vi": "vịnh Hạ Long",
    "zh": "京杭大运河",
    "ja": "東海道新幹線",
}
WIDE = ("zh", "ja")


@dataclass(frozen=True, kw_only=True)
class Written:
    """An article and what it was asked for."""

    brief: Brief
    outline: Outline
    assembled: Assembled


async def written(language: str) -> Written:
    """An article from the language's text."""
    keyword = KEYWORDS[language]
    low, high = (400, 560) if language in WIDE else (240, 330)
    source = a_source(title=keyword)
    document = a_document((FOLDER / f"{language}.md").read_text(encoding="utf-8"))
    passages = cut_passages(document, source, language=language).passages
    brief = Brief(
        prompt=keyword,
        topic=keyword,
        keywords=(keyword,),
        language=language,
        words=WordRange(minimum=low, maximum=high),
    )
    evidence = rank_evidence(brief, [source], passages).evidence
    writer = ExtractiveWriter()
    outline = await writer.outline(brief, evidence)
    sections = [await writer.section(brief, outline, plan, evidence) for plan in outline.sections]
    return Written(brief=brief, outline=outline, assembled=assemble(sections, evidence, language=language))


@pytest.mark.parametrize("language", KEYWORDS)
async def test_article_without_a_model_in_the_language(language: str) -> None:
    """It is in range, clean, in its language, cited, and ends under the language's own heading."""
    article = await written(language)
    content, words = article.assembled.content, article.brief.words
    assert words.minimum <= article.assembled.word_count == count_markdown_words(content) <= words.maximum
    assert find_unclean(content, title=article.outline.title, language=language, prompt=None) == []
    text = parse(content)
    assert all(written_in(paragraph, language) for paragraph in text.paragraphs)
    assert [found for paragraph in text.paragraphs for found in foreign_sentences(paragraph, language)] == []
    fixed = fixed_words(language)
    assert fixed is not None
    assert text.headings[-1].text == fixed.summary
    sources = (FOLDER / f"{language}.md").read_text(encoding="utf-8")
    for heading in text.headings[:-1]:
        own = heading.text.split(": ")[-1].split(f" {fixed.conjunction} ")[0]
        assert own in sources or own in fixed.fallbacks
    for sentence in article.assembled.evidence:
        assert sentence.citations
        assert missing_facts(sentence.text, [passage.text for passage in sentence.passages], language) == []


@pytest.mark.parametrize("language", KEYWORDS)
async def test_checks_of_an_article_in_the_language(language: str) -> None:
    """Its search fields are valid, and what the checks ask of the text is met but for how often the keyword comes."""
    article = await written(language)
    content, title = article.assembled.content, article.outline.title
    fields = valid_fields(
        brief=article.brief, title=title, opening=parse(content).paragraphs[0], body=content, proposed=None
    )
    report = check_article(
        title=title,
        content=content,
        seo_title=fields.seo_title,
        seo_description=fields.seo_description,
        slug=fields.slug,
        keywords=fields.keywords,
        primary_keyword=article.brief.primary_keyword,
        language=language,
        words=article.brief.words,
        json_ld={"@graph": [{"@type": "Article", "headline": title, "description": title, "inLanguage": language}]},
    )
    unmet = {check.id for check in report.checks if check.status is not CheckStatus.PASS}
    assert unmet <= {"keyword_density", "keyword_in_heading"}
    assert report.score >= 80
    assert all(check.message.endswith(".") for check in report.checks)
