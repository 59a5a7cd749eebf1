"""Sentences that lean on text outside themselves: orphans ("This", "However", "see below")."""

from functools import cache

import regex

from copydesk.domain.language import primary_language

# Words that, opening a sentence, point back: demonstratives, pronouns, connectives, sequence words.
_OPENERS = {
    "en": (
        r"this|that|these|those|it|its|they|them|their|he|she|his|her|him|such|here|there(?! (?:is|are|was|were|has|have|"
        r"exists?|will|can)\b)|then|thus|hence|so|but|and|or|nor|yet|however|therefore|moreover|furthermore|nevertheless|"
        r"nonetheless|meanwhile|consequently|accordingly|otherwise|instead|likewise|similarly|conversely|additionally|"
        r"also|besides|still|finally|lastly|next|first(?:ly)?,|second(?:ly)?,|third(?:ly)?,|afterwards?|later|earlier|"
        r"again|indeed|by contrast|in (?:addition|contrast|turn|fact|particular|other words|short|conclusion|summary|this|that|these|"
        r"those|both cases|doing so)|on the (?:other hand|contrary|one hand)|as (?:a (?:result|consequence)|such|(?:we )?"
        r"(?:mentioned|noted|discussed|described|shown|seen|stated)(?: (?:above|before|earlier|previously))?|above|"
        r"before|well as)|for (?:example|instance|this|that|these|those|its|their)|because of (?:this|that|these)|"
        r"due to (?:this|that|these)|after (?:this|that|these|which)|at (?:this|that|the same time)|by (?:this|then|"
        r"doing so)|with (?:this|that|these)|from (?:this|that|these|there)|to (?:this|that|these|do so)|of (?:this|"
        r"these|those)|both(?! [A-Z])|the (?:former|latter|above|following|same|other|others|second|third|result(?:s)? "
        r"(?:is|was|are|were|of this))|another|others|some of (?:these|them)|most of (?:these|them)|many of (?:these|"
        r"them)|all of (?:these|this|them)|each of (?:these|them)|one of (?:these|them)|none of (?:these|them)|"
        r"neither|either|which|who|whose|yes|no,|not only|even so|that said|having said|only then|same"
    ),
    "de": (
        r"dies(?:e|er|es|em|en)?|jene(?:r|s|m|n)?|er|sie|es(?! (?:gibt|gab|ist bekannt|handelt))|ihr(?:e|er|em|en|es)?|"
        r"sein(?:e|er|em|en|es)?|ihm|ihn|ihnen|solche(?:r|s|m|n)?|dort|dann|hier(?:bei|durch|für|zu|mit|von)?|da(?:bei|"
        r"durch|für|gegen|her|hin|mit|nach|neben|rauf|raus|rin|rüber|rum|runter|von|vor|zu|zwischen)?|aber|und|oder|"
        r"doch|denn|jedoch|allerdings|deshalb|deswegen|darum|folglich|somit|also|trotzdem|dennoch|außerdem|zudem|"
        r"ferner|weiterhin|überdies|hingegen|dagegen|andererseits|einerseits|ebenso|ebenfalls|auch|schließlich|"
        r"zuletzt|zunächst|anschließend|danach|später|zuvor|vorher|inzwischen|stattdessen|sonst|ansonsten|"
        r"entsprechend|infolgedessen|im gegensatz dazu|zum beispiel|beispielsweise|so|wie (?:oben|bereits|schon|"
        r"zuvor|erwähnt|beschrieben|gesagt)|aus diese[mnr]|in diese[mnr]|bei diese[mnr]|mit diese[mnr]|nach "
        r"diese[mnr]|von diese[mnr]|zu diese[mnr]|auf diese|für diese[ns]?|durch diese|unter diese[mnr]|beide[rsmn]?|"
        r"letztere[rsmn]?|erstere[rsmn]?|andere|manche|einige davon|viele davon|welche[rsmn]?|ja,|nein,|erstens|"
        r"zweitens|drittens|nur so|erst dann|kurz gesagt|das(?= (?:ist|war|sind|waren|hat|hatte|bedeutet|heißt|gilt|"
        r"zeigt|führt|macht|liegt|wird|wurde|kann|können|geht|lässt|gelingt|betrifft|reicht|entspricht|ergibt)\b)"
    ),
    "fr": (
        r"ce(?:ci|la|lui-ci|lui-là|lle-ci|lle-là|ux-ci|lles-ci|t|tte|s)?|c['’](?:est|était|étaient|en)|ça|il(?! (?:y a|existe|"
        r"faut|est (?:possible|important|recommandé|nécessaire)))|ils|elles?|son|sa|ses|leurs?|lui|eux|celui|celle|"
        r"ceux|celles|là|alors|ainsi|donc|mais|et|ou|or|car|cependant|toutefois|néanmoins|pourtant|en outre|de plus|"
        r"par conséquent|en conséquence|en effet|en revanche|au contraire|par contre|d['’]autre part|d['’]ailleurs|"
        r"par ailleurs|par exemple|de même|enfin|ensuite|puis|finalement|tout d['’]abord|d['’]abord|après (?:cela|quoi)|"
        r"pour (?:cela|cette|ces|ce)|dans (?:ce|cette|ces)|avec (?:ce|cette|ces)|à (?:ce|cette|ces)|de (?:ce|cette|ces)|"
        r"comme (?:mentionné|indiqué|vu|dit)|les deux|l['’]autre|les autres|d['’]autres|certains d['’]entre|aussi|"
        r"également|deuxièmement|troisièmement|premièrement|y compris|lesquels|lequel|laquelle|oui,|non,|tel(?:le|s|les)?"
    ),
    "es": (
        r"est[eao]s?|es[eao]s?|aquel(?:la|las|los|lo)?|él|ella|ellos|ellas|ello|sus?|dich[oa]s?|tales?|allí|aquí|ahí|entonces|así|"
        r"pero|y|e|o|sin embargo|no obstante|por (?:lo )?tanto|por ello|por eso|por est[eao]s?|además|asimismo|también|"
        r"en cambio|por el contrario|por otr[oa] (?:lado|parte)|por ejemplo|en consecuencia|finalmente|por último|"
        r"luego|después|más tarde|mientras tanto|de hecho|en efecto|en est[eao]s?|con est[eao]s?|de est[eao]s?|a est[eao]s?|"
        r"para est[eao]s?|como (?:se )?(?:ha )?(?:mencionó|mencionado|dicho|indicó|vimos)|amb[oa]s|l[oa]s? otr[oa]s?|"
        r"otr[oa]s|el (?:primero|segundo|último)|pues|aun así|en segundo lugar|en primer lugar|sí,|no,|cuyos?|lo anterior"
    ),
    "it": (
        r"quest[oaei]|quell[oaei]|quel|quei|ciò|esso|essa|essi|esse|egli|lui|lei|loro|il suo|la sua|i suoi|le sue|tal[ei]|qui|lì|là|"
        r"allora|così|quindi|dunque|perciò|pertanto|ma|e|ed|o|però|tuttavia|inoltre|infatti|invece|anche|altresì|"
        r"al contrario|d['’]altra parte|d['’]altronde|per esempio|ad esempio|di conseguenza|infine|poi|successivamente|"
        r"dopodiché|nel frattempo|in quest[oaei]|con quest[oaei]|di quest[oaei]|a quest[oaei]|per quest[oaei]|"
        r"come (?:già )?(?:detto|menzionato|visto|indicato)|entramb[ei]|gli altri|le altre|altri|altre|"
        r"in secondo luogo|in primo luogo|sì,|no,|il primo|il secondo|quest['’]"
    ),
    "pt": (
        r"est[ea]s?|ess[ea]s?|aquel[ea]s?|ist[oa]|isso|aquilo|ele|ela|eles|elas|seus?|suas?|tal|tais|ali|aqui|lá|aí|então|assim|"
        r"mas|e|ou|porém|contudo|entretanto|no entanto|todavia|portanto|por isso|por conseguinte|além disso|além disto|"
        r"ademais|também|igualmente|em contrapartida|por outro lado|pelo contrário|por exemplo|consequentemente|"
        r"finalmente|por fim|depois|em seguida|mais tarde|enquanto isso|de fato|de facto|com efeito|ness[ea]s?|"
        r"nest[ea]s?|dess[ea]s?|dest[ea]s?|com (?:isso|ess[ea]|est[ea])|para (?:isso|ess[ea]|est[ea])|como (?:já )?"
        r"(?:mencionado|dito|visto|indicado)|ambos|ambas|os outros|as outras|outros|outras|em segundo lugar|"
        r"em primeiro lugar|sim,|não,|o primeiro|o segundo|a mesma|o mesmo"
    ),
}
# Anywhere in a sentence: the document speaking of itself, or of a figure that will not be beside the text.
_POINTERS = {
    "en": (
        r"\(see\b|(?:see|shown|listed|described|given|mentioned|discussed|noted|outlined|illustrated|explained) (?:above|below|"
        r"earlier|previously|in the (?:next|previous|following) (?:section|chapter|paragraph))|(?:the|as) (?:above|"
        r"preceding|aforementioned|following(?! (?:years?|days?|months?|weeks?|mornings?|century|decades?|seasons?|summers?|"
        r"winters?|springs?|autumns?|nights?|generations?|spring)\b))\b|(?:table|figure|fig\.?|chart|graph|image|photo|diagram|map|box|"
        r"exhibit|appendix|annex|equation|eq\.?|section|chapter) (?:\(?\d|[IVX]+\b|above|below)|(?:the|this) (?:table|"
        r"figure|chart|graph|image|photo|picture|diagram|screenshot|video|infographic|map) (?:above|below|shows?)|"
        r"this (?:article|page|post|guide|paper|report|study|section|chapter|document|tutorial|book|essay|"
        r"review|blog|library|package|module|project|repository|readme|overview|website|site|pep|proposal|list|example|video|episode)\b|see (?:also|section|page|the )|"
        r"click (?:here|on|the)|read more|the (?:former|latter)\b|on (?:the )?(?:right|left)\)|\(?pictured\)?|"
        r"in (?:this|the next|the previous|the following) (?:article|section|chapter|part|post)|as follows"
    ),
    "de": (
        r"(?:siehe|vgl\.|wie) (?:oben|unten|abb|tab|abschnitt|kapitel|seite|auch)|(?:oben|unten) (?:genannt|gezeigt|"
        r"beschrieben|stehend|erwähnt|aufgeführt)|(?:oben|unten|vor|nach)(?:stehend|genannt)\w*|(?:abbildung|abb\.|tabelle|tab\.|grafik|"
        r"diagramm|schaubild|kapitel|abschnitt|anhang|anlage) (?:\d|[IVX]+\b)|(?:die|das|der|diese[rs]?) (?:tabelle|abbildung|grafik|"
        r"diagramm|bild|foto|karte|schaubild) (?:oben|unten|zeigt)|diese[rsmn]? (?:artikel|seite|beitrag|bericht|studie|"
        r"abschnitt|kapitel|dokument|ratgeber|leitfaden|text|übersicht|video)s?\b|im folgenden|wie folgt|hier klicken|"
        r"klicken sie|mehr lesen|weiterlesen|(?:der|die|das) (?:erstere|letztere)"
    ),
    "fr": (
        r"(?:voir|cf\.?) (?:ci-dessus|ci-dessous|aussi|figure|tableau|section|chapitre|page)|ci-(?:dessus|dessous|contre|après)|"
        r"(?:tableau|figure|fig\.|graphique|schéma|carte|chapitre|section|annexe) (?:\d|[IVX]+\b)|ce(?:t|tte)? (?:article|page|guide|"
        r"rapport|étude|section|chapitre|document|tutoriel|vidéo)\b|(?:le|la) (?:tableau|figure|graphique|carte|image) "
        r"(?:montre|suivante?|précédente?)|comme suit|cliquez|lire la suite|en savoir plus"
    ),
    "es": (
        r"(?:véase|ver|vea) (?:también|arriba|abajo|la (?:figura|tabla|sección)|el (?:gráfico|cuadro))|(?:tabla|figura|fig\.|gráfico|"
        r"cuadro|mapa|capítulo|sección|anexo) \d|est[ea] (?:artículo|página|guía|informe|estudio|sección|capítulo|"
        r"documento|tutorial|vídeo|video)\b|(?:la|el) (?:tabla|figura|gráfico|cuadro|imagen) (?:muestra|anterior|siguiente)|"
        r"mencionad[oa]s? (?:anteriormente|antes|arriba)|a continuación|haga clic|leer más|como sigue"
    ),
    "it": (
        r"(?:vedi|si veda) (?:anche|sopra|sotto|la (?:figura|tabella|sezione))|(?:tabella|figura|fig\.|grafico|capitolo|"
        r"sezione|allegato) \d|quest[oa'’] ?(?:articolo|pagina|guida|rapporto|studio|sezione|capitolo|documento|video)\b|"
        r"(?:sopra|sotto|precedentemente) (?:citat|menzionat|indicat)[oaie]|di seguito|clicca|leggi di più|come segue"
    ),
    "pt": (
        r"(?:ver|veja) (?:também|acima|abaixo|a (?:figura|tabela|seção|secção))|(?:tabela|figura|fig\.|gráfico|quadro|capítulo|"
        r"seção|secção|anexo) \d|est[ea] (?:artigo|página|guia|relatório|estudo|seção|secção|capítulo|documento|tutorial|"
        r"vídeo)\b|(?:acima|abaixo|anteriormente) (?:mencionad|citad|referid)[oa]s?|a seguir|clique|leia mais|saiba mais"
    ),
}  # fmt: skip
# A sentence that does nothing but send the reader on.
_DIRECTIONS = (
    r"see |visit |click |refer to |check out |consult |head over|read more|for (?:more|further|additional) (?:information|details)|"
    r"siehe |vgl\. |mehr (?:dazu|infos|informationen)|weitere (?:infos|informationen)|voir |consultez |pour (?:en savoir plus|plus d)|"
    r"véase |consulte |para más |vedi |si veda |per maggiori |per ulteriori |veja |para mais |consulte "
)
# The first person: a source's own voice, which is not the article's.
_FIRST_PERSON = {
    "en": r"(?-i:I|I'm|I've)|we|we're|we've|us(?!-)|our|ours|my|me|myself|ourselves",
    "de": r"ich|wir|uns|unser\w{0,2}|mein\w{0,2}|mir|mich",
    "fr": r"je|j['’]\p{L}+|nous|notre|nos|mon|ma|mes|moi",
    "es": r"yo|nosotr[oa]s|nuestr[oa]s?|mi|mis|nos",
    "it": r"io|noi|nostr[oaie]|mio|mia|miei|mie",
    "pt": r"eu|nós|noss[oa]s?|meu|minha|meus|minhas",
}
# Japanese, Chinese and Korean: the same, at the start of a sentence.
_CJK_OPENERS = {
    "ja": "これ|それ|あれ|この|その|あの|ここ|そこ|しかし|また|そして|さらに|したがって|つまり|ただし|一方|なお|例えば|だが|彼|次に",
    "zh": "这|那|此|其|它|他|她|但|然而|因此|所以|此外|另外|而且|同时|例如|不过|于是|接着|該|该|這|牠",
    "ko": "이것|그것|이는|그는|그녀|그러나|하지만|또한|그리고|따라서|그래서|이러한|그런|예를 들어|반면",
}


@cache
def _opener(language: str) -> regex.Pattern[str] | None:
    if language in _CJK_OPENERS:
        return regex.compile(rf"\s*[「『（(]?(?:{_CJK_OPENERS[language]})")
    words = _OPENERS.get(language)
    return regex.compile(rf"[\s\"'“”„«»‘’(\[]*(?:{words})(?![\p{{L}}\p{{N}}])", regex.IGNORECASE) if words else None


@cache
def _pointer(language: str) -> regex.Pattern[str] | None:
    phrases = _POINTERS.get(language)
    return regex.compile(rf"(?<![\p{{L}}\p{{N}}])(?:{phrases})", regex.IGNORECASE) if phrases else None


def opens_as_orphan(sentence: str, language: str) -> bool:
    """Whether a sentence's opening words point back to text before it."""
    pattern = _opener(primary_language(language))
    return pattern is not None and pattern.match(sentence) is not None


def points_elsewhere(sentence: str, language: str) -> bool:
    """Whether a sentence speaks of a figure, table or part of its document, or of the document itself."""
    pattern = _pointer(primary_language(language))
    return pattern is not None and pattern.search(sentence) is not None


@cache
def _directions() -> regex.Pattern[str]:
    return regex.compile(rf"[(\s]*(?:{_DIRECTIONS})", regex.IGNORECASE)


@cache
def _first_person(language: str) -> regex.Pattern[str] | None:
    words = _FIRST_PERSON.get(language)
    return regex.compile(rf"(?<![\p{{L}}\p{{N}}.])(?:{words})(?![\p{{L}}\p{{N}}])", regex.IGNORECASE) if words else None


def sends_on(sentence: str) -> bool:
    """Whether a sentence does nothing but send the reader elsewhere: "See the manual for details."."""
    return _directions().match(sentence) is not None


def speaks_in_first_person(sentence: str, language: str) -> bool:
    """Whether a sentence outside its quotations says "I" or "we"."""
    pattern = _first_person(primary_language(language))
    if pattern is None:
        return False
    outside = regex.sub(r"“[^”]*”|„[^“”]*[“”]|«[^»]*»|\"[^\"]*\"", " ", sentence)
    return pattern.search(outside) is not None
