"""Time zones: of an organisation by the region in its OID, and the eleven to choose from."""

from zoneinfo import ZoneInfo

from lkmr_servicekit.clock import MOSCOW

_ZONES = {
    "Europe/Kaliningrad": ("39",),
    "Europe/Samara": ("18", "63"),
    "Europe/Saratov": ("64",),
    "Europe/Ulyanovsk": ("73",),
    "Europe/Astrakhan": ("30",),
    "Asia/Yekaterinburg": ("02", "56", "59", "66", "45", "72", "74", "86", "89"),
    "Asia/Omsk": ("55",),
    "Asia/Novosibirsk": ("54",),
    "Asia/Barnaul": ("04", "22"),
    "Asia/Tomsk": ("70",),
    "Asia/Novokuznetsk": ("42",),
    "Asia/Krasnoyarsk": ("17", "19", "24"),
    "Asia/Irkutsk": ("03", "38"),
    "Asia/Chita": ("75",),
    "Asia/Yakutsk": ("14", "28"),
    "Asia/Vladivostok": ("25", "27", "79"),
    "Asia/Magadan": ("49",),
    "Asia/Sakhalin": ("65",),
    "Asia/Kamchatka": ("41", "87"),
}
ELEVEN = (
    *("Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk"),
    *("Asia/Krasnoyarsk", "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Magadan"),
    "Asia/Kamchatka",
)
"""The eleven time zones of the country, west to east, by their best known city."""
_BY_REGION = {region: ZoneInfo(name) for name, regions in _ZONES.items() for region in regions}
_REGION_PART = -2


def zone_of(organization_oid: str) -> ZoneInfo:
    """The zone of an organisation: the last but one number of its OID is the region (ФРМО).

    Regions with Moscow time, and OIDs of another form, give Moscow.
    """
    return _BY_REGION.get(region_of(organization_oid), MOSCOW)


def region_of(organization_oid: str) -> str:
    """The code of the region of an organisation as two digits; empty in OIDs of another form."""
    parts = organization_oid.split(".")
    return parts[_REGION_PART].zfill(2) if len(parts) >= -_REGION_PART else ""
