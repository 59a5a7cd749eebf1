# ruff: noqa: RUF001 -- apostrophes as people write them
"""What gives unfinished or generated text away: placeholders, model talk, template marks, bare URLs."""

import re

# What no finished article holds; in capitals alone, for "todo" is a Spanish word and "XXX Olympiad" a name.
_CAPITALS = re.compile(r"\b(?:TODO|FIXME|TBD)\b|\bXXX+\b(?!\s+[A-Z])")
_PLACEHOLDERS = re.compile(
    r"""
    \b(?:www\.)?example\.(?:com|org|net)\b
    | \[\s*(?:insert|add|your|enter|todo|tbd|placeholder|source\s+needed|citation\s+needed
        |einfügen|insérer|insertar|inserire|inserir|invoegen|wstaw|chèn|插入|在此|挿入|ここに)[^\]]*\]
    | <\s*(?:insert|your)\b[^>]*>
    | \blorem\s+ipsum\b
    | \{\{[^}]*\}\} | \{%[^%]*%\}
    | \bplaceholder\s+(?:text|image)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MODEL_TALK = re.compile(
    r"""
    \bas\s+an?\s+(?:AI|artificial\s+intelligence)(?:\s+(?:language\s+)?(?:model|assistant|system))?(?:,|\s+I\b)
    | \bas\s+an?\s+(?:large\s+|AI\s+)*language\s+model\b
    | \bals\s+(?:eine?\s+)?(?:KI(?:-\w+)?|Sprachmodell)\s+(?:kann|bin|habe|darf)\s+ich\b
    | \ben\s+tant\s+qu['’]\s*(?:IA|intelligence\s+artificielle|un\s+modèle\s+de\s+langage),?\s+je\b
    | \bcomo\s+(?:una?\s+)?(?:IA|inteligencia\s+artificial|modelo\s+de\s+lengua(?:je)?),\s+(?:no|yo)\b
    | \bcome\s+(?:un[a']?\s*)?(?:IA|intelligenza\s+artificiale|modello\s+linguistico),?\s+(?:non|io)\b
    | \bcomo\s+(?:uma?\s+)?(?:IA|inteligência\s+artificial|modelo\s+de\s+linguagem),?\s+(?:não|eu)\b
    | \bals\s+(?:een\s+)?(?:AI(?:-\w+)?|taalmodel)\s+(?:kan|ben|heb|mag)\s+ik\b
    | \bjako\s+(?:model\s+językowy|AI|sztuczna\s+inteligencja|asystent\s+AI),?\s+(?:nie|ja|mogę|jestem)\b
    | \b(?:là|với\s+tư\s+cách\s+là)\s+(?:một\s+)?(?:mô\s+hình\s+ngôn\s+ngữ|trợ\s+lý\s+AI|AI),?\s+tôi\b
    | 作为(?:一个|一名)?(?:大型|大)?(?:人工智能|AI|语言模型)(?:语言模型|助手|模型)?[，,]?\s*我
    | (?:AI|人工知能|言語モデル)(?:アシスタント|言語モデル)?(?:である私|として[、,]?\s*私)
    | 希望(?:这篇|本)文?章?(?:对您|对你|能)(?:有所)?帮助 | お役に立てれば幸いです
    | \bmy\s+(?:knowledge\s+cut-?off|training\s+data)\b
    | \bI\s+(?:cannot|can['’]t|am\s+unable\s+to)\s+(?:browse|access\s+the\s+internet|provide\s+real-time)
    | \bI\s+hope\s+this\s+(?:helps|article)\b | \blet\s+me\s+know\s+if\s+you\b
    | </?\s*(?:think|thinking|reasoning|answer|scratchpad)\s*>
    | <\|[a-z_]+\|> | \[/?INST\] | <</?SYS>> | ^\s*(?:\#+\s*(?:Instruction|Response)s?|Assistant|Human)\s*:
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_OPENING_TALK = re.compile(
    r"""
    ^\s*(?:
      (?:sure|certainly|absolutely|of\s+course)\s*[,!]
      | here(?:\s+is|['’]s|\s+are)\s+(?:the|an?|your|my|some)\s+(?:[\w-]+\s+){0,4}
        (?:article|section|draft|outline|rewrite|revision|version|summary|paragraph|text|post|introduction|conclusion)\b
      | hier\s+ist\s+(?:der|die|das|ein|eine|Ihr)\s+(?:\w+\s+){0,3}(?:Artikel|Abschnitt|Entwurf|Text|Fassung)\b
      | voici\s+(?:l['’]|le\s+|la\s+|un\s+|une\s+|votre\s+)(?:\w+\s+){0,3}(?:article|section|texte|version)\b
      | ecco\s+(?:l['’]|il\s+|la\s+|un\s+|una\s+)(?:\w+\s+){0,3}(?:articolo|sezione|testo|versione|bozza)\b
      | aqui\s+est(?:á|ão)\s+(?:o|a|um|uma|seu|sua)\s+(?:\w+\s+){0,3}(?:artigo|seção|secção|texto|versão)\b
      | hier\s+is\s+(?:de|het|een|uw|je)\s+(?:\w+\s+){0,3}(?:artikel|sectie|tekst|versie|concept)\b
      | oto\s+(?:\w+\s+){0,3}(?:artykuł|sekcja|tekst|wersja|szkic)\b
      | (?:dưới\s+đây|sau\s+đây|đây)\s+là\s+(?:\w+\s+){0,3}(?:bài\s+viết|đoạn\s+văn|phần|bản\s+nháp)\b
      | (?:好的|当然|没问题)[，,！!。]
      | 以下是?(?:为您|为你|我)?(?:撰写|写|生成)?的?(?:一篇)?(?:关于.{1,30}的)?(?:文章|段落|草稿|正文)[：:。]
      | (?:はい|もちろん|承知(?:いた)?しました|了解しました)[、。！]
      | 以下(?:は|に|が).{0,30}(?:記事|文章|セクション|下書き)(?:です|を書)
      | aquí\s+(?:está|tiene)\s+(?:el|la|un|una|su)\s+(?:\w+\s+){0,3}(?:artículo|sección|texto|versión)\b
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_URL = re.compile(r"(?<![A-Za-z0-9])(?:https?://|www\.)[^\s<>\"]*[^\s<>\".,;:!?)'\]]", re.IGNORECASE)


def placeholder_in(text: str) -> str | None:
    """The first placeholder in visible text, or None."""
    match = _PLACEHOLDERS.search(text) or _CAPITALS.search(text)
    return match[0] if match else None


def model_talk_in(text: str) -> str | None:
    """What a model said about itself or its task in a paragraph, or None."""
    match = _MODEL_TALK.search(text) or _OPENING_TALK.search(text)
    return match[0].strip() if match else None


def url_in(text: str) -> str | None:
    """The first bare URL in visible text, or None."""
    match = _URL.search(text)
    return match[0] if match else None


def is_unfit_as_field(text: str) -> bool:
    """Whether a search field may not say `text`: empty, a placeholder, model talk, a URL or leftover markup."""
    if not text.strip() or "```" in text or "](" in text or "[^" in text:
        return True
    return any(find(text) for find in (placeholder_in, model_talk_in, url_in))
