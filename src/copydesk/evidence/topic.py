"""The topic of a prompt, without its instructions."""

from functools import cache

import regex

from copydesk.domain.language import primary_language

MAX_CHARACTERS = 80  # of a topic phrase: about a headline

# What the prompt asks for, up to the topic: "Write a 500-word article about", "Schreibe einen Ratgeber über".
_KINDS = {
    "en": r"(?:articles?|(?:blog )?posts?|guides?|essays?|reports?|overviews?|introductions?|texts?|pieces?|tutorials?|summary|"
    r"summaries|stor(?:y|ies)|listicles?|reviews?|explainers?|stud(?:y|ies)|papers?|white ?papers?|press releases?|comparisons?|"
    r"analysis|analyses|columns?|editorials?|newsletters?|faqs?|how-?tos?|copy|content|primers?|profiles?|features?|briefs?|write-?ups?|page)",
    "de": r"(?:\w*artikel|\w*beitrag|\w*beiträge|ratgeber|leitfaden|aufsatz|essay|bericht|\w*überblick|übersicht|einführung|\w*text|anleitung|"
    r"zusammenfassung|\w*geschichte|rezension|studie|pressemitteilung|vergleich|analyse|kolumne|newsletter|reportage|porträt|blogpost|post)",
    "fr": r"(?:articles?|billets?(?: de blog)?|guides?|essais?|rapports?|aperçus?|introductions?|textes?|tutoriels?|résumés?|histoires?|"
    r"synthèses?|études?|communiqués?|comparatifs?|analyses?|chroniques?|dossiers?|présentations?|posts?(?: de blog)?)",
    "es": r"(?:artículos?|entradas?(?: de blog)?|guías?|ensayos?|informes?|resumen|resúmenes|introducción|textos?|tutorial(?:es)?|"
    r"reportajes?|reseñas?|estudios?|comparativas?|análisis|columnas?|posts?|publicaci(?:ón|ones)|visión general)",
    "it": r"(?:articol[oi]|post|guid[ae]|sagg[io]o?|rapport[oi]|panoramica|introduzione|test[oi]|tutorial|riassunto|storia|recensione|"
    r"studio|confronto|analisi|relazione|approfondimento)",
    "pt": r"(?:artigos?|posts?|publicaç(?:ão|ões)|guias?|ensaios?|relatórios?|resumos?|introdução|textos?|tutoria(?:l|is)|reportage(?:m|ns)|"
    r"resenhas?|estudos?|comparaç(?:ão|ões)|análises?|visão geral)",
}
_VERBS = {
    "en": r"(?:please |kindly |can you |could you |would you |i (?:want|need|would like|'d like)(?: you)?(?: to)? |we need |let's |help me (?:to )?)*"
    r"(?:write|create|draft|produce|generate|compose|prepare|make|give|provide|develop|publish|craft|need|want)?(?: me| us)?",
    "de": r"(?:bitte |kannst du |können sie |ich (?:brauche|möchte|will|hätte gerne?) |wir brauchen )*"
    r"(?:schreib(?:e|en|t)?|erstell(?:e|en|t)?|verfass(?:e|en|t)?|erzeug(?:e|en)?|mach(?:e)?|gib|generier(?:e|en)?)?(?: sie)?(?: mir| uns)?(?: bitte)?",
    "fr": r"(?:s'il (?:te|vous) plaît,? |peux-tu |pouvez-vous |je (?:veux|voudrais|souhaite) |j'ai besoin d'|il me faut )*"
    r"(?:écri(?:s|re|vez)|rédige[rz]?|crée[rz]?|compose[rz]?|prépare[rz]?|génère[rz]?|générer|générez|fais|faites)?(?:-moi|-nous)?",
    "es": r"(?:por favor,? |puedes |podrías |quiero |necesito |me gustaría )*"
    r"(?:escrib(?:e|ir|a|eme)|escríbeme|redact(?:a|ar|e)|cre(?:a|ar|e)|gener(?:a|ar|e)|prepar(?:a|ar|e)|haz(?:me)?|elabor(?:a|ar|e))?",
    "it": r"(?:per favore,? |puoi |potresti |vorrei |ho bisogno di )*"
    r"(?:scriv(?:i|ere|ete|imi)|cre(?:a|are)|redig(?:i|ere)|prepar(?:a|are)|gener(?:a|are)|componi|fai|fammi)?",
    "pt": r"(?:por favor,? |você pode |pode |podes |quero |preciso de |gostaria de )*"
    r"(?:escrev(?:a|er|e)|cri(?:a|ar|e)|redij(?:a)|redigir|prepar(?:a|ar|e)|ger(?:a|ar|e)|elabor(?:a|ar|e)|faça|faz)?",
}
_ABOUT = {
    "en": r"(?:about|on|regarding|concerning|covering|explaining|describing|discussing|comparing|exploring|of|into|to|for|"
    r"(?:that|which) (?:explains?|describes?|covers?|discusses|compares?|explores?|shows?|summari[sz]es|introduces)|titled|entitled|with the (?:title|topic))"
    r"(?: the (?:topic|subject)(?: of)?)?",
    "de": r"(?:über|zum thema|zu dem thema|zur|zum|zu|von|mit dem (?:thema|titel)|(?:,? ?der|,? ?die|,? ?das) (?:erklärt|beschreibt|zeigt),?)",
    "fr": r"(?:sur|au sujet (?:de |d'|du |des )|à propos (?:de |d'|du |des )|concernant|qui (?:explique|décrit|présente|compare)|intitulée?|de|du|des)"
    r"(?: le (?:thème|sujet)(?: de| du| des)?)?",
    "es": r"(?:sobre|acerca de|acerca del|que (?:explique|describa|compare|explica)|titulad[oa]|de|del|para)(?: el tema(?: de| del)?)?",
    "it": r"(?:su|sul|sulla|sullo|sugli|sulle|sui|sull'|riguardo a|che (?:spieghi|descriva|spiega)|intitolat[oa]|circa|di|del|della)(?: tema)?",
    "pt": r"(?:sobre|acerca d[eoa]s?|a respeito d[eoa]s?|que (?:explique|descreva|explica)|intitulad[oa]|de|do|da)(?: o tema(?: de| do| da)?)?",
}
# A prompt that names its topic right after one verb: "Explain heat pumps", "Erkläre, wie ...".
_DIRECT = {
    "en": r"(?:please |can you |could you )*(?:explain|describe|summari[sz]e|discuss|cover|introduce|outline|write about|tell (?:me|us) about|"
    r"talk about|compare|analy[sz]e|explore|give an overview of|report on)(?: to me| me)?(?: (?:in detail|briefly))?",
    "de": r"(?:bitte )*(?:erklär(?:e|en sie)?|beschreib(?:e|en sie)?|fass(?:e|en sie)?|erläuter(?:e|n sie)?|schreib(?:e|en sie)? (?:etwas )?über|"
    r"berichte(?:n sie)? über|stell(?:e)? vor)(?: mir| uns)?,?",
    "fr": r"(?:explique[rz]?|décri(?:s|re|vez)|résume[rz]?|présente[rz]?|parle(?:z)?(?:-moi)? de|écri(?:s|re|vez) sur)(?:-moi|-nous)?",
    "es": r"(?:explica(?:r|me)?|explique|describ(?:e|ir|a)|resum(?:e|ir|a)|presenta(?:r)?|habla(?:r|me)? (?:de|sobre)|escrib(?:e|ir|a) (?:sobre|acerca de))",
    "it": r"(?:spiega(?:re|mi)?|descrivi|descrivere|riassum(?:i|ere)|presenta(?:re)?|parla(?:mi)? d[ie]l?l?a?|scriv(?:i|ere) (?:di|su))",
    "pt": r"(?:expli(?:que|car|ca)|descrev(?:a|er)|resum(?:a|ir)|apresent(?:e|ar)|fal(?:e|ar) (?:de|sobre)|escrev(?:a|er) sobre)",
}
# What comes after the topic: length, readers, tone, form, sources.
_TAILS = {
    "en": r"(?:(?:in|of|with|using|within|at least|at most|around|about|approximately|under|over|between|max(?:imum)?|min(?:imum)?)\s+)*(?:\d[\d,.]*\s*(?:-|–|to|and)\s*)?\d[\d,.]*[- ]?words?\b"
    r"|(?:for|aimed at|targeted at|suitable for|intended for) (?:(?:an?|the|our|my|complete|absolute|total|young|non-?technical|busy|small)\s)*(?:(?:general|wide|broad|lay|technical|"
    r"non-?technical|professional|expert|adult)\s)*(?:beginners?|audience|readers?|newcomers?|laym[ae]n|laypeople|lay people|public|novices?|non-?experts?|experts?|blog|website|newsletter|magazine)\b"
    r"|(?:in|with|using) (?:an? |the )?(?:\w+,? (?:and |but |yet )?){0,3}(?:tone|style|voice|language)\b|in (?:plain |simple |british |american )?(?:english|german|french|spanish|italian|portuguese)\b"
    r"|(?:based on|using|drawing on|from|according to|citing|with) (?:the |my |these |this |our |your |all )*(?:attached|uploaded|following|provided|given|enclosed|files?|documents?|links?|sources?|data ?set|spreadsheet|pdf)\b"
    r"|(?:including|include|with|use|using|add) (?:some |a few |several |many |practical |concrete |real |at least )*(?:\d+ )?(?:examples?|statistics|sources|citations|references|headings|sub-?headings|bullet|keywords?|figures|tips|an? (?:introduction|conclusion|faq))\b"
    r"|(?:make sure|be sure|ensure|keep it|please|focus(?:ing)? on|do not|don't|avoid|target(?:ing)? the keyword|optimi[sz]ed? for)\b",
    "de": r"(?:(?:mit|von|in|mindestens|höchstens|etwa|ca\.|rund|maximal|circa)\s+)*(?:\d[\d.]*\s*(?:-|–|bis)\s*)?\d[\d.]*[- ]?(?:wörtern?|worte?n?)\b"
    r"|für (?:(?:ein|eine|einen|die|den|unsere?n?|meinen?|absolute|blutige|das)\s)*(?:(?:allgemeine|breite|interessierte)[ns]?\s)*(?:anfänger|einsteiger|laien|publikum|leser\w*|öffentlichkeit|experten|fachleute|neulinge|blog|webseite|website)\b"
    r"|in (?:einem |einer )?(?:\w+ (?:und )?){0,3}(?:ton|tonfall|stil|sprache)\b|auf (?:deutsch|englisch)\b|(?:auf (?:der )?(?:basis|grundlage)|anhand|mit hilfe|gestützt auf|nach)\b.{0,20}\b(?:datei|dokument|quelle|link|unterlage|daten)\w*"
    r"|mit (?:\w+ )?(?:beispielen|quellen|statistiken|überschriften|zwischenüberschriften|tipps)\b|(?:bitte|achte|verwende|verwenden sie|nutze|vermeide)\b",
    "fr": r"(?:(?:en|de|d'|avec|au moins|environ|maximum|entre)\s*)*(?:\d[\d\s]*\s*(?:-|–|à|et)\s*)?\d[\d\s]*mots\b|(?:pour|destinée? aux?) (?:(?:un|une|les|des|le|grand|large)\s)*(?:débutants?|public|lecteurs?|novices?|blog|site)\b"
    r"|(?:sur|dans|avec) un (?:ton|style) \w+|(?:d'après|à partir de|en utilisant|selon) (?:les|le|la|ces|mes|des) (?:fichiers?|documents?|sources?|liens?|données)\b|avec (?:des |\d+ )?(?:exemples|sources|chiffres|titres)\b|en français\b",
    "es": r"(?:(?:de|en|con|al menos|unas|aproximadamente|máximo|entre)\s+)*(?:\d[\d.]*\s*(?:-|–|a|y)\s*)?\d[\d.]*\s*palabras\b|(?:para|dirigid[oa] a) (?:(?:un|una|los|el|la|las|nuestros?)\s)*(?:principiantes?|público|lectores|novatos|blog|web)\b"
    r"|(?:con|en) (?:un )?(?:tono|estilo|lenguaje) \w+|(?:basad[oa] en|usando|a partir de|según) (?:los|las|el|la|mis|estos) (?:archivos?|documentos?|fuentes?|enlaces?|datos)\b|con (?:\d+ )?(?:ejemplos|fuentes|títulos)\b|en español\b",
    "it": r"(?:(?:di|in|con|almeno|circa|massimo|tra)\s+)*(?:\d[\d.]*\s*(?:-|–|a|e)\s*)?\d[\d.]*\s*parole\b|(?:per|rivolt[oa] a) (?:(?:un|i|gli|il|dei)\s)*(?:principianti|pubblico|lettori|neofiti|blog|sito)\b"
    r"|(?:con|in) (?:un )?(?:tono|stile|linguaggio) \w+|(?:basat[oa] su|usando|secondo)\b.{0,16}\b(?:file|documenti|fonti|link|dati)\b|con (?:\d+ )?(?:esempi|fonti|titoli)\b|in italiano\b",
    "pt": r"(?:(?:de|em|com|pelo menos|cerca de|no máximo|entre)\s+)*(?:\d[\d.]*\s*(?:-|–|a|e)\s*)?\d[\d.]*\s*palavras\b|(?:para|dirigid[oa] a) (?:(?:um|uma|os|o|a|as)\s)*(?:iniciantes|principiantes|público|leitores|leigos|blog|site)\b"
    r"|(?:com|em) (?:um )?(?:tom|estilo|linguagem) \w+|(?:com base n|basead[oa] n|usando )\w*.{0,12}\b(?:arquivos?|ficheiros?|documentos?|fontes?|links?|dados)\b|com (?:\d+ )?(?:exemplos|fontes|títulos)\b|em português\b",
}
_ARTICLES = {
    "en": r"(?:an?|the|one|some|\d+)",
    "de": r"(?:einen?|einem|einer|eine|den|die|das|\d+)",
    "fr": r"(?:une?|des|l'|le|la|les|\d+)",
    "es": r"(?:una?|unos|unas|el|la|los|las|\d+)",
    "it": r"(?:un[oa']?|il|la|lo|dei|\d+)",
    "pt": r"(?:uma?|uns|o|a|os|as|\d+)",
}  # fmt: skip
# Chinese and Japanese ask around the topic: "写一篇关于 X 的文章", "X について記事を書いて".
_DENSE = regex.compile(
    r"(?:请|請)?(?:帮我|幫我)?(?:写|寫|撰写|撰寫|创作|生成)(?:一篇|一个|一份)?.{0,12}?(?:关于|關於|有关)(?P<zh>.+?)的?"
    r"(?:文章|博客|博文|指南|报告|報告|介绍|介紹)?[。！]?|(?P<ja>.+?)(?:について|に関する|に関して)の?.{0,12}?(?:記事|ブログ|文章|レポート|ガイド)?を?"
    r"(?:書|作成|作って|執筆|説明).*"
)
_EDGES = " \t\n\"'“”„«»‘’`.。！？,;:!?-–—*#()[]"


@cache
def _leads(language: str) -> tuple[regex.Pattern[str], ...]:
    length = r"(?:words|wörtern|mots|palabras|parole|palavras)"
    of_length = rf"(?:\s*\([^)]*\)|,?\s+(?:of|with|in|von|mit|de|di|en)\s+(?:\S+\s+){{0,4}}?{length})*"
    modifiers = r"(?:[\p{L}\p{N}][\p{L}\p{N}.,’'–-]*\s+){0,6}?"
    lead = (
        rf"\s*(?P<verb>{_VERBS[language]})\s*(?:(?<=^|\s|-|'){_ARTICLES[language]}\s*)?{modifiers}{_KINDS[language]}"
        rf"{of_length}\s*,?\s*(?P<about>{_ABOUT[language]}(?=[\s:'’]|$)|:)\s*:?\s*"
    )
    direct = rf"\s*(?P<verb>{_DIRECT[language]})\s*(?P<about>:?)\s+"
    return tuple(regex.compile(pattern, regex.IGNORECASE) for pattern in (lead, direct))


def _asks(match: regex.Match[str]) -> bool:
    """Whether a lead asks for a text: "a guide to" does, "the columns of" (the Parthenon) does not."""
    return bool(match["verb"]) or match["about"].lower() not in ("of", "for", "into", "de", "von", "di", ":")


@cache
def _tail(language: str) -> regex.Pattern[str]:
    return regex.compile(rf"[\s,;:(–—-]+(?:{_TAILS[language]}).*", regex.IGNORECASE | regex.DOTALL)


def topic_phrase(prompt: str, language: str) -> str:
    """The topic of a prompt in at most 80 characters of whole words, without what it asks for.

    "Write an article about heat pumps for beginners, 500 words" gives "heat pumps". The instructions
    are known in English, German, French, Spanish, Italian and Portuguese; of prompts in other
    languages it is the first sentence. Never empty for a prompt with a letter or digit.
    """
    first = _first_sentence(prompt)
    dense = _DENSE.fullmatch(first)
    if dense:
        return _shortened(dense["zh"] or dense["ja"] or first)
    languages = [primary_language(language), *(key for key in _KINDS if key != primary_language(language))]
    for candidate in (key for key in languages if key in _KINDS):
        for lead in _leads(candidate):
            match = lead.match(first)
            if match and _asks(match) and first[match.end() :].strip(_EDGES):
                return _trimmed(first[match.end() :], candidate) or _shortened(first)
    return _trimmed(first, primary_language(language)) or _shortened(first) or prompt.strip()[:MAX_CHARACTERS]


def _first_sentence(prompt: str) -> str:
    """The first line or sentence with a letter; a label such as "Topic:" goes."""
    for line in prompt.splitlines():
        line = regex.sub(
            r"^\s*(?:topic|title|subject|thema|titel|sujet|titre|tema|título|titolo|prompt)\s*:\s*",
            "",
            line,
            flags=regex.I,
        )
        if regex.search(r"[\p{L}\p{N}]", line):
            return regex.split(r"(?<=[\p{Ll}\p{Lo}\p{N})\"”»][.!?])\s+(?=\p{Lu})|(?<=[。！？])", line)[0].strip()
    return prompt.strip()


def _trimmed(topic: str, language: str) -> str:
    if language in _TAILS:
        topic = _tail(language).sub("", " " + topic)
    return _shortened(topic)


def _shortened(text: str) -> str:
    """At most `MAX_CHARACTERS`, cut before a comma or dash if there is one late enough, else between words."""
    text = regex.sub(r"\s+", " ", text).strip(_EDGES)
    if len(text) <= MAX_CHARACTERS:
        return text
    head = text[: MAX_CHARACTERS + 1]
    clause = max(head.rfind(mark) for mark in (", ", "; ", ": ", " – ", " — ", " (", "，", "、", "；"))
    if clause >= MAX_CHARACTERS // 4:
        return head[:clause].strip(_EDGES)
    cut = head.rfind(" ")
    return head[: cut if cut > 0 else MAX_CHARACTERS].strip(_EDGES)
