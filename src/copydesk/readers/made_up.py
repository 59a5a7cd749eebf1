"""Titles and authors that programs make up."""

import re

_TITLE = re.compile(
    r"untitled.*|unbenannt.*|sans titre.*|sin título.*|no ?title|title|titel|microsoft (?:word|powerpoint|excel)\b.*"
    r"|word document|powerpoint presentation|pdf document|document\s*\d*|dokument\s*\d*|doc\s*\d*|slide\s*1|layout 1"
    r"|.*\.(?:docx?|dotx?|pdf|tex|odt|rtf|indd|dvi|ps|eps|qxd|pub|wpd|pages|html?|xml|txt|md|pptx?|xlsx?|fm)"
    r"|[\W\d_]*|(?:[a-z]:|file:)?[\\/].*|\(?anonymous\)?",
    re.IGNORECASE,
)
_LONGEST = 500  # characters; what is longer is no title and no name
_AUTHOR = re.compile(
    r"\(?anonymous\)?|unspecified|unknown|author|autor|user|usuario|benutzer|owner|admin(?:istrator)?|root|guest|default"
    r"|python-docx|microsoft(?: office)?(?: user)?|windows user|office|windows|openoffice.*|libreoffice.*"
    r"|pc|hp|dell|lenovo|acer|asus|test|[\W\d_]*",
    re.IGNORECASE,
)


def title_of(text: str | None) -> str | None:
    """A declared title, unless a program or template made it up: a file's name, a placeholder."""
    text = (text or "")[:_LONGEST].strip()
    text = re.sub(r"^Microsoft (?:Word|PowerPoint) - ", "", text)
    return None if not text or _TITLE.fullmatch(text) else text


def author_of(text: str | None) -> str | None:
    """A declared author, unless it is what programs write for nobody."""
    text = (text or "")[:_LONGEST].strip()
    return None if not text or _AUTHOR.fullmatch(text) else text
