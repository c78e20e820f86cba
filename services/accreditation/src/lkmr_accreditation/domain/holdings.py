"""What documents and licences say about a worker, for the rules and for reminders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from lkmr_accreditation.domain.documents import Catalogue, Check
from lkmr_accreditation.domain.facts import Document, Documents, Licence, Mentoring
from lkmr_accreditation.domain.licences import Licences, LicenceState
from lkmr_accreditation.domain.posts import Posts
from lkmr_accreditation.domain.verdicts import Unknown
from lkmr_accreditation.domain.worker import Job

NO_LICENCES = Licences({})
_NO_EXAM = Unknown("Заключение медосмотра в кабинет не внесено")
_NO_MENTORING = Unknown("Приказ о наставничестве в кабинет не внесён")


class Held(NamedTuple):
    """A document that is not put aside, as far as rules and terms look at it."""

    id: str
    kind: str
    specialty: str
    level: str
    valid_from: date | None
    valid_until: date | None
    status: str

    @property
    def counts(self) -> bool:
        """Whether it says anything: a refused one does not."""
        return self.status != Check.REJECTED.value

    @property
    def checked(self) -> bool:
        """Whether somebody who knows confirmed it."""
        return self.status == Check.VERIFIED.value


@dataclass(frozen=True, slots=True)
class Holdings:
    """Documents of a worker, and licences of the organisations of their jobs."""

    documents: tuple[Held, ...] = ()
    licences: Licences = NO_LICENCES


def documents_of(
    holdings: Holdings, catalogue: Catalogue, posts: Posts, jobs: Sequence[Job], today: date
) -> Documents:
    """What the rules R-ACC-06 and 09…12 ask for; applications answer for themselves."""
    held = [one for one in holdings.documents if one.counts]
    exams = _of(held, "MED_EXAM")
    return Documents(
        categories=tuple(
            _document(f"категория «{one.level}», {one.specialty}", one)
            for one in _last_of_each(_of(held, "CATEGORY"), by_specialty=True)
        ),
        medical_exam=_document("медосмотр", max(exams, key=_end)) if exams else _NO_EXAM,
        signatures=tuple(
            _document(catalogue[one.kind].title, one)
            for one in _last_of_each(_of(held, "ESIGN", "MCHD"))
        ),
        licences=licences_of(holdings.licences, posts, jobs, today),
        mentoring=mentoring_of(held, today) or _NO_MENTORING,
    )


def mentoring_of(documents: Sequence[Held], today: date) -> tuple[Mentoring, ...]:
    """Terms of mentoring by orders with both days that somebody who knows confirmed."""
    return tuple(
        Mentoring(
            specialty=one.specialty,
            starts_on=one.valid_from,
            ends_on=one.valid_until,
            done_days=max(0, (min(today, one.valid_until) - one.valid_from).days),
            finished=one.valid_until < today,
        )
        for one in _of(documents, "MENTORSHIP")
        if one.valid_from is not None and one.valid_until is not None and one.checked
    )


def licences_of(
    known: Licences, posts: Posts, jobs: Sequence[Job], today: date
) -> tuple[Licence, ...]:
    """Whether each present job is covered by a licence of its organisation.

    The work of a job is its specialty; a register that was not asked yet leaves it unknown.
    """
    found: dict[tuple[str, str], Licence] = {}
    for job in jobs:
        for work in (posts.needed(job) or ())[:1]:
            of_organization = known.of(job.organization_oid)
            fitting = [one for one in of_organization or () if one.covers(work)]
            states = {one.on(today) for one in fitting}
            found[job.organization_oid, work.casefold()] = Licence(
                organization=job.organization_name,
                work=work,
                covered=LicenceState.VALID in states,
                reissue_open=LicenceState.REISSUE in states and LicenceState.VALID not in states,
                known=of_organization is not None,
            )
    return tuple(found.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTerm:
    """The term of a document that reminders are planned from."""

    document: str
    profile: str
    specialty: str
    valid_until: date
    solved: bool


def paper_terms(holdings: Holdings, catalogue: Catalogue) -> tuple[PaperTerm, ...]:
    """Terms of documents whose kind has reminders; one that a later one covers is solved."""
    made = []
    for one in holdings.documents:
        kind = catalogue.get(one.kind)
        if kind is None or not kind.profile or one.valid_until is None:
            continue
        later = kind.single and any(
            other.counts
            and other.kind == one.kind
            and other.specialty.casefold() == one.specialty.casefold()
            and (other.valid_until or date.max, other.id) > (one.valid_until, one.id)
            for other in holdings.documents
        )
        made.append(
            PaperTerm(
                document=one.id,
                profile=kind.profile,
                specialty=one.specialty,
                valid_until=one.valid_until,
                solved=later or not one.counts,
            )
        )
    return tuple(made)


def _of(held: Iterable[Held], *kinds: str) -> list[Held]:
    return [one for one in held if one.kind in kinds]


def _end(one: Held) -> tuple[date, bool]:
    return one.valid_until or date.max, one.checked


def _last_of_each(held: Iterable[Held], *, by_specialty: bool = False) -> list[Held]:
    last: dict[tuple[str, str], Held] = {}
    for one in held:
        key = (one.kind, one.specialty.casefold() if by_specialty else "")
        if key not in last or _end(one) > _end(last[key]):
            last[key] = one
    return list(last.values())


def _document(name: str, held: Held) -> Document:
    return Document(
        name=name[:1].upper() + name[1:], valid_until=held.valid_until, checked=held.checked
    )


EMPTY = Holdings()
"""Of a worker about whom nothing is kept."""
