"""What a language tag says of the region whose results are wanted."""

from copydesk.domain.language import primary_language


def region_of(tag: str) -> str | None:
    """The region that a BCP 47 tag names, in capitals: `BR` of `pt-BR`; None for a tag without one."""
    return next((part.upper() for part in tag.split("-")[1:] if len(part) == 2 and part.isalpha()), None)  # noqa: PLR2004 - ISO 3166 codes


def likely_region(tag: str) -> str:
    """The region that a tag names, else the one where most who read its language live; `US` if nobody knows.

    Source: CLDR's likely subtags.
    """
    from langcodes import Language  # noqa: PLC0415 - 0.1 s, and most processes never need it

    return region_of(tag) or Language.get(primary_language(tag)).maximize().territory or "US"
