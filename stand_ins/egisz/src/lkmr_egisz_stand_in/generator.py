"""Generated workers: card `i` is computed from `i`, so that a register of millions needs no memory.

Each card depends on the seed, the first day of the register and `i` alone. It is printed from
prepared pieces of JSON, as a bulk load asks for tens of thousands of them in a second.
"""

from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

import orjson

from lkmr_egisz_stand_in import enp
from lkmr_egisz_stand_in.names import FEMALE, MALE, PATRONYMICS, SURNAMES
from lkmr_egisz_stand_in.reference import (
    COMMISSIONS,
    HIGHER,
    POSITION_CODES,
    REGIONS,
    SPECIALTIES,
    generated_organizations,
)
from lkmr_stand_in_kit.snils import check_digits

FIRST_BODY, BODIES = 910_000_000, 80_000_000
_BODY_STEP = 48_271_693
_BODY_BACK = pow(_BODY_STEP, -1, BODIES)
_ID_STEP, _ID_SPACE = 0x9E37_79B9_7F4B, 1 << 48
_ID_BACK = pow(_ID_STEP, -1, _ID_SPACE)
_NUMBER_STEP, _FIRST_NUMBER, _NUMBERS = 370_248_451, 100_000_000, 900_000_000
SERIALS = 100_000
LIMIT = len(REGIONS) * SERIALS

_FIRST_DAY, _LAST_DAY = date(1940, 1, 1).toordinal(), date(2120, 12, 31).toordinal()
_ADULT_DAYS, _BIRTH_DAYS = 23 * 365, 45 * 365
_TERM_DAYS, _SPREAD_DAYS, _TWO_PERCENT = 1826, 2100, 5
_SECOND_JOB, _SECOND_ENTRY, _THIRD_ENTRY, _WOMEN = 40, 130, 40, 195


@dataclass(frozen=True, slots=True)
class Insured:
    """What the insured register holds about a generated worker."""

    family_name: str
    given_name: str
    patronymic: str | None
    gender: str
    birth_date: date
    policy_number: str


@dataclass(frozen=True, slots=True)
class _Who:
    draw: bytes
    male: bool
    family_name: str
    given_name: str
    patronymic: str | None
    born: int


class Generator:
    """Makes cards 0, 1, 2 … of a register whose first day is `anchor`."""

    def __init__(self, anchor: date, *, seed: bytes = b"lkmr-egisz") -> None:
        self._seed, self._today = seed, anchor.toordinal()
        self._days = [date.fromordinal(day).isoformat() for day in range(_FIRST_DAY, _LAST_DAY + 1)]
        self._specialties = [
            f'"specialtyCode":"{one.code}","specialty":"{one.name}","educationLevel":"{one.level}",'
            f'"commission":"{COMMISSIONS[one.level]}","protocolNumber":"'
            for one in SPECIALTIES
        ]
        self._posts = [
            f'"departmentName":"{one.department}","position":"{one.position}",'
            f'"positionCode":"{POSITION_CODES[one.position]}","specialty":"{one.name}",'
            for one in SPECIALTIES
        ]
        self._diplomas = [
            f'","specialty":"{one.name}","qualification":"'
            f'{"врач" if one.level == HIGHER else "специалист"}"' + "}]"
            for one in SPECIALTIES
        ]
        made = generated_organizations()
        self._organizations = [f'{{"oid":"{one.oid}","name":"{one.name}"}}' for one in made]
        self._files = [
            f'{{"organizationOid":"{one.oid}","organizationName":"{one.name}",' for one in made
        ]
        self._regions = [one.region_code for one in made]

    def render(self, index: int, as_of: str) -> str:
        """The card as JSON; `as_of` is the moment of the answer."""
        who = self._who(index)
        draw = who.draw
        specialty = draw[8] % len(SPECIALTIES)
        place = ((draw[9] << 8) | draw[10]) % len(self._organizations)
        patronymic = f'"{who.patronymic}"' if who.patronymic else "null"
        diploma = draw[20] << 16 | draw[21] << 8 | draw[22]
        year = int(self._day(who.born)[:4]) + 22 + draw[23] % 4
        return (
            f'{{"id":"{_id(index, draw)}","version":1,"asOf":"{as_of}","snils":"{snils_of(index)}",'
            f'"surname":"{who.family_name}","name":"{who.given_name}","patronymic":{patronymic},'
            f'"sex":"{"M" if who.male else "F"}","birthDate":"{self._day(who.born)}",'
            f'"status":"ACTIVE","educations":[{{"type":"BASIC",'
            f'"institution":"Медицинский университет № {1 + draw[24] % 40}","year":{year},'
            f'"documentSeries":"{1077 + draw[24] % 20}","documentNumber":"{diploma:08d}'
            f"{self._diplomas[specialty]},"
            f'"accreditations":[{self._accreditations(index, draw, specialty, place)}],'
            f'"personalFiles":[{self._personal_files(index, draw, specialty, place)}]}}'
        )

    def card(self, index: int, as_of: str) -> dict[str, object]:
        """The card as an object."""
        made: dict[str, object] = orjson.loads(self.render(index, as_of))
        return made

    def worker_id(self, index: int) -> str:
        """The id of a card: a UUID of version 8 that tells the index back."""
        return _id(index, self._draw(index))

    def specialty(self, index: int) -> str:
        """The specialty of a generated worker's first job."""
        return SPECIALTIES[self._draw(index)[8] % len(SPECIALTIES)].name

    def index_of_id(self, worker_id: str) -> int | None:
        """The index that a card id belongs to; None when it is not one of ours."""
        digits = worker_id.replace("-", "")[:12]
        try:
            index = int(digits, 16) * _ID_BACK % _ID_SPACE
        except ValueError:
            return None
        return index if index < LIMIT and self.worker_id(index) == worker_id else None

    def insured(self, index: int) -> Insured:
        """The entry of the same person in the insured register."""
        who = self._who(index)
        born = date.fromordinal(who.born)
        number = enp.compose(
            region=REGIONS[index // SERIALS],
            birth_date=born,
            male=who.male,
            serial=index % SERIALS,
        )
        gender = "M" if who.male else "F"
        return Insured(who.family_name, who.given_name, who.patronymic, gender, born, number)

    def index_of_policy(self, number: str) -> int | None:
        """The index of the worker who holds this policy; None when it is not a generated one."""
        if not enp.is_enp(number) or int(number[:2]) not in REGIONS:
            return None
        index = REGIONS.index(int(number[:2])) * SERIALS + int(number[10:15])
        return index if self.insured(index).policy_number == number else None

    def _draw(self, index: int) -> bytes:
        return blake2b(index.to_bytes(8, "big"), key=self._seed, digest_size=56).digest()

    def _who(self, index: int) -> _Who:
        draw = self._draw(index)
        male = draw[0] >= _WOMEN
        sex = 0 if male else 1
        given = MALE if male else FEMALE
        patronymic = (
            PATRONYMICS[draw[4] % len(PATRONYMICS)][sex] if draw[5] >= _TWO_PERCENT else None
        )
        born = self._today - _ADULT_DAYS - ((draw[6] << 8) | draw[7]) % _BIRTH_DAYS
        family = SURNAMES[((draw[1] << 8) | draw[2]) % len(SURNAMES)][sex]
        return _Who(draw, male, family, given[draw[3] % len(given)], patronymic, born)

    def _day(self, ordinal: int) -> str:
        return self._days[ordinal - _FIRST_DAY]

    def _accreditations(self, index: int, draw: bytes, specialty: int, place: int) -> str:
        recorded = self._today - ((draw[12] << 8) | draw[13]) % _SPREAD_DAYS
        annulled = draw[14] < _TWO_PERCENT
        bound = (specialty, place)
        last = self._entry(_number(index, 0), "PERIODIC", bound, recorded, annulled=annulled)
        if draw[11] >= _SECOND_ENTRY:
            return last
        kind = "PRIMARY_SPECIALIZED" if draw[15] & 1 else "PRIMARY"
        before = recorded - _TERM_DAYS + draw[16] % 60
        second = self._entry(_number(index, 1), kind, bound, before)
        if draw[11] >= _THIRD_ENTRY:
            return f"{second},{last}"
        other = (specialty + 1 + draw[17] % (len(SPECIALTIES) - 1)) % len(SPECIALTIES)
        beside = self._today - ((draw[18] << 8) | draw[19]) % _SPREAD_DAYS
        third = self._entry(_number(index, 2), "PERIODIC", (other, place), beside)
        return f"{second},{third},{last}"

    def _entry(
        self,
        number: int,
        kind: str,
        bound: tuple[int, int],
        recorded: int,
        *,
        annulled: bool = False,
    ) -> str:
        day = self._day(recorded)
        specialty, place = bound
        return (
            f'{{"registryNumber":"{self._regions[place]}{day[2:4]} {number}","kind":"{kind}",'
            f'{self._specialties[specialty]}{number % 997}/{day[:4]}",'
            f'"protocolDate":"{self._day(recorded - 7)}","recordedAt":"{day}",'
            f'"validTo":"{_five_years_later(day)}","annulled":{"true" if annulled else "false"},'
            f'"organizations":[{self._organizations[place]}]}}'
        )

    def _personal_files(self, index: int, draw: bytes, specialty: int, place: int) -> str:
        start = self._today - 30 - ((draw[25] << 8) | draw[26]) % 5000
        number = f"{draw[27]:03d}{index % 1000:03d}"
        main = (
            f'{self._files[place]}{self._posts[specialty]}"rate":1.0,"employmentKind":"MAIN",'
            f'"dateIn":"{self._day(start)}","dateOut":null,"tableNumber":"{number}"}}'
        )
        if draw[28] >= _SECOND_JOB:
            return main
        other = (place + 1 + draw[29]) % len(self._files)
        return (
            f'{main},{self._files[other]}{self._posts[specialty]}"rate":0.5,'
            f'"employmentKind":"EXTERNAL_PART_TIME","dateIn":"{self._day(start + 20)}",'
            f'"dateOut":null,"tableNumber":"{number}-2"}}'
        )


def snils_of(index: int) -> str:
    """The SNILS of a generated worker: 11 digits from a range that the demo set does not use."""
    body = str(FIRST_BODY + index * _BODY_STEP % BODIES)
    return body + check_digits(body)


def index_of_snils(digits: str) -> int | None:
    """The index to which a SNILS belongs, whether or not the register is that long."""
    offset = int(digits[:9]) - FIRST_BODY
    if not 0 <= offset < BODIES:
        return None
    index = offset * _BODY_BACK % BODIES
    return index if index < LIMIT else None


def _id(index: int, draw: bytes) -> str:
    mixed = f"{index * _ID_STEP % _ID_SPACE:012x}"
    rest = draw[40:52].hex()
    return f"{mixed[:8]}-{mixed[8:]}-8{rest[:3]}-a{rest[3:6]}-{rest[6:18]}"


def _number(index: int, nth: int) -> int:
    """Nine digits that no other entry of the register has."""
    return _FIRST_NUMBER + (index * 3 + nth) * _NUMBER_STEP % _NUMBERS


def _five_years_later(day: str) -> str:
    month_day = "-02-28" if day[4:] == "-02-29" else day[4:]
    return f"{int(day[:4]) + 5}{month_day}"
