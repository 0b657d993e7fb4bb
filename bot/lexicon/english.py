"""English words in one form each: lower case, no possessive, irregular forms resolved, Snowball stems."""

import re
from collections.abc import Sequence

_WORD = re.compile(r"[a-z0-9]+(?:['’.][a-z0-9]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")

# Forms that no stemmer takes back, as "base form form …".
_IRREGULAR_FORMS = """
arise arose arisen|bear bore borne|beat beaten|become became|begin began begun|bend bent|bite bit bitten
bleed bled|blow blew blown|break broke broken|breed bred|bring brought|build built|burn burnt|buy bought
catch caught|choose chose chosen|come came|deal dealt|dig dug|draw drew drawn|drink drank drunk
drive drove driven|eat ate eaten|fall fell fallen|feed fed|feel felt|fight fought|find found|flee fled
fly flew flown|forbid forbade forbidden|forget forgot forgotten|forgive forgave forgiven
freeze froze frozen|get got gotten|give gave given|go goes went gone|grow grew grown|hang hung|hear heard
hide hid hidden|hold held|keep kept|know knew known|lay laid|lead led|learn learnt|leave left|lend lent
lose lost|make made|mean meant|meet met|pay paid|ride rode ridden|ring rang rung|rise rose risen|run ran
say said|see saw seen|seek sought|sell sold|send sent|shake shook shaken|shoot shot|show shown
shrink shrank shrunk|sing sang sung|sink sank sunk|sit sat|sleep slept|slide slid|speak spoke spoken
spend spent|stand stood|steal stole stolen|stick stuck|strike struck|swear swore sworn|swim swam swum
take took taken|teach taught|tear tore torn|tell told|think thought|throw threw thrown
understand understood|wake woke woken|wear wore worn|win won|withdraw withdrew withdrawn
write wrote written|man men|woman women|child children|person people|foot feet|tooth teeth|mouse mice
goose geese|life lives|wife wives|half halves|die died dying|lie lying
""".replace("\n", "|")

# Stems that stand in every other gloss and say nothing of one.
_SMALL = """
a an the to of in on at by for from with without into onto over under and or but if as is are was were be been
do doe
did done have has had sth sb one one's oneself it its that this these those not no up out off
"""
SMALL_STEMS = frozenset(_SMALL.split())


def words(text: str) -> list[str]:
    """Return the words and figures of a text, in lower case and in order."""
    return [match.group() for match in _WORD.finditer(text.lower())]


class Stemmer:
    """Takes English words to their stems; safe to share between threads."""

    def __init__(self) -> None:
        import Stemmer as Snowball

        self._snowball = Snowball.Stemmer("english", maxCacheSize=0)
        self._irregular = {
            form: base
            for base, *forms in (entry.split() for entry in _IRREGULAR_FORMS.split("|") if entry)
            for form in forms
        }

    def __call__(self, word: str) -> str:
        """Return the stem of one word in lower case."""
        plain = _POSSESSIVE.sub("", word)
        stem: str = self._snowball.stemWord(self._irregular.get(plain, plain))
        return stem

    def phrase(self, text: str) -> Sequence[str]:
        """Return the stems of a text's words, in order."""
        return [self(word) for word in words(text)]
