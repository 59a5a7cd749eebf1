"""Function words: the words that carry grammar and no topic, per language.

The lists hold the most frequent articles, pronouns, prepositions, conjunctions and auxiliaries of
each language, apostrophes written straight. They tell languages apart in short texts and keep
function words out of ranking and support.
"""

from functools import cache

from copydesk.domain.language import primary_language

_WORDS = {
    "en": (
        "a about above after again against all also am among an and any are aren't as at be because been before "
        "being below between both but by can can't cannot could couldn't did didn't do does doesn't doing don't down "
        "during each either else ever every few for from further had has have having he her here hers herself him "
        "himself his how however i if in into is isn't it it's its itself just least less let's many may me might "
        "more most much must my myself neither no nor not now of off often on once one's only or other our ours out "
        "over own per quite rather same shall she should since so some still such than that that's the their theirs "
        "them themselves then there these they this those though through thus to too under until up upon us very via "
        "was wasn't we well were weren't what when where whether which while who whom whose why will with within "
        "without would yet you your yours yourself"
    ),
    "de": (
        "ab aber alle allem allen aller alles als also am an andere anderen anderer anderes auch auf aus bei beim bin "
        "bis bist da dabei dadurch dafür dagegen daher damit danach dann daran darauf daraus darin darüber darum das "
        "dass davon dazu dein deine dem den denen denn dennoch der deren des dessen deshalb die dies diese diesem "
        "diesen dieser dieses doch dort du durch ein eine einem einen einer eines einige einigen einiger er es etwa "
        "etwas euch für gegen haben hat hatte hatten hier hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer "
        "in indem ins ist ja je jede jedem jeden jeder jedes jedoch kann kein keine keinem keinen keiner können "
        "könnte machen man mehr mein meine mich mir mit muss müssen nach nicht nichts noch nun nur ob oder ohne per "
        "schon sehr sein seine seinem seinen seiner seit sich sie sind so sobald sodass sofern solche soll sollen "
        "sollte sondern sowie um und uns unser unsere unter vom von vor wann war waren warum was wegen weil welche "
        "welcher welches wenn wer werde werden wie wieder wir wird wo wobei wodurch worden wurde wurden während über "
        "zu zum zur zwar zwischen"
    ),
    "fr": (
        "a à afin ai ainsi alors après au aucun aucune aussi autre autres aux avait avant avec avoir beaucoup bien "
        "car ce ceci cela celle celles celui cependant ces cet cette ceux chaque chez comme comment d d'un d'une dans "
        "de depuis des donc dont du elle elles en encore entre est et étaient était étant été être eu eux fait fut "
        "furent il ils j je jusqu l la là le les leur leurs lors lorsque lui m ma mais me même mêmes mes moins mon n "
        "ne ni nos notre nous on ont ou où par parce pas pendant peu peut peuvent plus pour pourquoi puis qu quand "
        "que quel quelle quelles quelque quels qui quoi s sa sans se selon ses si sinon soit son sont sous sur t ta "
        "tandis te tous tout toute toutes très trop tu un une vers vos votre vous y c'est qu'il qu'elle qu'un qu'une"
    ),
    "es": (
        "a al algo algunas algunos ante antes aquel aquella aquellos aquí así aún aunque bajo bien cada casi como cómo "
        "con contra cual cuál cuales cuando cuándo de del desde después donde dónde dos durante e el él ella ellas "
        "ellos en entonces entre era eran es esa esas ese eso esos esta está están estaba este esto estos fue fueron "
        "ha había habían han hasta hay la las le les lo los luego más me menos mi mientras muy nada ni no nos nosotros "
        "nuestra nuestro o otra otras otro otros para pero poco por porque pues que qué quien quién se sea según ser "
        "si sí sido siempre sin sino sobre son su sus también tan tanto te tiene tienen todo todos toda todas tras tu "
        "un una unas uno unos usted y ya yo"
    ),
    "it": (
        "a ad agli ai al alcuni alla alle allo altra altre altri altro anche ancora avere aveva c'è che chi ci ciò col "
        "come con contro cosa così cui da dagli dai dal dalla dalle dallo degli dei del dell della delle dello dentro "
        "deve di dopo dove due durante e è ed era erano essere fino fra fu furono già gli ha hanno ho i il in inoltre "
        "invece io l la le lei li lo loro lui ma mentre mi mia mio molto molti ne negli nei nel nell nella nelle nello "
        "no noi non nostra nostro o ogni oltre per perché perciò però più poco poi prima può qual quale quali quando "
        "quanto quella quelle quelli quello questa queste questi questo qui quindi sarà se sempre senza si sia sono "
        "sopra sotto stata state stati stato su sua sue sugli sui sul sulla sulle sullo suo suoi tra tutta tutte tutti "
        "tutto un una uno vi"
    ),
    "pt": (
        "a à ao aos aquela aquele aquilo as às assim até cada com como contra da das de dela dele deles depois desde "
        "do dos durante e é ela elas ele eles em embora enquanto entre era eram essa essas esse esses esta está estão "
        "estas este estes eu foi foram há isso isto já la lhe lo mais mas me mesmo meu minha muito muitos na nas não "
        "nem no nos nós nossa nosso num numa o onde os ou outra outras outro outros para pela pelas pelo pelos perante "
        "pois por porém porque portanto pouco qual quais quando quanto que quem se sem sempre ser seu seus sido sob "
        "sobre sua suas também tão tem têm teu toda todas todo todos tua um uma umas uns você vocês"
    ),
    "nl": (
        "aan al alle als bij dan dat de der deze die dit doch doen door dus een en er haar had hebben heeft het hem "
        "hier hij hoe hun ik in is ja je kan kunnen maar me meer men met mij mijn moet na naar niet niets nog nu of om "
        "omdat onder ons ook op over reeds te tegen toch toen tot tussen u uit uw van veel voor want waren was wat "
        "werd wezen wie wij wil worden wordt zal ze zelf zich zij zijn zo zonder zou"
    ),
    "sv": (
        "alla att av blev bli blir de dem den denna deras dess dessa det detta dig din du där då efter ej eller en ett "
        "från för ha hade han hans har henne hennes här hon honom hur i icke inom inte jag kan kunde man med mellan men "
        "mig min mot mycket ni nu när någon något några och om oss på samma sedan sig sin sitt skulle som så till under "
        "upp ut utan vad var vara varit vi vid vilka är över"
    ),
    "da": (
        "ad af alle alt at blev blive bliver da de dem den denne der deres det dette dig din du efter eller en end er et "
        "for fra ham han hans har havde hende her hos hun hvad hvis hvor i ikke ind jeg jo kan kunne man mange med meget "
        "men mig min mod må ned noget nogle nu når og også om op os over på sig sin skal skulle som sådan til ud under "
        "var vi vil ville være været"
    ),
    "no": (
        "alle at av ble blir bli da de deg dem den denne der deres det dette du eller en enn er et etter for fra han "
        "hans har hadde henne her hun hva hvis hvor hvordan i ikke inn jeg kan kunne man mange med meg mellom men min "
        "mot noe noen nå når og også om opp oss over på seg sin skal skulle som så til ut under var ved vi vil være vært"
    ),
    "pl": (
        "a aby ale albo ani bardzo bez bo być był była było były by czy co do dla gdy gdzie go i ich ile im ja jak jako "
        "jego jej jest jeszcze jeśli już każdy kiedy kto która które który lub ma mi między może na nad nie nich niż o "
        "od on ona oni oraz po pod podczas ponieważ przed przez przy są się sobie ta tak także tam te tego tej ten to "
        "tu tych tylko tym u w we więc wszystko z za ze że"
    ),
    "ru": (
        "а без более бы был была были было быть в вам вас весь во вот все всё всего всех вы где да даже для до его ее её "
        "если есть еще ещё же за здесь и из или им их к как ко когда который которая которые кто ли либо между мне "
        "может мы на над надо не него нее нет ни них но ну о об однако он она они оно от очень по под при с со также "
        "так такой там те тем то того тоже той только том ты у уже хотя чего чей чем что чтобы эта эти это этот я"
    ),
    "tr": (
        "ama ancak bazı ben bir biz bu çok çünkü da daha de değil diye en gibi göre hem her hiç için ile ise kadar ki "
        "mi mı mu mü ne neden o olan olarak oldu onlar sonra şu tüm var ve veya ya yani yok"
    ),
}


@cache
def stopwords(language: str) -> frozenset[str]:
    """The function words of a language (BCP 47), lower case; empty where none are known."""
    return frozenset(_WORDS.get(primary_language(language), "").split())


def languages_with_stopwords() -> tuple[str, ...]:
    """The primary languages that have a list."""
    return tuple(_WORDS)
