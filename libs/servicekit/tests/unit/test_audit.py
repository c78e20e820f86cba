"""What may stand in the journal, and how an act is completed."""

import pytest
from lkmr.accreditation.v1 import accreditation_service_pb2 as pb

from lkmr_servicekit import audit
from lkmr_servicekit.audit import Act, Result, done_by, object_of, operation_of, subject_of_object
from lkmr_servicekit.audit_wire import act_from_proto, act_to_proto
from lkmr_servicekit.clock import FakeClock
from lkmr_servicekit.identity import Caller, CallerKind


def a_person() -> Caller:
    return Caller(
        kind=CallerKind.PERSON, subject="7", expire_time=0, session="persons/7/sessions/1",
        organization="org-1", roles=("DOCTOR",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("operation", "Выписка"),
        ("operation", "extract"),
        ("object", "Иванова Анна"),
        ("subject", "900-001-037 98"),
        ("reason", "because of Ivanova"),
        ("actor", "a b"),
        ("organization", "ГБУЗ"),
    ],
)
def test_free_text_cannot_stand_in_an_act(field: str, value: str) -> None:
    given = {"operation": "a.b", "object": "x/1"} | {field: value}

    with pytest.raises(ValueError, match=field):
        Act(**given)


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("workers/7/accreditations/9", "workers/7"),
        ("persons/7", "persons/7"),
        ("patients/7/cards/1", "patients/7"),
        ("extracts/9", ""),
        ("/api/v1/x/{workers}", ""),
        ("workers/{worker}", ""),
        ("", ""),
    ],
)
def test_whose_data_it_is_stands_in_the_name_of_the_object(name: str, subject: str) -> None:
    assert subject_of_object(name) == subject


def test_a_person_and_a_program_are_named_differently() -> None:
    act = Act(operation="a.b", object="x/1")
    job = Caller(kind=CallerKind.JOB, subject="notify", expire_time=0, purpose="deliver")

    by_person, by_job = done_by(act, a_person()), done_by(act, job)

    assert (by_person.actor, by_person.roles) == ("persons/7", ("DOCTOR",))
    assert (by_person.organization, by_person.session) == ("org-1", "persons/7/sessions/1")
    assert (by_job.actor, by_job.purpose, by_job.roles) == ("programs/notify", "deliver", ())


def test_an_act_survives_the_wire() -> None:
    act = done_by(
        Act(operation="a.b", object="workers/1/x/2", result=Result.DENIED, reason="NOT_OWN",
            time=FakeClock().now(), basis="request-5", trace_id="a" * 32, device="Firefox, Linux"),
        a_person(),
    )  # fmt: skip

    assert act_from_proto(act_to_proto(act)) == act


def test_a_message_without_result_or_time_is_no_act() -> None:
    whole = act_to_proto(Act(operation="a.b", object="x/1", time=FakeClock().now()))
    whole.ClearField("result")
    with pytest.raises(ValueError, match="INCOMPLETE"):
        act_from_proto(whole)
    with pytest.raises(ValueError, match="INCOMPLETE"):
        act_from_proto(act_to_proto(Act(operation="a.b", object="x/1")))


def test_the_object_is_read_from_the_request_unless_it_could_be_free_text() -> None:
    assert object_of(pb.IssueExtractRequest(name="workers/1/accreditations/2")).endswith("/2")
    assert object_of(pb.IssueExtractRequest(name="Иванова")) == ""
    assert object_of(pb.VerifyExtractRequest(code="secret")) == ""


def test_a_method_without_a_named_act_still_has_a_word() -> None:
    word = operation_of("/lkmr.egisz_bridge.v1.EgiszBridgeService/GetWorkerCard")

    assert word == "egisz_bridge.rpc.get_worker_card"
    assert audit.is_named(word)


def test_a_rule_names_an_act_or_says_why_not() -> None:
    assert audit.is_named("accreditation.extract.issued")
    assert not audit.is_named("not: it is the journal")
    with pytest.raises(ValueError, match="not an operation"):
        audit.is_named("Extract issued")
