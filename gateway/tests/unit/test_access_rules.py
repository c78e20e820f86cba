"""Every route says who may open it."""

import pytest

from lkmr_access import matrix
from lkmr_access.practice import is_practice
from lkmr_gateway.access import RULES, Entrance, check_routes, is_page, rule_of

OPEN = {
    "/healthz",
    "/readyz",
    "/readyz/self",
    "/static/{path:path}",
    "/api/openapi.json",
    "/auth/login",
    "/auth/callback",
    "/unsubscribe/{link}",  # one click of a mail program (RFC 8058)
    "/auth/no-cookie",
    "/auth/reduced",  # while ESIA is away: password of the cabinet and a code are asked inside
    "/help/found",
    "/calendar/{secret}",
    "/verify/keys.json",
}


def test_a_route_without_a_rule_stops_the_start() -> None:
    with pytest.raises(LookupError, match="without an access rule"):
        check_routes([*RULES, ("GET", "/secret")])
    with pytest.raises(LookupError):
        rule_of("GET", "/secret")


def test_a_rule_without_a_route_stops_the_start() -> None:
    with pytest.raises(LookupError, match="without a route"):
        check_routes(list(RULES)[1:])


def test_only_named_routes_need_nothing() -> None:
    public = {path for (_, path), rule in RULES.items() if rule.entrance is Entrance.PUBLIC}

    assert public == OPEN


def test_every_data_route_of_the_api_needs_a_session() -> None:
    for (_, path), rule in RULES.items():
        if path.startswith("/api/v1/"):
            assert rule.entrance is Entrance.SESSION, path


@pytest.mark.parametrize("role", sorted(matrix.roles()))
def test_the_gateway_decides_by_the_matrix(role: str) -> None:
    for rule in RULES.values():
        if rule.section:
            scopes = [matrix.allowed([role], rule.section, one) for one in rule.operation]
            expected = next((one for one in scopes if one and one in rule.scopes), "")
            beside = matrix.allowed([role], rule.within, "R") if rule.within else "g"
            assert rule.scope_for([role]) == (expected if beside == "g" else "")


WITHOUT_PRACTICE = {  # an emergency access is ended, not used
    "/emergency-access/{access}/end",
    "/api/v1/emergency-access/{access}",
}


def test_acts_of_practice_say_that_they_are() -> None:
    for (method, path), rule in RULES.items():
        if method == "GET" or not rule.section:
            continue
        cells = [
            (one, matrix.allowed([role], rule.section, one))
            for one in rule.operation
            for role in matrix.roles()
        ]
        act = any(
            is_practice(rule.section, one, scope) and scope in rule.scopes for one, scope in cells
        )
        assert rule.practice is (act and path not in WITHOUT_PRACTICE), path


def test_the_journal_of_all_is_open_to_those_alone_who_read_it_for_others() -> None:
    assert RULES["GET", "/api/v1/audit-events"].open_to() == ("AUDITOR", "SEC_ADMIN")
    assert RULES["GET", "/api/v1/audit-events/export"].open_to() == ("AUDITOR",)
    assert RULES["GET", "/api/v1/audit-events/export"].step_up


def test_no_role_at_all_is_a_person_without_a_job() -> None:
    rule = RULES[("GET", "/accreditations")]

    assert rule.scope_for([]) == rule.scope_for(["WITHOUT_JOB"]) == "o"
    assert rule.scope_for(["SOMETHING_NEW"]) == ""


def test_who_has_no_job_follows_own_applications_and_begins_none() -> None:
    assert RULES["GET", "/applications"].scope_for([]) == "o"
    assert RULES["POST", "/applications/{application}/{act}"].scope_for([]) == "o"
    assert not RULES["POST", "/applications"].scope_for([])
    assert not RULES["POST", "/api/v1/applications"].scope_for([])


def test_pages_are_known_by_their_path() -> None:
    assert is_page("/")
    assert is_page("/accreditations")
    assert is_page("/accreditations/1")
    assert not is_page("/auth/logout")
    assert not is_page("/api/v1/session")
    assert not is_page("/accreditationsx")
    assert not is_page("/security/x")
