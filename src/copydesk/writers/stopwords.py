"""Function words by language: what a heading does not begin or end with and what carries no topic."""

from copydesk.domain.language import primary_language

_STOPWORDS = {
    "en": """a an the this that these those and or but nor so yet if then than as at by for from in into of off on onto
        out over to up with without within about above across after against along among around before behind below
        between beyond during since through throughout under until upon via is are was were be been being am do does
        did done has have had having can could may might must shall should will would not no it its he him his she
        her they them their we us our you your i me my who whom whose which what when where why how all any both
        each few more most other others some such only own same too very also just there here however while because
        although though due per one two three four five many much several every either neither often usually
        between according based including used using use made make makes first second new like even well""",
    "de": """der die das den dem des ein eine einer eines einem einen und oder aber denn doch so wenn dann als wie an am
        auf aus bei beim bis durch für gegen hinter im in ins mit nach neben ohne seit über um unter vom von vor
        während wegen zu zum zur zwischen ist sind war waren sein wird werden wurde wurden worden hat haben hatte
        hatten kann können könnte muss müssen soll sollen darf dürfen mag nicht kein keine keinen keiner es er sie
        ihn ihm ihr ihre ihrer ihren ihrem sein seine seiner seinen seinem wir uns unser man sich ich du wer was
        wann wo warum welche welcher welches dieser diese dieses diesen diesem jeder jede jedes alle allen viele
        mehr auch nur noch schon sehr hier dort da daher dabei dazu damit etwa rund sowie bzw zwei drei vier jedoch
        laut je pro ab dass weil obwohl""",
    "fr": """le la les l un une des du de d et ou mais donc or ni car si que qui quoi dont où à au aux en dans par pour
        sur sous avec sans entre vers chez depuis pendant contre est sont était étaient être été a ont avait avaient
        avoir ne pas plus moins très aussi il elle ils elles on nous vous je tu se s sa son ses leur leurs ce cet
        cette ces c qu n y comme lors ainsi tout tous toute toutes autre autres même deux trois selon afin peut
        peuvent fait""",
    "es": """el la los las un una unos unas de del y o u e pero sino ni que qué quien cual cuales cuyo donde cuando como
        a al en por para con sin sobre entre hacia desde hasta durante contra según es son era eran ser sido fue
        fueron ha han había está están no más menos muy también ya se su sus lo le les nos me te mi este esta estos
        estas ese esa esos esas todo todos toda todas otro otros otra otras mismo dos tres si puede pueden""",
    "it": """il lo la i gli le un uno una di del dello della dei degli delle e ed o ma se che chi cui dove quando come a
        al allo alla ai agli alle da dal dalla dai dalle in nel nella nei nelle con su sul sulla sui sulle per tra
        fra senza verso contro è sono era erano essere stato stati fu furono ha hanno aveva non più meno molto anche
        già si suo sua suoi sue loro ci vi mi ti questo questa questi queste quello quella tutto tutti altro altri
        due tre può possono""",
    "pt": """o a os as um uma uns umas de do da dos das e ou mas se que quem qual quais onde quando como em no na nos
        nas por pelo pela pelos pelas para com sem sobre entre até desde durante contra é são era eram ser sido foi
        foram há tem têm tinha não mais menos muito também já seu sua seus suas lhe lhes este esta estes estas esse
        essa isso isto todo todos toda todas outro outros outra outras mesmo dois duas três pode podem ao à aos
        às""",
}


def stopwords(language: str) -> frozenset[str]:
    """Function words of a language (BCP 47), in lower case; empty where none are listed."""
    return frozenset(_STOPWORDS.get(primary_language(language), "").split())
