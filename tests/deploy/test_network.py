"""Who may speak with whom: network policies say the same as the code."""

from typing import Any

import pytest

from lkmr_servicekit.grpc_server import SPIFFE

from .manifests import OVERLAYS, PROGRAMS, SERVICES, callers_of, of_kind

GRPC = 8443
OUTWARD = {"auth", "egisz-bridge", "notify", "scan"}


def programs(rules: list[dict[str, Any]], side: str, port: int) -> set[str]:
    """Programs named by the rules of a policy for a port; a wider selector is an error."""
    found = set()
    for rule in rules:
        if {"port": port} in rule["ports"]:
            for peer in rule[side]:
                assert set(peer) == {"podSelector"}
                labels = peer["podSelector"]["matchLabels"]
                assert labels["app.kubernetes.io/component"] == "program"
                found.add(labels["app.kubernetes.io/name"])
    return found


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_nothing_is_open_that_no_policy_opens(overlay: str) -> None:
    deny = of_kind("NetworkPolicy", overlay)["default-deny"]["spec"]

    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("service", SERVICES)
def test_callers_of_a_service_are_those_of_its_allow_list(service: str, overlay: str) -> None:
    policy = of_kind("NetworkPolicy", overlay)[service]["spec"]

    assert programs(policy["ingress"], "from", GRPC) == callers_of(service)


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_reaches_the_services_that_let_it_in_and_no_other(
    program: str, overlay: str
) -> None:
    policy = of_kind("NetworkPolicy", overlay)[program]["spec"]
    welcome = {one for one in SERVICES if program in callers_of(one)}

    assert programs(policy["egress"], "to", GRPC) == welcome


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_only_services_with_a_database_reach_postgresql(overlay: str) -> None:
    policies = of_kind("NetworkPolicy", overlay)
    reaching = {
        name
        for name, policy in policies.items()
        for rule in policy["spec"].get("egress", [])
        if {"port": 5432} in rule.get("ports", [])
    }
    ((expression,),) = [
        peer["podSelector"]["matchExpressions"]
        for rule in policies["lkmr-postgres"]["spec"]["ingress"]
        for peer in rule["from"]
        if "matchExpressions" in peer.get("podSelector", {})
    ]

    assert reaching == {*SERVICES, "migrations", "lkmr-postgres"}
    assert expression["values"] == SERVICES


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_only_three_services_and_the_scan_speak_with_the_outside_world(overlay: str) -> None:
    policies = of_kind("NetworkPolicy", overlay)
    outward = {name.removesuffix("-outside") for name in policies if name.endswith("-outside")}
    blocks = {
        name
        for name, policy in policies.items()
        for rule in policy["spec"].get("egress", [])
        for peer in rule.get("to", [])
        if "ipBlock" in peer
    }

    assert outward == OUTWARD
    assert blocks <= {f"{one}-outside" for one in OUTWARD}


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_certificates_carry_the_name_by_which_programs_know_one_another(
    program: str, overlay: str
) -> None:
    certificate = of_kind("Certificate", overlay)[f"{program}-tls"]["spec"]

    assert certificate["uris"] == [SPIFFE + program]
    assert certificate["dnsNames"] == [f"{program}.lkmr.internal"]
    assert {"server auth", "client auth"} <= set(certificate["usages"])
