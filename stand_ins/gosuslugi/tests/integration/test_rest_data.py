"""`/rs`: shapes of data, scopes, links."""

from collections.abc import Callable
from typing import Any

import pytest
from conftest import RunningStandIn, SmsSink
from esia_mini_client import MiniClient

pytestmark = pytest.mark.servers
ME = "/rs/prns/1000299001"
EMBED = "?embed=(contacts.elements-1,documents.elements,organizations.elements)"


@pytest.fixture
def token(client: MiniClient, sms: SmsSink) -> str:
    return str(client.person_tokens("ivanova", sms)["access_token"])


def test_a_person_has_the_fields_of_the_granted_scopes(client: MiniClient, token: str) -> None:
    for path in (ME, f"{ME}/"):
        person = client.data(path, token).json()

        assert person["firstName"] == "Анна"
        assert person["lastName"] == "Иванова"
        assert person["middleName"] == "Сергеевна"
        assert person["birthDate"] == "12.03.1984"
        assert person["gender"] == "F"
        assert person["snils"] == "900-001-037 98"
        assert (person["trusted"], person["status"]) == (True, "REGISTERED")
        assert "inn" not in person
        assert len(person["eTag"]) == 40


def test_embedding_turns_collections_into_objects(client: MiniClient, token: str) -> None:
    person = client.data(f"{ME}{EMBED}", token).json()

    kinds = {one["type"]: one["value"] for one in person["contacts"]["elements"]}
    assert kinds == {"MBT": "+7(900)0000001", "EML": "ivanova@demo.example"}
    assert person["contacts"]["size"] == 2
    assert person["contacts"]["stateFacts"] == ["hasSize"]
    (policy,) = person["documents"]["elements"]
    assert (policy["type"], policy["vrfStu"]) == ("MDCL_PLCY", "NOT_VERIFIED")
    assert policy["number"] == "7756510887007010"
    assert person["organizations"]["elements"][0]["ogrn"]


def test_without_embedding_elements_are_links_that_answer(client: MiniClient, token: str) -> None:
    for path in ("ctts", "docs", "orgs"):
        collection = client.data(f"{ME}/{path}", token).json()

        assert collection["size"] == len(collection["elements"]) > 0
        for link in collection["elements"]:
            assert link.startswith(f"{client.base}/rs/")
            assert client.data(link.removeprefix(client.base), token).status_code == 200


def test_roles_are_inline(client: MiniClient, sms: SmsSink) -> None:
    token = client.person_tokens("petrov", sms)["access_token"]

    roles = client.data("/rs/prns/1000299002/roles", token).json()["elements"]

    assert [role["shortName"] for role in roles] == ["КБ № 2", "ГП № 1"]
    assert {role["prnOid"] for role in roles} == {1000299002}


def test_a_collection_without_its_scope_is_403_and_left_out_when_embedded(
    client: MiniClient, sms: SmsSink
) -> None:
    client.scope = "openid fullname mobile"
    token = client.person_tokens("ivanova", sms)["access_token"]

    person = client.data(f"{ME}{EMBED}", token).json()
    docs = client.data(f"{ME}/docs", token)
    contacts = client.data(f"{ME}/ctts?embed=(elements)", token).json()

    assert {"snils", "documents", "organizations"}.isdisjoint(person)
    assert (docs.status_code, docs.json()["code"]) == (403, "ESIA-005029")
    assert [one["type"] for one in contacts["elements"]] == ["MBT"]


def test_the_data_of_another_person_are_closed(client: MiniClient, token: str) -> None:
    assert client.data("/rs/prns/1000299002", token).status_code == 403


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x.y.z", "Basic abc"])
def test_without_a_sound_token_nothing_is_given(header: str, client: MiniClient) -> None:
    answer = client.get(ME, headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.json() == {
        "code": "ESIA-005011",
        "message": "SecurityErrorEnum.invalidToken",
    }


def test_faults_may_come_in_an_array(client: MiniClient, stand_in: RunningStandIn) -> None:
    try:
        stand_in.control("PUT", "/switches", {"rest_error_shape": "array"})
        answer: Any = client.get(ME).json()
    finally:
        stand_in.control("PUT", "/switches", {"rest_error_shape": "object"})

    assert answer[0]["code"] == "ESIA-005011"


def test_a_person_without_patronymic_has_no_middle_name(client: MiniClient, sms: SmsSink) -> None:
    token = client.person_tokens("akhmetov", sms)["access_token"]

    assert "middleName" not in client.data("/rs/prns/1000299021", token).json()


def test_a_simplified_account_has_no_snils(
    client: MiniClient,
    sms: SmsSink,
    new_person: Callable[..., str],
    stand_in: RunningStandIn,
) -> None:
    login = new_person(esia_level="simplified")
    oid = stand_in.control("GET", f"/people/{login}")["esia_oid"]
    token = client.person_tokens(login, sms)["access_token"]

    person = client.data(f"/rs/prns/{oid}", token).json()

    assert person["trusted"] is False
    assert "snils" not in person
