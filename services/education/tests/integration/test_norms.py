"""Norms have one owner; this service keeps the last copy."""

import asyncio
from dataclasses import replace

import pytest
from lkmr.accreditation.v1 import compliance_service_pb2 as pb

from lkmr_education.clients.law import norms_of
from lkmr_education.domain.errors import RegisterUnavailable
from lkmr_education.domain.norms import Norms
from lkmr_education.usecases.norm_book import NormBook

from ..builders import NORMS, TODAY
from .conftest import PlayedLaw, Service

pytestmark = pytest.mark.servers


async def test_norms_are_those_of_their_owner_and_survive_its_absence(service: Service) -> None:
    owner = PlayedLaw()
    book = NormBook(owner=owner, new_uow=service.new_uow)
    await book.open()
    with pytest.raises(RegisterUnavailable):
        _ = book.norms
    await book.renew()
    assert book.norms.number("accr.hours.total", TODAY) == 144

    changed = tuple(
        replace(one, value=150) if one.key == "accr.hours.total" else one for one in NORMS.entries
    )
    owner.norms = Norms(changed)
    await book.renew()
    owner.away = True
    with pytest.raises(RegisterUnavailable):
        await book.renew()
    again = NormBook(owner=owner, new_uow=service.new_uow)
    await again.open()

    for one in (book, again):
        assert one.norms.number("accr.hours.total", TODAY) == 150
        assert one.norms.norm("cpd.pk_min_hours", TODAY).source


async def test_a_request_before_the_first_norms_waits_for_them(service: Service) -> None:
    book = NormBook(owner=PlayedLaw(), new_uow=service.new_uow)

    waiting = asyncio.create_task(book.first())
    await asyncio.sleep(0)
    assert not waiting.done()
    await book.renew()
    await waiting

    assert book.norms.number("accr.hours.total", TODAY) == 144


def test_flags_become_numbers_and_words_are_left_out() -> None:
    found = norms_of(
        [
            pb.Norm(key="b", value="true", source="s"),
            pb.Norm(key="a", value="16", source="s", valid_from="2026-01-01"),
            pb.Norm(key="c", value="pdf", source="s"),
        ]
    )

    assert [(one.key, one.value) for one in found.entries] == [("a", 16), ("b", 1)]
    assert found.entries[0].valid_from.isoformat() == "2026-01-01"
