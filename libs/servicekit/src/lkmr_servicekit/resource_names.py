"""Resource names such as `workers/{worker}/accreditations/{accreditation}`."""

from lkmr_servicekit.errors import Category, ServiceError


def name_of(**parts: object) -> str:
    """Build a name: `name_of(workers=w, accreditations=a)`."""
    return "/".join(f"{collection}/{value}" for collection, value in parts.items())


def ids_in(name: str, *collections: str) -> tuple[str, ...]:
    """The ids of a name with exactly these collections.

    Raises ServiceError RESOURCE_NAME_INVALID when the name has another form.
    """
    parts = name.split("/")
    if parts[0::2] != list(collections) or len(parts) != 2 * len(collections):
        raise ServiceError("RESOURCE_NAME_INVALID", Category.INVALID_ARGUMENT)
    if not all(parts[1::2]):
        raise ServiceError("RESOURCE_NAME_INVALID", Category.INVALID_ARGUMENT)
    return tuple(parts[1::2])
