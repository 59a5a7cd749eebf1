"""Text that is no evidence: boilerplate, fragments, link lists, and text addressed to machines."""

import unicodedata

import regex

from copydesk.domain.words import count_words, writes_without_spaces

_BOILERPLATE_WORDS = 60  # longer text that speaks of cookies or newsletters is about them
_MIN_LETTERS = 0.6  # of a sentence's visible characters; below: formulas, code, rows of figures
_MAX_SENTENCE = 90  # words; longer ones are lists whose punctuation was lost
_MIN_SENTENCE = 4  # words
_MIN_DENSE_SENTENCE = 8  # characters, in scripts without spaces

_BOILERPLATE = regex.compile(
    r"\bcookies?\b.{0,80}\b(?:accept|consent|use|policy|settings|site|website)|\b(?:we|this (?:site|website)) uses? cookies"
    r"|\b(?:accept|reject|manage) (?:all )?cookies|cookie[- ](?:richtlinie|einstellungen|hinweis)|verwende[nt]\w* cookies"
    r"|utilis\w+ des cookies|utiliza(?:mos)? cookies|utilizza(?:mo)? (?:i )?cookie"
    r"|\b(?:subscribe|sign up|sign in|log in|register)\b.{0,60}\b(?:newsletter|account|mailing list|to (?:our|the|read|continue)|now|today|here)"
    r"|\bnewsletter\b.{0,40}\b(?:abonnieren|anmelden|bestellen|inscri\w+|suscr\w+|iscri\w+|assin\w+)"
    r"|\b(?:abonnieren|anmelden|abonnez-vous|inscrivez-vous|suscríbete|suscríbase|iscriviti|assine|inscreva-se)\b.{0,60}"
    r"\b(?:newsletter|boletín|infolettre|kanal|canal|notizie|notícias)"
    r"|\ball rights reserved|\balle rechte vorbehalten|\btous droits réservés|\btodos los derechos reservados"
    r"|\btutti i diritti riservati|\btodos os direitos reservados|^(?:copyright\b|©|\(c\)\s*\d{4})|©\s*\d{4}|copyright (?:©|\(c\)|\d{4})"
    r"|\b(?:share|follow|like|find) (?:this|us|it)\b.{0,40}\b(?:on|via|facebook|twitter|linkedin|instagram|article|post|page)"
    r"|\bteilen (?:sie )?(?:auf|diesen)|\bpartager (?:sur|cet)|\bcompart[ie]\w* (?:en|este)|\bcondividi (?:su|questo)|\bcompartilh\w+ (?:no|este)"
    r"|\b(?:skip|jump) to (?:main )?(?:content|navigation)|\bzum inhalt springen|\baller au contenu|\bir al contenido"
    r"|\b(?:privacy policy|terms (?:of|and) (?:use|service|conditions)|datenschutzerklärung|impressum|mentions légales|"
    r"política de privacidad|política de privacidade|informativa sulla privacy)\b"
    r"|\b(?:click|tap) (?:here|the (?:link|button))|\bread more\b|\b(?:related|recommended|popular) (?:articles|posts|stories|topics)"
    r"|\bleave a (?:comment|reply)|\bpost a comment|\b\d+ comments?\b$|\badvertisement\b|\bsponsored (?:content|by)"
    r"|\b(?:enable|turn on) javascript|\byour browser (?:does not|doesn't)|\bpage (?:last )?(?:updated|modified|edited)"
    r"|\blast (?:updated|modified|edited) on|\bretrieved (?:on )?\d|\bphoto(?:graph)? (?:by|credit|courtesy)|\bimage (?:by|credit|source|courtesy)"
    r"|^(?:photo|image|picture|source|credit|foto|bild|quelle|fuente|fonte|crédito|illustration|abb\.?|figure|fig\.?|table|tabelle|"
    r"abbildung|tableau|figura|tabla|tabela|tabella|chart|grafik)\s*(?:\d+[a-z]?)?\s*[:.–—-]\s"
    r"|\bjoin us (?:on|in|for)\b|\bfeel free to (?:contribute|contact|reach|ask|leave)|\b(?:don't|do not) hesitate to\b|\bzögern sie nicht"
    r"|\bn'hésitez pas|\bno dude en\b|\bnon esitate\b|\bnão hesite"
    r"|\b(?:buy|order|shop|download) (?:now|today|here|online now)|\b(?:jetzt|hier) (?:kaufen|bestellen|klicken|herunterladen)"
    r"|\b(?:free|kostenlose) (?:trial|shipping|versand)|\bfor (?:more|further) information,? (?:please )?(?:contact|visit|see|call|email|go)"
    r"|\b(?:contact|email|call) us\b|\bprinted (?:on|from)|\bpowered by\b|\bpage \d+ (?:of|/) \d+",
    regex.IGNORECASE,
)  # fmt: skip
_MACHINE = regex.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:previous|prior|above|preceding|earlier|all|any|your|system)\b.{0,30}"
    r"\b(?:instructions?|prompts?|rules?|directions?|guidelines?|context|messages?|text)\b"
    r"|\b(?:ignore|disregard|forget) (?:the )?(?:above|everything)\b"
    r"|\byou are (?:now )?(?:an? |the )?(?:helpful |large |expert |ai |unrestricted )*(?:ai|a\.i\.|artificial intelligence|assistant|chatbot|"
    r"language model|llm|chatgpt|gpt(?:-\d)?|claude|gemini|dan)\b"
    r"|\b(?:if you are|as|dear|attention|note to|hey|hello) (?:an? |the |any |all )?(?:ai|llm|large language model|language model|chatbot|"
    r"ai (?:assistant|model|agent|crawler|system))s?\b(?:,|:|!| reading| processing| summari[sz]ing| must| should|\s+please)"
    r"|\bsystem prompts?\b.{0,60}(?:reveal|print|output|repeat|show|:)|\b(?:reveal|print|output|repeat|show)\b.{0,40}\bsystem prompts?\b"
    r"|^\s*(?:#+\s*)?(?:system|assistant|user|human|instruction|instructions to (?:the )?(?:ai|model|assistant))\s*:\s"
    r"|<\|?(?:im_start|im_end|system|endoftext|assistant|user)\|?>|\[/?INST\]|<</?SYS>>|<(?:system|instructions?|prompt)>"
    r"|\b(?:respond|reply|answer|output) only (?:with|in)\b|\bdo not (?:tell|inform|reveal|mention)\b.{0,40}\b(?:the )?(?:user|reader)\b"
    r"|\b(?:your|the) (?:summary|article|answer|response|output|text) (?:must|should|has to|shall) (?:include|mention|say|state|recommend|contain|link|begin|start|end)\b"
    r"|\bignorier(?:e|en|t)\b.{0,40}\b(?:vorherige|vorige|bisherige|obige|alle|frühere)\w*\b.{0,30}\b(?:anweisung|instruktion|regel|vorgabe)"
    r"|\bdu bist (?:jetzt |nun )?(?:ein|eine) (?:ki|künstliche|assistent|sprachmodell|chatbot)"
    r"|\bignor(?:e|ez|er|a|e|en|ar)\b.{0,40}\b(?:instructions|consignes|instrucciones|instruções|istruzioni)\b"
    r"|\b(?:tu es|vous êtes|eres|sei|você é) (?:maintenant |ahora |ora |agora )?(?:une?|un|um|uma) (?:ia|assistant|asistente|assistente|"
    r"modèle de langage|modelo de lenguaje|modello linguistico|modelo de linguagem|chatbot)\b",
    regex.IGNORECASE,
)  # fmt: skip
_END_SECTIONS = regex.compile(
    r"(?:references?|notes?|footnotes?|citations?|sources?|bibliography|works cited|further reading|external links?|see also|"
    r"related (?:articles|posts|topics|links)|table of contents|contents|comments?|about the authors?|acknowledge?ments?|"
    r"copyright|licen[sc]e|share this|navigation( menu)?|tags|categories|index|change ?log|"
    r"contribut(?:ing|ions|ors?)|community|support(?: us)?|credits(?: and licen[sc]es)?|sponsors?|donat(?:e|ions?)|contact(?: us)?|about us|"
    r"authors?|get in touch|über uns|kontakt|über den autor|über die autorin|mitwirkende|"
    r"einzelnachweise?|literatur(?:verzeichnis)?|weblinks|siehe auch|quellen(?:verzeichnis)?|anmerkungen|fußnoten|inhalt(?:sverzeichnis)?|"
    r"kommentare|danksagung|impressum|références?|bibliographie|liens externes|voir aussi|notes et références|sommaire|"
    r"table des matières|referencias|bibliografía|enlaces externos|véase también|notas|índice|note|bibliografia|"
    r"collegamenti esterni|voci correlate|riferimenti|indice|referências|ligações externas|ver também|sumário)\s*[:.]?",
    regex.IGNORECASE,
)  # fmt: skip
_MARK = regex.compile(
    r"\s?\[(?:\d{1,3}(?:\s?[,;–-]\s?\d{1,3})*|[a-z]|(?:note|nb|n|lower-alpha|anm\.?|a|b|c)\s?\d{1,2}|citation needed|clarification needed|"
    r"when\?|who\?|where\?|which\?|by whom\?|according to whom\?|failed verification|better source needed|dead link|"
    r"better\s?source|original research\?|update|edit(?: source)?|bearbeiten|quelle fehlt|réf\. nécessaire|réf\. souhaitée|"
    r"cita requerida|senza fonte|carece de fontes\??|modifier(?: le code)?|editar|modifica)\](?::\d{1,4})?",
    regex.IGNORECASE,
)  # fmt: skip
_FINAL = regex.compile(r"[.!?।؟۔።។။。！？｡]['\"”’»«“)\]）」』]*$")
_UNFINISHED = regex.compile(r"(?:\.\.\.|…|\[…\]|\[\.\.\.\]|\betc)['\"”’»)\]]*\.?$")
_START = regex.compile(r"['\"“”„«»‘’‹›(\[¿¡「『（]*(?:[\p{Lu}\p{Lt}\p{Lo}\p{N}]|\p{Ll}{1,3}[\p{Lu}\p{N}-])")
_LINKS = regex.compile(
    r"https?://|www\.|\S+@\S+\.\w|[|•·►→»]\s|\\[a-z]+\{|\{\{|\}\}|</?\w+[^>]*>|_{3,}|\.{4,}|={3,}|`{3}"
)
_BIBLIOGRAPHY = regex.compile(
    r"^\p{Lu}[\p{L}’'-]+, (?:\p{Lu}\.[ -]?)+|\bdoi:|\bISBN\b|\barXiv:|\bpp?\.\s?\d+\s?[-–]\s?\d+|\bet al\.,? \(?\d{4}\)?\.$"
)
_PAIRS = (("(", ")"), ("[", "]"), ("“", "”"), ("«", "»"), ("「", "」"), ("（", "）"))


def clean_text(text: str) -> str:
    """NFC on one line, without footnote marks such as `[12]` and editors' marks such as `[citation needed]`."""
    text = _MARK.sub("", unicodedata.normalize("NFC", text))
    text = regex.sub(r"[\p{Cc}\p{Zl}\p{Zp}\s]+", " ", text)
    return regex.sub(r"\s+([,.;:!?])(?=\s|$)", r"\1", text).strip()


def speaks_of_the_page(text: str) -> bool:
    """Whether any part of a text may be boilerplate; a first look at a whole paragraph, of any length."""
    return _BOILERPLATE.search(text) is not None


def is_boilerplate(text: str) -> bool:
    """Whether a short text is of the page and not of its subject: cookies, subscriptions, rights, captions."""
    return speaks_of_the_page(text) and count_words(text) <= _BOILERPLATE_WORDS


def addresses_machines(text: str) -> bool:
    """Whether a text gives orders to a program that reads it."""
    return _MACHINE.search(text) is not None


def is_end_matter(heading: str) -> bool:
    """Whether a section of this heading lists sources, links or comments."""
    return _END_SECTIONS.fullmatch(regex.sub(r"^[\d.\s]+", "", heading.strip())) is not None


def is_whole_sentence(sentence: str) -> bool:
    """Whether a piece of text is one finished, readable sentence, neither fragment nor list nor code."""
    if not _FINAL.search(sentence) or _UNFINISHED.search(sentence) or not _START.match(sentence):
        return False
    if (
        _LINKS.search(sentence)
        or _BIBLIOGRAPHY.search(sentence)
        or any(sentence.count(left) != sentence.count(right) for left, right in _PAIRS)
    ):
        return False
    if sentence.count('"') % 2 or ("„" in sentence and "“" not in sentence):
        return False
    visible = regex.sub(r"\s", "", sentence)
    if len(regex.findall(r"[\p{L}\p{M}]", visible)) < _MIN_LETTERS * len(visible):
        return False
    if writes_without_spaces(sentence):
        return len(visible) >= _MIN_DENSE_SENTENCE
    return _MIN_SENTENCE <= count_words(sentence) <= _MAX_SENTENCE
