from zoneinfo import ZoneInfo

import pytest

from lkmr_accreditation.domain.zones import zone_of


@pytest.mark.parametrize(
    ("oid", "zone"),
    [
        ("1.2.643.5.1.13.13.12.2.77.90001", "Europe/Moscow"),
        ("1.2.643.5.1.13.13.12.2.41.1", "Asia/Kamchatka"),
        ("1.2.643.5.1.13.13.12.2.39.1", "Europe/Kaliningrad"),
        ("", "Europe/Moscow"),
    ],
)
def test_the_region_of_the_organisation_names_its_time_zone(oid: str, zone: str) -> None:
    assert zone_of(oid) == ZoneInfo(zone)
