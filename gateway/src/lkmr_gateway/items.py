"""From the JSON of the services to the views of the pages."""

from datetime import date, datetime
from typing import Any

from lkmr_gateway.pages.views.accreditation import (
    AccreditationItem,
    AccreditationView,
    Extension,
    ExtractContent,
    OldVersion,
    Source,
)
from lkmr_gateway.pages.views.inbox import DeliveryItem, MessageItem
from lkmr_gateway.pages.views.security import SessionItem

Json = dict[str, Any]


def accreditation_item(value: Json) -> AccreditationItem:
    """An item of `GET /api/v1/accreditations`."""
    source = value["source"]
    return AccreditationItem(
        id=value["id"],
        specialty=value["specialty"],
        kind=value["kind"],
        state=value["state"],
        registry_number=value["registry_number"],
        record_date=day(value["record_date"]),
        expire_date=day(value["expire_date"]),
        days_left=value["days_left"],
        organizations=tuple(one["name"] for one in value["organizations"]),
        source=Source(
            system=source["system"],
            version=source["version"],
            fetch_time=moment(source["fetch_time"]),
            stale=source["stale"],
        ),
    )


def accreditation_view(value: Json, records: tuple[AccreditationItem, ...]) -> object:
    """`GET /api/v1/accreditations/{id}` as a page."""
    extension = value["extension"]
    return AccreditationView(
        item=accreditation_item(value),
        records=records,
        extract_href=f"/api/v1/accreditations/{value['id']}/extract.pdf",
        version=value["version"],
        update_time=moment(value["update_time"]),
        specialty_code=value["specialty_code"] or "",
        education_level=value["education_level"] or "",
        commission=value["commission"] or "",
        protocol_number=value["protocol_number"] or "",
        protocol_date=day(value["protocol_date"]),
        printed_expire_date=day(value["printed_expire_date"]),
        extension=Extension(
            order=extension["order"],
            source=extension["source"],
            valid_until=date.fromisoformat(extension["valid_until"]),
        )
        if extension
        else None,
        history=tuple(_old_version(one) for one in value["history"]),
    )


def _old_version(value: Json) -> OldVersion:
    return OldVersion(
        version=value["version"],
        replace_time=moment(value["replace_time"]),
        kind=value["kind"],
        specialty=value["specialty"],
        registry_number=value["registry_number"],
        record_date=day(value["record_date"]),
        expire_date=day(value["expire_date"]),
        annulled=value["annulled"],
    )


def message_item(value: Json) -> MessageItem:
    """An item of `GET /api/v1/messages`."""
    return MessageItem(
        id=value["id"],
        kind=value["kind"],
        title=value["title"],
        text=value["text"],
        create_time=moment(value["create_time"]),
        read_time=moment(value["read_time"]) if value["read_time"] else None,
        link=value["link"] or "",
        group=value["group"],
        why=value["why"],
        task=value["task"],
        deadline=day(value["deadline"]),
        action=value["action"],
        owner=value["owner"],
        done_time=moment(value["done_time"]) if value["done_time"] else None,
        deliveries=tuple(
            DeliveryItem(channel=one["channel"], state=one["state"], time=moment(one["time"]))
            for one in value["deliveries"]
        ),
    )


def session_item(value: Json) -> SessionItem:
    """An item of `GET /api/v1/sessions`."""
    expire_time = value.get("expire_time")
    return SessionItem(
        id=value["id"],
        device=value["device"],
        place=value["place"],
        start_time=moment(value["start_time"]),
        active_time=moment(value["active_time"]),
        expire_time=moment(expire_time) if expire_time else None,
        current=value["current"],
    )


def extract_content(value: Json) -> ExtractContent:
    """What stands in an issued extract."""
    return ExtractContent(
        extract_id=value["extract_id"],
        code=value["code"],
        create_time=moment(value["create_time"]),
        name=value["name"],
        birth_date=date.fromisoformat(value["birth_date"]),
        snils=value["snils"],
        specialty=value["specialty"],
        kind=value["kind"],
        registry_number=value["registry_number"],
        record_date=day(value["record_date"]),
        expire_date=day(value["expire_date"]),
        effective_expire_date=day(value["effective_expire_date"]),
        source_system=value["source_system"],
        source_version=str(value["source_version"]),
        extension=value["extension"],
        commission=value["commission"],
        protocol_number=value["protocol_number"],
        protocol_date=day(value["protocol_date"]),
        organizations=tuple((one[0], one[1]) for one in value["organizations"]),
        annulled=value["annulled"],
        as_of=moment(value["as_of"]) if value.get("as_of") else None,
    )


def day(value: str | None) -> date | None:
    """A day of ISO 8601; absent when empty."""
    return date.fromisoformat(value) if value else None


def moment(value: str) -> datetime:
    """A moment of RFC 3339."""
    return datetime.fromisoformat(value)
