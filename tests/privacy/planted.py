"""What must not be found: every spelling of the data of the demo people, secrets of a run."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from lkmr_stand_in_kit.people import PEOPLE_FILE, Person, load_people

JWT = re.compile(r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+")
POLICY_ELSEWHERE = "7752210892007998"  # what a register knows otherwise must not leak either


def spellings_of(person: Person) -> Iterator[str]:
    """Names, birth date, SNILS, telephone, e-mail and policy as people and programs write them."""
    yield person.family_name
    yield f"{person.given_name} {person.patronymic}"
    yield person.birth_date.isoformat()
    yield person.birth_date.strftime("%d.%m.%Y")
    digits = person.snils
    parts = (digits[:3], digits[3:6], digits[6:9])
    yield digits
    for sign in "- ":
        yield sign.join(parts)
    if person.phone:
        bare = person.phone.removeprefix("+7")
        yield bare
        yield f"({bare[:3]}) {bare[3:6]}"
        yield f"{bare[:3]} {bare[3:6]}-{bare[6:8]}-{bare[8:]}"
    if person.email:
        yield person.email
    if person.policy_number:
        yield person.policy_number


@dataclass
class Planted:
    """What was planted and made during a run. `secrets` are cookies and authorisation codes."""

    people: tuple[Person, ...] = field(default_factory=lambda: load_people(PEOPLE_FILE).people)
    secrets: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)

    def words(self) -> list[str]:
        """Everything that is searched as it stands."""
        found = {word for person in self.people for word in spellings_of(person)}
        found |= {person.password for person in self.people} | {POLICY_ELSEWHERE} | self.secrets
        return sorted(word for word in found if word)

    def found_in(self, text: str, *, but: Iterable[str] = ()) -> set[str]:
        """What a text gives away; each word also escaped for URLs and as hex of its UTF-8."""
        allowed = set(but)
        spelled = {
            form: word
            for word in self.words()
            if word not in allowed
            for form in (word, quote(word), word.encode().hex())
        }
        search = re.compile("|".join(map(re.escape, sorted(spelled, key=len, reverse=True))))
        hits = {spelled[hit] for hit in search.findall(text)}
        hits |= {f"a token: {hit[:12]}…" for hit in JWT.findall(text)}
        numbers = set(re.findall(r"(?<![\w.:-])\d{6}(?![\w.:-])", text))
        return hits | {f"a code: {code}" for code in self.codes & numbers}
