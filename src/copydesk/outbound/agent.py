"""How Copydesk introduces itself to the sites that it reads."""

from importlib.metadata import version


def user_agent(contact: str | None) -> str:
    """Product, version and contact, as in `Copydesk/0.1.0 (+mailto:editor@site)`; nothing is disguised.

    Characters of `contact` that a header cannot carry are left out.
    """
    product = f"Copydesk/{version('copydesk')}"
    printable = "".join(c for c in contact or "" if c.isascii() and c.isprintable() and c not in "()").strip()
    return f"{product} (+{printable})" if printable else product
