"""The time zone and the region of an organisation by its OID."""

from lkmr_servicekit.zones import region_of, zone_of

__all__ = ["region_of", "zone_of"]
