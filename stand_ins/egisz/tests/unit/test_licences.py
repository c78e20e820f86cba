from pathlib import Path

from lkmr_egisz_stand_in.licences import LicenceRegister, licence
from lkmr_egisz_stand_in.reference import Organizations
from lkmr_servicekit.clock import FakeClock
from lkmr_stand_in_kit.store import Store

ORGANIZATIONS = Organizations()
GP1 = ORGANIZATIONS.find("org-gp1")
assert GP1 is not None


def test_each_medical_organization_has_a_licence_and_what_is_written_takes_its_place(
    tmp_path: Path,
) -> None:
    assert GP1 is not None
    with Store(tmp_path / "egisz.db") as store:
        register = LicenceRegister(store, FakeClock(), ORGANIZATIONS)
        (usual,) = register.of([GP1.oid])
        assert "терапия" in usual["works"]
        assert register.changes(0) == ([], 0)

        register.put(licence(usual["number"], GP1, {"state": "REVOKED", "works": ["терапия"]}))

        assert [one["state"] for one in register.of([GP1.oid])] == ["REVOKED"]
        assert register.find(usual["number"].lower())["state"] == "REVOKED"  # type: ignore[index]
        changes, place = register.changes(0)
        assert changes == [{"number": usual["number"], "organizationOid": GP1.oid}]
        assert register.changes(place) == ([], place)
        assert register.remove(usual["number"])
        assert register.of([GP1.oid]) == []
        assert not register.remove(usual["number"])
