# ruff: noqa: RUF001 -- apostrophes and letters as people write them, not look-alikes by mistake
"""Fixed neutral phrases for search fields, and the words a phrase must not end with.

The phrases say nothing that could be untrue of an article: that it is an overview to read. Those for
titles follow a colon; those for descriptions are whole sentences of at most 36 characters each (the
width of the window 120 to 156), so that adding one at a time never jumps over it.
"""

from dataclasses import dataclass
from functools import cache

import regex

from copydesk.domain.language import primary_language


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """The neutral phrases of one language."""

    titles: tuple[str, ...]  # after "Keyword: "
    sentences: tuple[str, ...]  # in the order they are added
    colon: str = ": "
    space: str = " "


_PHRASES = {
    "en": Phrases(
        titles=(
            "An Overview",
            "The Main Points",
            "An Overview of the Topic",
            "The Main Points at a Glance",
            "A Clear Overview of the Topic and Its Main Points",
        ),
        sentences=(
            "An overview of the topic.",
            "The main points at a glance.",
            "Read the whole article here.",
            "A clear introduction for readers.",
            "Arranged for easy reading.",
            "From the basics to the details.",
        ),
    ),
    "de": Phrases(
        titles=(
            "Ein Überblick",
            "Das Wichtigste",
            "Ein Überblick zum Thema",
            "Das Wichtigste auf einen Blick",
            "Ein klarer Überblick über das Thema in einem Artikel",
        ),
        sentences=(
            "Ein Überblick zum Thema.",
            "Das Wichtigste auf einen Blick.",
            "Hier den ganzen Artikel lesen.",
            "Eine klare Einführung.",
            "Übersichtlich dargestellt.",
            "Von Grundlagen bis zu Details.",
        ),
    ),
    "fr": Phrases(
        titles=(
            "vue d’ensemble",
            "l’essentiel",
            "vue d’ensemble du sujet",
            "l’essentiel en un coup d’œil",
            "une vue d’ensemble claire du sujet en un article",
        ),
        sentences=(
            "Une vue d’ensemble du sujet.",
            "L’essentiel en un coup d’œil.",
            "L’article complet est à lire ici.",
            "Une introduction claire.",
            "Une lecture facile à suivre.",
            "Des bases jusqu’aux détails.",
        ),
        colon="\u00a0: ",
    ),
    "es": Phrases(
        titles=(
            "visión general",
            "lo esencial",
            "visión general del tema",
            "lo esencial de un vistazo",
            "una visión general y clara del tema en un artículo",
        ),
        sentences=(
            "Una visión general del tema.",
            "Lo esencial de un vistazo.",
            "Lea aquí el artículo completo.",
            "Una introducción clara.",
            "Una lectura fácil de seguir.",
            "De lo básico a los detalles.",
        ),
    ),
    "it": Phrases(
        titles=(
            "una panoramica",
            "l’essenziale",
            "una panoramica del tema",
            "l’essenziale in breve",
            "una panoramica chiara del tema in un articolo",
        ),
        sentences=(
            "Una panoramica del tema.",
            "L’essenziale in breve.",
            "Qui si legge l’articolo completo.",
            "Un’introduzione chiara.",
            "Una lettura facile da seguire.",
            "Dalle basi fino ai dettagli.",
        ),
    ),
    "pt": Phrases(
        titles=(
            "visão geral",
            "o essencial",
            "visão geral do tema",
            "o essencial num só artigo",
            "uma visão geral e clara do tema num só artigo",
        ),
        sentences=(
            "Uma visão geral do tema.",
            "O essencial num só artigo.",
            "Leia aqui o artigo completo.",
            "Uma introdução clara.",
            "Uma leitura fácil de seguir.",
            "Do básico aos detalhes.",
        ),
    ),
    "nl": Phrases(
        titles=(
            "een overzicht",
            "de hoofdpunten",
            "een overzicht van het thema",
            "de hoofdpunten op een rij",
            "een helder overzicht van het thema in één artikel",
        ),
        sentences=(
            "Een overzicht van het thema.",
            "De hoofdpunten op een rij.",
            "Lees hier het hele artikel.",
            "Een heldere inleiding.",
            "Overzichtelijk beschreven.",
            "Van de basis tot de details.",
        ),
    ),
    "ru": Phrases(
        titles=(
            "обзор",
            "главное",
            "обзор темы",
            "главное по теме",
            "понятный обзор темы и её главных сторон",
        ),
        sentences=(
            "Обзор темы.",
            "Главное кратко и ясно.",
            "Читайте статью полностью.",
            "Понятное введение для читателей.",
            "От основ к подробностям.",
            "Всё изложено по порядку.",
        ),
    ),
    "pl": Phrases(
        titles=(
            "przegląd",
            "najważniejsze",
            "przegląd tematu",
            "najważniejsze w skrócie",
            "przejrzysty przegląd tematu w jednym artykule",
        ),
        sentences=(
            "Przegląd tematu.",
            "Najważniejsze w skrócie.",
            "Przeczytaj cały artykuł.",
            "Przejrzyste wprowadzenie.",
            "Od podstaw do szczegółów.",
            "Wszystko po kolei.",
        ),
    ),
    "vi": Phrases(
        titles=(
            "tổng quan",
            "những điểm chính",
            "tổng quan về chủ đề",
            "những điểm chính cần biết",
            "tổng quan rõ ràng về chủ đề trong một bài viết",
        ),
        sentences=(
            "Tổng quan về chủ đề.",
            "Những điểm chính cần biết.",
            "Đọc toàn bộ bài viết tại đây.",
            "Phần giới thiệu dễ hiểu.",
            "Trình bày rõ ràng, dễ đọc.",
            "Từ cơ bản đến chi tiết.",
        ),
    ),
    "ko": Phrases(
        titles=(
            "개요",
            "주제 개요",
            "개요와 핵심 내용",
            "주제 개요와 핵심 내용",
            "주제의 개요와 핵심 내용을 정리한 글",
        ),
        sentences=(
            "주제의 개요입니다.",
            "핵심 내용을 정리했습니다.",
            "전체 글을 읽어 보세요.",
            "이해하기 쉬운 입문 글입니다.",
            "기초부터 자세히 다룹니다.",
            "읽기 쉽게 구성했습니다.",
        ),
    ),
    "zh": Phrases(
        titles=(
            "概览",
            "主题概览",
            "主题概览与要点",
            "主题概览与主要内容一览",
            "关于这一主题的清晰概览与主要内容",
        ),
        sentences=(
            "本文概述这一主题。",
            "要点一目了然。",
            "点击阅读全文。",
            "内容清晰易读。",
            "从基础到细节。",
            "适合快速了解。",
            "结构条理分明。",
            "介绍简明扼要。",
            "便于查阅。",
        ),
        colon="\uff1a",
        space="",
    ),
    "ja": Phrases(
        titles=(
            "概要",
            "主なポイント",
            "概要と主なポイント",
            "テーマの概要と主なポイント",
            "テーマの概要と主なポイントをまとめた記事",
        ),
        sentences=(
            "このテーマの概要です。",
            "要点を一目で確認できます。",
            "続きは記事でご覧ください。",
            "わかりやすい入門です。",
            "基礎から詳細まで。",
            "読みやすく整理しています。",
        ),
        colon="\uff1a",
        space="",
    ),
}

_DANGLING = {
    "en": "a an the and or but nor of in on at to for from by with without into onto over under about as than that "
    "which who whose when where while if because is are was were be been its their his her this these those not",
    "de": "der die das den dem des ein eine einen einem einer eines und oder aber von vom in im an am auf zu zum zur "
    "für mit ohne bei nach aus über unter als dass weil wenn wie ist sind war waren wird werden sein ihr nicht sich",
    "fr": "le la les un une des du de d l et ou mais à au aux en dans sur sous pour par avec sans que qui dont où si "
    "est sont était ce cette ces son sa ses leur leurs ne pas",
    "es": "el la los las un una unos unas y e o u pero de del a al en con sin por para sobre que quien cuyo cuando "
    "donde si es son era fue su sus este esta no",
    "it": "il lo la i gli le un uno una e ed o ma di del della dei delle a al alla in nel nella con senza per tra fra "
    "su sul che chi cui quando dove se è sono era il suo la sua non",
    "pt": "o a os as um uma uns umas e ou mas de do da dos das em no na nos nas a ao à com sem por para sobre que quem "
    "cujo quando onde se é são era foi seu sua não",
    "nl": "de het een en of maar van in op aan te voor met zonder bij naar uit over onder als dat die omdat wanneer is "
    "zijn was waren wordt haar hun niet",
    "pl": "i a oraz lub albo ale że aby o w we z ze na do od dla po pod nad przed przez przy za bez u jak gdy który "
    "która które jest są był była było się jego jej ich ten ta to nie czy",
    "vi": "và hoặc hay nhưng mà của cho với trong trên dưới từ đến tại ở về là được bị bởi vì nên khi nếu thì các "
    "những một do để như không",
}
# How no phrase ends in languages without spaces: with a particle that something follows.
_DANGLING_ENDS = {
    "zh": r"(?<!目)的|(?<![共温平缓饱柔])和|(?<![参给赋])与|(?<![普埃涉])及|或|(?<![存现内潜所自])在|被|把",
    "ja": r"を|が|(?<![もこそあ])の|(?<![こもあひごい])と|[^ほ]に|へ|や",
}
# Before these a phrase may end: what follows only adds to it.
_BREAKS = {
    "en": "and or but in on at for from by with without about than that which who when where while if because through "
    "between during after before since until against",
    "de": "und oder aber von vom in im am auf zu zum zur für mit ohne bei nach aus über unter als dass weil wenn wie "
    "zwischen seit während",
    "fr": "et ou mais en dans sur sous pour par avec sans que qui dont où si entre depuis pendant",
    "es": "y e o u pero en con sin por para sobre que quien cuando donde si entre desde durante",
    "it": "e ed o ma in nel nella nei nelle con senza per tra fra su sul sulla che cui quando dove se dopo durante",
    "pt": "e ou mas em no na nos nas com sem por para sobre que quem quando onde se entre desde durante",
    "nl": "en of maar van in op aan voor met zonder bij naar uit over onder als dat die omdat wanneer tussen sinds",
    "pl": "i a oraz lub albo ale że aby w we z ze na dla po pod nad przed przez przy bez jak gdy który która które",
    "vi": "và hoặc nhưng của cho với trong trên từ tại ở bởi vì khi nếu để như",
}
_BREAKING_CHARACTERS = {"zh": "以及|(?<!以)及|[和与并在]", "ja": "[とやで]"}
# Behind these the verb is still to come, so that no phrase may end before it has.
_ASKING = {
    "en": "how why what",
    "de": "wie warum was weshalb",
    "fr": "comment pourquoi",
    "es": "cómo qué",
    "it": "come perché cosa",
    "pt": "como porquê",
    "nl": "hoe waarom wat",
    "pl": "jak dlaczego co",
}


def phrases_of(language: str) -> Phrases | None:
    """The neutral phrases of a language (BCP 47), or None where there are none."""
    return _PHRASES.get(primary_language(language))


@cache
def dangling_words(language: str) -> frozenset[str]:
    """Function words that no phrase ends with, lower case; empty where the language is not known."""
    return frozenset(_DANGLING.get(primary_language(language), "").split())


@cache
def dangling_end(language: str) -> regex.Pattern[str] | None:
    """How no phrase ends in a language without spaces; None in one with spaces, or where it is not known."""
    ends = _DANGLING_ENDS.get(primary_language(language))
    return regex.compile(rf"(?:{ends})$") if ends else None


@cache
def asking_words(language: str) -> frozenset[str]:
    """Words that open a question or the like, lower case; empty where the language is not known."""
    return frozenset(_ASKING.get(primary_language(language), "").split())


@cache
def breaks(language: str) -> regex.Pattern[str]:
    """Where a phrase may end and still be whole: before a comma, a dash, a bracket, or a word that adds something."""
    primary = primary_language(language)
    places = [r"\s*[,;:|\u3001\uff0c\uff1b\uff1a](?!\d)|\s+[\u2013\u2014-]\s|\s*[(\uff08]"]
    if words := _BREAKS.get(primary, "").split():
        places.append(rf"\s+(?:{'|'.join(words)})\s")
    if characters := _BREAKING_CHARACTERS.get(primary):
        places.append(rf"(?<=[\p{{Han}}\p{{Katakana}}ー])(?:{characters})(?=[\p{{Han}}\p{{Katakana}}])")
    return regex.compile("|".join(places), regex.IGNORECASE)
