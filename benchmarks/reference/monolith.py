"""The textbook monolith: FastAPI, SQLAlchemy ORM, response models, a session row read per request.

Written as the manuals of both show it, with the same rules and the same answer, and with every
setting that costs it nothing (uvloop, httptools, asyncpg, no access log, no refresh on commit).
"""

import hashlib
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Cookie, Depends, FastAPI, HTTPException, Query, Request
from pydantic import BaseModel
from sqlalchemy import DateTime, ForeignKey, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)

from benchmarks.reference.serve import serve

MOSCOW = ZoneInfo("Europe/Moscow")
SCHEMA = """
CREATE SCHEMA IF NOT EXISTS monolith;
CREATE TABLE IF NOT EXISTS monolith.person (
  id uuid PRIMARY KEY, worker_id uuid NOT NULL, full_name text NOT NULL, role text NOT NULL
);
CREATE TABLE IF NOT EXISTS monolith.session (
  token_hash bytea PRIMARY KEY, person_id uuid NOT NULL REFERENCES monolith.person,
  expire_time timestamptz NOT NULL, revoked boolean NOT NULL
);
GRANT USAGE ON SCHEMA monolith TO accreditation_app;
GRANT SELECT ON ALL TABLES IN SCHEMA monolith TO accreditation_app;
"""
ROLES = {"DOCTOR", "NURSE", "HEAD_DEPT", "HEAD_ORG", "HR", "REGISTRAR", "STAT", "PKU"}
EXTENSIONS: list[dict[str, Any]] = [
    {
        "kinds": {"CERTIFICATE", "PRIMARY", "PRIMARY_SPECIALIZED", "PERIODIC"},
        "from": date(2025, 1, 1),
        "to": date(2025, 12, 31),
        "until": date(2026, 12, 31),
    }
]


class Base(DeclarativeBase):
    """Declarative base."""


class Person(Base):
    __tablename__ = "person"
    __table_args__ = {"schema": "monolith"}  # noqa: RUF012 - as the manual writes it

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    worker_id: Mapped[uuid.UUID]
    full_name: Mapped[str]
    role: Mapped[str]


class Session(Base):
    __tablename__ = "session"
    __table_args__ = {"schema": "monolith"}  # noqa: RUF012 - as the manual writes it

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("monolith.person.id"))
    expire_time: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revoked: Mapped[bool]
    person: Mapped[Person] = relationship()


class Worker(Base):
    __tablename__ = "worker"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    jobs: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    register_version: Mapped[int]
    fetch_time: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    accreditations: Mapped[list["Accreditation"]] = relationship(
        primaryjoin="and_(Worker.id == Accreditation.worker_id, Accreditation.removed.is_(False))",
        order_by="(Accreditation.record_date.desc().nulls_last(), Accreditation.id.desc())",
    )


class Accreditation(Base):
    __tablename__ = "accreditation"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    worker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("worker.id"))
    registry_number: Mapped[str]
    kind: Mapped[str]
    specialty_code: Mapped[str]
    specialty: Mapped[str]
    education_level: Mapped[str]
    commission: Mapped[str]
    protocol_number: Mapped[str]
    protocol_date: Mapped[date | None]
    record_date: Mapped[date | None]
    expire_date: Mapped[date | None]
    annulled: Mapped[bool]
    organizations: Mapped[list[list[str]]] = mapped_column(JSONB)
    removed: Mapped[bool]
    version: Mapped[int]
    update_time: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class OrganizationOut(BaseModel):
    oid: str
    name: str


class SourceOut(BaseModel):
    system: str
    version: str
    fetch_time: str
    stale: bool


class AccreditationOut(BaseModel):
    id: uuid.UUID
    name: str
    specialty: str
    kind: str
    state: str
    registry_number: str
    record_date: date | None
    expire_date: date | None
    days_left: int | None
    organizations: list[OrganizationOut]
    source: SourceOut


class AccreditationsOut(BaseModel):
    items: list[AccreditationOut]
    next_page_token: str


def term_of(entry: Accreditation, today: date) -> tuple[str, date | None, int | None]:
    """State, last day and days left of an entry."""
    printed = entry.expire_date
    if printed is None and entry.record_date is not None:
        printed = entry.record_date.replace(year=entry.record_date.year + 5)
    last = printed
    for extension in EXTENSIONS:
        if (
            printed is not None
            and entry.kind in extension["kinds"]
            and extension["from"] <= printed <= extension["to"]
        ):
            last = max(printed, extension["until"])
    if entry.annulled:
        return "ANNULLED", last, None
    if printed is None or last is None or entry.record_date is None:
        return "NOT_ADMITTED_YET", last, None
    left = (last - today).days
    if left < 0:
        return "EXPIRED", last, left
    if printed < today:
        return "EXTENDED", last, left
    return ("EXPIRING" if left <= 180 else "ACTIVE"), last, left


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    url = os.environ["BENCH_DSN"].replace("postgresql://", "postgresql+asyncpg://")
    engine = create_async_engine(url, pool_size=8, max_overflow=0)
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    yield
    await engine.dispose()


app = FastAPI(title="Monolith", lifespan=lifespan)


async def get_db(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as db:
        yield db


Db = Annotated[AsyncSession, Depends(get_db)]


async def current_person(
    db: Db, token: Annotated[str | None, Cookie(alias="__Host-lkmr")] = None
) -> Person:
    if token is None:
        raise HTTPException(401)
    digest = hashlib.sha256(token.encode()).digest()
    found = await db.execute(
        select(Session).where(Session.token_hash == digest).options(joinedload(Session.person))
    )
    session = found.scalar_one_or_none()
    if session is None or session.revoked or session.expire_time < datetime.now(UTC):
        raise HTTPException(401)
    if session.person.role not in ROLES:
        raise HTTPException(403)
    return session.person


@app.get("/api/v1/accreditations")
async def list_accreditations(
    db: Db,
    person: Annotated[Person, Depends(current_person)],
    state: str | None = None,
    specialty: str | None = None,
    page_size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AccreditationsOut:
    found = await db.execute(
        select(Worker)
        .where(Worker.id == person.worker_id)
        .options(selectinload(Worker.accreditations))
    )
    worker = found.scalar_one_or_none()
    if worker is None:
        raise HTTPException(404)
    now = datetime.now(UTC)
    today = now.astimezone(MOSCOW).date()
    organizations = {
        job["organization_oid"]: job["organization_name"]
        for job in worker.jobs
        if job["end_date"] is None
    }
    moment = worker.fetch_time.astimezone(UTC).isoformat(timespec="milliseconds")
    source = SourceOut(
        system="ФРМР",
        version=str(worker.register_version),
        fetch_time=moment.replace("+00:00", "Z"),
        stale=now - worker.fetch_time > timedelta(hours=24),
    )
    items = []
    for entry in worker.accreditations:
        status, last, left = term_of(entry, today)
        if (state and status != state) or (specialty and entry.specialty != specialty):
            continue
        items.append(
            AccreditationOut(
                id=entry.id,
                name=f"Аккредитация: {entry.specialty}",
                specialty=entry.specialty,
                kind=entry.kind,
                state=status,
                registry_number=entry.registry_number,
                record_date=entry.record_date,
                expire_date=last,
                days_left=left,
                organizations=[
                    OrganizationOut(oid=oid, name=name)
                    for oid, name in entry.organizations or organizations.items()
                ],
                source=source,
            )
        )
    return AccreditationsOut(items=items[:page_size], next_page_token="")


if __name__ == "__main__":
    serve(app)
