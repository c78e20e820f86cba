"""What was computed of workers: read in portions, judged outside, written in portions."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import blake2b
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from lkmr_accreditation.domain.accreditation import Entry
from lkmr_accreditation.domain.events import ACCREDITATION, TermNow
from lkmr_accreditation.domain.facts import Identity
from lkmr_accreditation.domain.holdings import Holdings
from lkmr_accreditation.domain.hours import Statement
from lkmr_accreditation.domain.staff import Member
from lkmr_accreditation.domain.zones import region_of
from lkmr_accreditation.storage import rows
from lkmr_accreditation.storage.holdings import licences_of_workers, papers_of
from lkmr_accreditation.storage.hours import statement_json, statement_of
from lkmr_accreditation.storage.pauses import pauses_of
from lkmr_accreditation.storage.tables import worker_hours
from lkmr_accreditation.usecases.ports import RecomputeState, StoredEntry
from lkmr_accreditation.usecases.recompute import Judged, Loaded
from lkmr_servicekit.encryption import DataKey, KeyRing

_LOCK = sa.text("SELECT id FROM worker WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")
_LOCK = _LOCK.bindparams(sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid)))
_WORKERS = """
SELECT w.id::text, w.jobs::text, w.register_version, w.fetch_time, w.gaps, w.identity::text,
       c.revision, c.print, c.terms::text
  FROM worker w LEFT JOIN compliance c ON c.worker_id = w.id
 WHERE w.id = ANY($1)
"""
_ENTRIES = """
SELECT worker_id::text, id::text, version, update_time, registry_number, kind, specialty_code,
       specialty, education_level, commission, protocol_number, protocol_date, record_date,
       expire_date, annulled, organizations::text
  FROM accreditation WHERE worker_id = ANY($1) AND NOT removed
"""
_MEMBERSHIPS = """
SELECT worker_id::text, organization_oid, card_version, print FROM staff WHERE worker_id = ANY($1)
"""
_CONTRADICTIONS = "SELECT worker_id::text, kind, subject FROM discrepancy WHERE worker_id = ANY($1)"
_HOURS = (
    "SELECT worker_id::text, specialty, content::text FROM worker_hours WHERE worker_id = ANY($1)"
)
_HOLD_WORKER = sa.text("SELECT 1 FROM worker WHERE id = :id FOR UPDATE")
_HOURS_ASKED = sa.text("SELECT max(fetch_time) FROM worker_hours WHERE worker_id = :id")
_DROP_HOURS = sa.text("DELETE FROM worker_hours WHERE worker_id = :id")
_PERSONAL = "SELECT id::text, data_key, personal FROM worker WHERE id = ANY($1)"
_KEYS = "SELECT organization_oid, data_key FROM organization_key WHERE organization_oid = ANY($1)"
_NEW_KEYS = """
INSERT INTO organization_key SELECT * FROM unnest($1::text[], $2::bytea[]) ON CONFLICT DO NOTHING
"""
_KEEP = """
INSERT INTO compliance (worker_id, revision, law, print, verdict, terms, next_date, compute_time)
SELECT t.id, t.revision, $7, t.print, t.verdict, t.terms::jsonb, t.next_date, $8
  FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::date[])
    AS t (id, revision, print, verdict, terms, next_date)
ON CONFLICT (worker_id) DO UPDATE SET revision = EXCLUDED.revision, law = EXCLUDED.law,
  print = EXCLUDED.print, verdict = EXCLUDED.verdict, terms = EXCLUDED.terms,
  next_date = EXCLUDED.next_date, compute_time = EXCLUDED.compute_time
"""
_COLUMNS = (
    "organization_oid", "worker_id", "region", "organization_name", "card_version", "print",
    "jobs", "departments", "specialties", "staff_group", "concerned", "checked", "valid_until",
    "extended", "sort_date", "hours", "hours_missing", "hours_waiting", "behind", "verdict",
    "failed", "hindrance", "todo", "actor", "deadline",
)  # fmt: skip
_PLACES = {name: f"${number}" for number, name in enumerate(_COLUMNS, 1)}
_UPDATE = (
    "UPDATE staff SET "  # noqa: S608 - columns of our own
    + ", ".join(f"{name} = {place}" for name, place in _PLACES.items() if name not in _COLUMNS[:2])
    + " WHERE organization_oid = $1 AND worker_id = $2"
)
_INSERT = (
    f"INSERT INTO staff ({', '.join(_COLUMNS)}, name) VALUES ({', '.join(_PLACES.values())},"  # noqa: S608 - same
    f" ${len(_COLUMNS) + 1}) ON CONFLICT (organization_oid, worker_id) DO UPDATE SET "
    + ", ".join(f"{name} = EXCLUDED.{name}" for name in (*_COLUMNS[2:], "name"))
)
_LEAVE = """
DELETE FROM staff s USING unnest($1::text[], $2::uuid[]) AS t (oid, id)
 WHERE s.organization_oid = t.oid AND s.worker_id = t.id
"""
_FOUND = """
INSERT INTO discrepancy SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::date[])
ON CONFLICT DO NOTHING
"""
_SOLVED = """
DELETE FROM discrepancy d USING unnest($1::uuid[], $2::text[], $3::text[]) AS t (id, kind, subject)
 WHERE d.worker_id = t.id AND d.kind = t.kind AND d.subject = t.subject
"""
_DUE = """
SELECT worker_id::text FROM compliance_due d ORDER BY number DESC LIMIT :limit
   FOR UPDATE SKIP LOCKED
"""
_TURNED = "SELECT worker_id::text FROM compliance c WHERE next_date <= :day ORDER BY next_date, c.worker_id LIMIT :limit FOR UPDATE SKIP LOCKED"  # noqa: E501 - one statement
_AFTER = "SELECT id::text FROM worker w WHERE id > :cursor ORDER BY w.id LIMIT :limit"
_STATE = "SELECT law, cursor::text, done, start_time, finish_time FROM recompute"
_SAVE_STATE = """
INSERT INTO recompute (id, law, cursor, done, start_time, finish_time)
VALUES (1, :law, CAST(:cursor AS uuid), :done, :start, :finish)
ON CONFLICT (id) DO UPDATE SET law = EXCLUDED.law, cursor = EXCLUDED.cursor, done = EXCLUDED.done,
  start_time = EXCLUDED.start_time, finish_time = EXCLUDED.finish_time
"""


class ComplianceRepository:
    """Computed verdicts inside one transaction."""

    def __init__(self, connection: AsyncConnection, keys: KeyRing) -> None:
        self._connection, self._keys = connection, keys

    async def load(self, workers: Sequence[str]) -> list[Loaded]:
        """Workers as stored; their rows stay locked until the end. Unknown ones are left out."""
        ids = [uuid.UUID(one) for one in workers]
        await self._connection.execute(_LOCK, {"ids": ids})
        driver = await self._driver()
        entries: dict[str, list[StoredEntry]] = defaultdict(list)
        for row in await driver.fetch(_ENTRIES, ids):
            entry = Entry._make((*row[4:15], rows.organizations_of(row[15])))
            entries[row[0]].append(StoredEntry(row[1], entry, row[2], False, row[3]))
        members: dict[str, dict[str, tuple[int, str]]] = defaultdict(dict)
        for worker, oid, version, print_ in await driver.fetch(_MEMBERSHIPS, ids):
            members[worker][oid] = (version, print_)
        contradictions: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for worker, kind, subject in await driver.fetch(_CONTRADICTIONS, ids):
            contradictions[worker].add((kind, subject))
        hours: dict[str, dict[str, Any]] = defaultdict(dict)
        for worker, specialty, content in await driver.fetch(_HOURS, ids):
            hours[worker][specialty] = statement_of(orjson.loads(content))
        papers = await papers_of(driver, ids)
        licences = await licences_of_workers(driver, ids)
        pauses = await pauses_of(driver, ids)
        return [
            Loaded(
                id=row[0],
                jobs=rows.known_jobs(row[1]),
                register_version=row[2],
                fetch_time=row[3],
                entries=tuple(entries[row[0]]),
                gaps=None if row[4] is None else tuple(row[4]),
                identity=identity_of(row[5]),
                revision=row[6] or 0,
                print=row[7] or "",
                terms=None if row[8] is None else _terms_of(row[8]),
                memberships=members[row[0]],
                discrepancies=frozenset(contradictions[row[0]]),
                hours=hours[row[0]],
                holdings=Holdings(tuple(papers[row[0]]), licences),
                pauses=tuple(pauses.get(row[0], ())),
            )
            for row in await driver.fetch(_WORKERS, ids)
        ]

    async def keep(self, made: Sequence[Judged], *, law: str, now: datetime) -> None:
        """Write what was judged; rows that stayed the same are not touched."""
        if not made:
            return
        driver = await self._driver()
        await driver.execute(
            _KEEP,
            [uuid.UUID(one.worker) for one in made],
            [one.revision for one in made],
            [one.print for one in made],
            [one.verdict.value for one in made],
            [_terms_json(one.terms) for one in made],
            [one.next_date for one in made],
            law,
            now,
        )
        await self._keep_members(driver, made)
        await self._keep_contradictions(driver, made)

    async def _keep_members(self, driver: Any, made: Sequence[Judged]) -> None:
        fresh: list[tuple[Judged, list[Any]]] = []
        changed: list[list[Any]] = []
        for one in made:
            for member in one.members:
                values = _values(one, member)
                version, print_ = one.memberships.get(member.organization_oid, (-1, ""))
                if version != one.register_version:
                    fresh.append((one, values))
                elif print_ != values[5]:
                    changed.append(values)
        if changed:
            await driver.executemany(_UPDATE, changed)
        if fresh:
            names = await self._names(driver, {one.worker for one, _ in fresh})
            keys = await self._organization_keys(driver, {values[0] for _, values in fresh})
            sealed = [
                (*values, _seal_name(names[one.worker], one.worker, keys[values[0]]))
                for one, values in fresh
            ]
            await driver.executemany(_INSERT, sealed)
        gone = [
            (oid, uuid.UUID(one.worker))
            for one in made
            for oid in one.memberships
            if oid not in {member.organization_oid for member in one.members}
        ]
        if gone:
            await driver.execute(_LEAVE, [oid for oid, _ in gone], [id_ for _, id_ in gone])

    async def _names(self, driver: Any, workers: set[str]) -> Mapping[str, bytes]:
        found = await driver.fetch(_PERSONAL, [uuid.UUID(one) for one in workers])
        made = {}
        for worker, wrapped, sealed in found:
            key = self._keys.data_key(bytes(wrapped))
            facts = rows.open_personal(bytes(sealed), worker, key)
            made[worker] = orjson.dumps([facts.family_name, facts.given_name, facts.patronymic])
        return made

    async def _organization_keys(self, driver: Any, oids: set[str]) -> Mapping[str, DataKey]:
        wanted = sorted(oids)
        found = {row[0]: bytes(row[1]) for row in await driver.fetch(_KEYS, wanted)}
        if absent := [oid for oid in wanted if oid not in found]:
            wrapped = [self._keys.new_data_key().wrapped for _ in absent]
            await driver.execute(_NEW_KEYS, absent, wrapped)
            found = {row[0]: bytes(row[1]) for row in await driver.fetch(_KEYS, wanted)}
        return {oid: self._keys.data_key(wrapped) for oid, wrapped in found.items()}

    async def _keep_contradictions(self, driver: Any, made: Sequence[Judged]) -> None:
        new, solved = [], []
        for one in made:
            id_, found = uuid.UUID(one.worker), {(d.kind, d.subject) for d in one.discrepancies}
            new += [(id_, *key, one.today) for key in found - one.known_discrepancies]
            solved += [(id_, *key) for key in one.known_discrepancies - found]
        if new:
            await driver.execute(_FOUND, *map(list, zip(*new, strict=True)))
        if solved:
            await driver.execute(_SOLVED, *map(list, zip(*solved, strict=True)))

    async def add_due(self, workers: Sequence[str]) -> None:
        """Note workers that are to be judged by the background work.

        Always in the order of their ids: two who note the same workers never wait in a circle.
        """
        await self._connection.execute(
            sa.text(
                "INSERT INTO compliance_due (worker_id) SELECT unnest(CAST(:ids AS uuid[]))"
                " ON CONFLICT DO NOTHING"
            ),
            {"ids": sorted(map(uuid.UUID, workers))},
        )

    async def take_due(self, limit: int) -> list[str]:
        """Workers that wait to be judged, the newest first; other instances take others.

        So who just came or changed does not wait behind a load of the whole register.
        """
        found = await self._connection.execute(sa.text(_DUE), {"limit": limit})
        return [row[0] for row in found]

    async def drop_due(self, workers: Sequence[str]) -> None:
        """Forget that they wait. Done last: until then a new note meets the old one and is kept."""
        await self._connection.execute(
            sa.text("DELETE FROM compliance_due WHERE worker_id = ANY(CAST(:ids AS uuid[]))"),
            {"ids": [uuid.UUID(one) for one in workers]},
        )

    async def turned(self, day: date, limit: int) -> list[str]:
        """Workers of whom something may have changed by itself up to a day."""
        found = await self._connection.execute(sa.text(_TURNED), {"day": day, "limit": limit})
        return [row[0] for row in found]

    async def workers_after(self, cursor: str, limit: int) -> list[str]:
        """The next workers in the order of their ids."""
        found = await self._connection.execute(
            sa.text(_AFTER), {"cursor": uuid.UUID(cursor), "limit": limit}
        )
        return [row[0] for row in found]

    async def state(self) -> RecomputeState | None:
        """How far the recomputation of all has come."""
        row = (await self._connection.execute(sa.text(_STATE))).first()
        return None if row is None else RecomputeState(*row)

    async def save_state(self, state: RecomputeState) -> None:
        """Keep how far it has come, in the transaction of the portion."""
        await self._connection.execute(
            sa.text(_SAVE_STATE),
            {
                "law": state.law,
                "cursor": state.cursor,
                "done": state.done,
                "start": state.start_time,
                "finish": state.finish_time,
            },
        )

    async def keep_hours(
        self, worker: str, statements: Sequence[Statement], asked: datetime
    ) -> bool:
        """Replace the statements of a worker by these, unless later ones are kept already."""
        mine = {"id": uuid.UUID(worker)}
        await self._connection.execute(_HOLD_WORKER, mine)
        last: datetime | None = await self._connection.scalar(_HOURS_ASKED, mine)
        if last is not None and last > asked:
            return False
        await self._connection.execute(_DROP_HOURS, mine)
        await self._connection.execute(
            sa.insert(worker_hours),
            [
                {
                    "worker_id": uuid.UUID(worker),
                    "specialty": one.specialty.casefold(),
                    "content": statement_json(one),
                    "fetch_time": asked,
                }
                for one in statements
            ],
        )
        return True

    async def note_identity(self, worker: str, identity: Identity) -> bool:
        """Keep how register and profile compared; False for a worker who is not stored."""
        content = {
            "day": identity.checked_on.isoformat(),
            "equal": identity.equal,
            "form": identity.form_differs,
        }
        found = await self._connection.execute(
            sa.text(
                "UPDATE worker SET identity = CAST(:content AS jsonb) WHERE id = :id RETURNING 1"
            ),
            {"id": uuid.UUID(worker), "content": orjson.dumps(content).decode()},
        )
        return found.first() is not None

    async def _driver(self) -> Any:
        raw = await self._connection.get_raw_connection()
        return raw.driver_connection


def identity_of(content: str | None) -> Identity | None:
    """How register and profile compared, from its column."""
    if content is None:
        return None
    value = orjson.loads(content)
    return Identity(
        checked_on=date.fromisoformat(value["day"]),
        equal=value["equal"],
        form_differs=value["form"],
    )


def _values(one: Judged, member: Member) -> list[Any]:
    """Column values of a member, in the order of `_COLUMNS`."""
    jobs = [
        {"position": job.position, "specialty": job.specialty, "department": job.department}
        for job in member.jobs
    ]
    rest = [
        orjson.dumps(jobs).decode(),
        list(member.departments),
        list(member.specialties),
        member.group.value,
        member.concerned,
        member.checked,
        member.valid_until,
        member.extended,
        member.sort_date,
        member.hours,
        member.hours_missing,
        member.hours_waiting,
        member.behind,
        member.verdict.value,
        list(member.failed),
        member.hindrance,
        member.todo,
        member.actor.value,
        member.deadline,
    ]
    print_ = blake2b(repr(rest).encode(), digest_size=9).hexdigest()
    oid = member.organization_oid
    head = [oid, uuid.UUID(one.worker), region_of(oid), member.organization_name]
    return [*head, one.register_version, print_, *rest]


def _seal_name(name: bytes, worker: str, key: DataKey) -> bytes:
    return key.seal(name, "staff", "name", worker)


def _terms_json(terms: Mapping[str, TermNow]) -> str:
    return orjson.dumps(
        {
            id_: [
                one.expire_date.isoformat() if one.expire_date else "",
                one.state,
                one.solved,
                one.time_zone,
                one.announced,
                one.profile,
                one.paused,
            ]
            for id_, one in terms.items()
        }
    ).decode()


def _terms_of(content: str) -> dict[str, TermNow]:
    return {
        id_: TermNow(
            id=id_,
            expire_date=date.fromisoformat(day) if day else None,
            state=state,
            solved=solved,
            time_zone=zone,
            announced=announced,
            profile=later[0] if later else ACCREDITATION,
            paused=later[1] if len(later) > 1 else False,
        )
        for id_, (day, state, solved, zone, announced, *later) in orjson.loads(content).items()
    }
