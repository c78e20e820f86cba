"""A person's own data and consents: what is kept, what was decided, and how it is taken back."""

from dataclasses import dataclass

from lkmr_auth.domain.data_request import RequestKind
from lkmr_auth.domain.erasure import CONSENTS
from lkmr_auth.domain.errors import DocumentUnknown
from lkmr_auth.domain.legal import Decision, DecisionRecord, Document, Kind
from lkmr_auth.domain.person import Person, PersonId
from lkmr_auth.usecases.access.data_requests import open_request, supersede_requests
from lkmr_auth.usecases.activation.decide import record
from lkmr_auth.usecases.parts import IdentityParts
from lkmr_servicekit.clock import MOSCOW, day_in


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentState:
    """A text in force with the last decision on it; `decision` is None for none."""

    document: Document
    decision: DecisionRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnProfile:
    """What a person sees about the own account."""

    person: Person
    password_set: bool
    consents: tuple[ConsentState, ...]
    history: tuple[DecisionRecord, ...]


async def read_own_profile(owner: PersonId, *, parts: IdentityParts) -> OwnProfile:
    """The own account with every text in force and the whole history of decisions."""
    day = day_in(MOSCOW, parts.codes.clock.now())
    async with parts.codes.new_uow() as uow:
        person = await uow.people.get(owner)
        latest = await uow.registry.latest(owner)
        password = await uow.passwords.find(owner)
        history = await uow.registry.list(owner)
    texts = [one for kind in Kind for one in parts.legal.in_force(kind, day)]
    return OwnProfile(
        person=person,
        password_set=password is not None,
        consents=tuple(ConsentState(document=one, decision=latest.get(one.id)) for one in texts),
        history=history,
    )


async def decide_consent(
    owner: PersonId,
    document: str,
    *,
    given: bool,
    session: str,
    parts: IdentityParts,
    organization: str = "",
) -> OwnProfile:
    """Give a consent, or withdraw it; a repeat of the same decision adds nothing.

    With a withdrawal the data of that purpose end: an officer has to order it by the term of the
    law (152-ФЗ, art. 21 part 5). Who gives it anew before that asks for no destruction any more.

    The text is the version in force. Raises DocumentUnknown; terms of use are no consent.
    """
    day = day_in(MOSCOW, parts.codes.clock.now())
    texts = {one.id: one for one in parts.legal.in_force(Kind.CONSENT, day)}
    if document not in texts:
        raise DocumentUnknown(field="consent")
    text = texts[document]
    async with parts.codes.new_uow() as uow:
        person = await uow.people.get(owner, lock=True)
        held = (await uow.registry.latest(owner)).get(document)
        was_given = held is not None and held.decision is Decision.GIVEN
        same_text = held is not None and held.version == text.version
        if given != was_given or (given and not same_text):
            refusal = Decision.WITHDRAWN if was_given else Decision.DECLINED
            decision = Decision.GIVEN if given else refusal
            await record(uow, person, text, decision, parts, session=session)
            scope = CONSENTS.get(document)
            if scope and given:
                await supersede_requests(uow, owner, scope, text.title, parts=parts)
            elif scope and decision is Decision.WITHDRAWN:
                await open_request(
                    uow,
                    owner,
                    organization,
                    RequestKind.ERASURE,
                    f"Отзыв согласия «{text.title}»",
                    parts=parts,
                    scope=scope,
                )
            await uow.commit()
    return await read_own_profile(owner, parts=parts)
