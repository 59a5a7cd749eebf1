"""The few fixed words that an article made without a model needs, by language."""

from dataclasses import dataclass

from copydesk.domain.language import primary_language


@dataclass(frozen=True, kw_only=True)
class FixedWords:
    """Headings in one language."""

    summary: str  # over the closing section
    figures: str  # over statements computed from tables
    fallbacks: tuple[str, ...]  # over passages whose sources have no heading, where none can be made
    conjunction: str  # between two headings that share a section


_FIXED_WORDS = {
    "en": FixedWords(
        summary="Summary",
        figures="The Figures",
        fallbacks=("Background", "Details", "Further Aspects"),
        conjunction="and",
    ),
    "de": FixedWords(
        summary="Zusammenfassung",
        figures="Zahlen und Daten",
        fallbacks=("Hintergrund", "Einzelheiten", "Weitere Aspekte"),
        conjunction="und",
    ),
    "fr": FixedWords(
        summary="Résumé",
        figures="Les chiffres",
        fallbacks=("Contexte", "Détails", "Autres aspects"),
        conjunction="et",
    ),
    "es": FixedWords(
        summary="Resumen",
        figures="Las cifras",
        fallbacks=("Contexto", "Detalles", "Otros aspectos"),
        conjunction="y",
    ),
    "it": FixedWords(
        summary="Riassunto",
        figures="Le cifre",
        fallbacks=("Contesto", "Dettagli", "Altri aspetti"),
        conjunction="e",
    ),
    "pt": FixedWords(
        summary="Resumo",
        figures="Os números",
        fallbacks=("Contexto", "Detalhes", "Outros aspetos"),
        conjunction="e",
    ),
    "nl": FixedWords(
        summary="Samenvatting",
        figures="De cijfers",
        fallbacks=("Achtergrond", "Bijzonderheden", "Andere aspecten"),
        conjunction="en",
    ),
    "pl": FixedWords(
        summary="Podsumowanie",
        figures="Liczby i dane",
        fallbacks=("Tło", "Szczegóły", "Inne aspekty"),
        conjunction="i",
    ),
    "vi": FixedWords(
        summary="Tóm tắt",
        figures="Số liệu",
        fallbacks=("Bối cảnh", "Chi tiết", "Các khía cạnh khác"),
        conjunction="và",
    ),
    "zh": FixedWords(
        summary="总结",
        figures="数据",
        fallbacks=("背景", "详细内容", "其他方面"),
        conjunction="与",
    ),
    "ja": FixedWords(
        summary="まとめ",
        figures="数値データ",
        fallbacks=("背景", "詳細", "その他の側面"),
        conjunction="と",
    ),
}


def fixed_words(language: str) -> FixedWords | None:
    """The fixed words of a language (BCP 47), or None where there are none: then the topic stands in."""
    return _FIXED_WORDS.get(primary_language(language))
