"""Keys do not leave: what an endpoint says may echo the key that it was called with."""

import os
from collections.abc import Sequence

import regex
from pydantic import SecretStr

from copydesk.settings import Settings

REDACTED = "[redacted]"
_SHORTEST = 4  # characters of a key in the settings: shorter ones would blot out words
_SHORTEST_ELSEWHERE = 12  # of a variable that may be no key: `USE_KEY=true`
_LOOKED_AT = 20_000  # characters of a text
_KEY_VARIABLE = regex.compile(r"(?:^|_)(?:KEY|TOKEN|SECRET|PASSWORD)$")
_LOOKS_LIKE_A_KEY = (
    regex.compile(r"\b(?i:Bearer|Basic)\s+(?![a-z]+[.:]?(?:[\s\"',;]|$))[^\s\"',;]{6,}"),
    # With a provider's own beginning; masked in the middle too: "sk-proj-Ab*****yz".
    regex.compile(r"(?<![A-Za-z0-9])(?:sk|pk|rk|gsk|xai|hf|pplx|nvapi|r8|cd)[-_][A-Za-z0-9*._-]{6,}"),
    regex.compile(r"(?<![A-Za-z0-9])(?:AIza|ya29\.|AKIA|ASIA|eyJ)[A-Za-z0-9*._-]{8,}"),
    regex.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]*+[*\u2022]{3,}[A-Za-z0-9_-]*"),
    # Runs as random bytes give them: long, of capitals, small letters and digits; or unbroken, digits among letters.
    regex.compile(
        r"(?<![A-Za-z0-9+/=_-])(?=[A-Za-z+/=_-]*[0-9])(?=[0-9A-Z+/=_-]*[a-z])(?=[0-9a-z+/=_-]*[A-Z])[A-Za-z0-9+/=_-]{32,}"
    ),
    regex.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]*[0-9])[A-Za-z0-9]{24,}"),
)


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Every secret of the settings, and what the environment keeps under the name of a key; the longest first."""
    held = {value.get_secret_value().strip() for _, value in settings if isinstance(value, SecretStr)}
    named = {value.strip() for name, value in os.environ.items() if _KEY_VARIABLE.search(name.upper())}
    found = {secret for secret in held if len(secret) >= _SHORTEST}
    found |= {secret for secret in named if len(secret) >= _SHORTEST_ELSEWHERE}
    return tuple(sorted(found, key=len, reverse=True))


def redacted(text: str, secrets: Sequence[str] = ()) -> str:
    """The text's beginning without `secrets` and without anything that looks like a key."""
    text = text[:_LOOKED_AT]
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    for pattern in _LOOKS_LIKE_A_KEY:
        text = pattern.sub(REDACTED, text)
    return text
