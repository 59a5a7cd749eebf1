# ruff: noqa: RUF001 -- apostrophes as people write them
"""What gives unfinished or generated text away: placeholders, model talk, template marks, bare URLs."""

import re

# What no finished article holds; in capitals alone, for "todo" is a Spanish word and "XXX Olympiad" a name.
_CAPITALS = re.compile(r"\b(?:TODO|FIXME|TBD)\b|\bXXX+\b(?!\s+[A-Z])")
_PLACEHOLDERS = re.compile(
    r"""
    \b(?:www\.)?example\.(?:com|org|net)\b
    | \[\s*(?:insert|add|your|enter|todo|tbd|placeholder|source\s+needed|citation\s+needed
        |einfügen|insérer|insertar|inserire|inserir)\b[^\]]*\]
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
