"""What the accreditation service needs when it runs alone: keys that verify callers, and rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from lkmr.auth.v1 import auth_service_pb2 as pb
from lkmr.auth.v1.auth_service_pb2_grpc import (
    AuthServiceServicer,
    add_AuthServiceServicer_to_server,
)

from lkmr_rig import tls
from lkmr_rig.layout import Home, Ports
from lkmr_servicekit.clock import SystemClock
from lkmr_servicekit.identity import Caller, CallerKind, TokenSigner

WORKER = "00000000-0000-4000-8000-000000000020"
_CLOCK = SystemClock()

# A card as wide as a real one: sealed facts of 300 bytes, a wrapped key of 110, one or two jobs.
_WORKERS = """
INSERT INTO worker (id, snils_index, data_key, personal, jobs, register_version, fetch_time)
SELECT md5('worker' || n)::uuid, substr(decode(md5('snils' || n), 'hex'), 1, 16),
       decode(repeat(md5('key' || n), 7), 'hex'), decode(repeat(md5('facts' || n), 19), 'hex'),
       jsonb_build_array(jsonb_build_object(
         'organization_oid', '1.2.643.5.1.13.13.12.2.77.' || 8000 + n % 900,
         'organization_name', 'ГБУЗ «Поликлиника № ' || n % 900 || '»',
         'position', 'врач-терапевт участковый', 'specialty', 'терапия',
         'department', 'терапевтическое отделение', 'start_date', '2019-02-01', 'end_date', null)),
       1, now()
  FROM generate_series($1::bigint, $2::bigint) n
"""
_ENTRIES = """
INSERT INTO accreditation (id, worker_id, registry_number, kind, specialty_code, specialty,
  education_level, commission, protocol_number, protocol_date, record_date, expire_date, annulled,
  organizations, removed, version, update_time)
SELECT md5('entry' || n || '-' || k)::uuid, md5('worker' || n)::uuid,
       '77' || 20 + k || ' ' || 100000000 + n, 'PERIODIC', '49', 'терапия', 'HIGHER', 'ЦАК',
       n % 997 || '/2023', DATE '2023-01-10' + (n % 900)::int, DATE '2023-01-17' + (n % 900)::int,
       DATE '2028-01-17' + (n % 900)::int, false,
       jsonb_build_array(jsonb_build_array('1.2.643.5.1.13.13.12.2.77.' || 8000 + n % 900,
         'ГБУЗ «Поликлиника № ' || n % 900 || '»')), false, 1, now()
  FROM generate_series($1::bigint, $2::bigint) n, generate_series(1, 1 + (n % 2)::int) k
"""
_SUBJECT = """
WITH subject AS (
  INSERT INTO worker (id, snils_index, data_key, personal, jobs, register_version, fetch_time)
  SELECT $1, '\\x01', '\\x01', '\\x01', jsonb_build_array(
    jsonb_build_object('organization_oid', '1.2.643.5.1.13.13.12.2.77.90001',
      'organization_name', 'ГБУЗ «Городская поликлиника № 1» (демо)', 'position', 'врач-терапевт',
      'specialty', 'терапия', 'department', '', 'start_date', '2020-01-01', 'end_date', null)),
    7, now()
  RETURNING id
)
INSERT INTO accreditation (id, worker_id, registry_number, kind, specialty_code, specialty,
  education_level, commission, protocol_number, protocol_date, record_date, expire_date, annulled,
  organizations, removed, version, update_time)
SELECT md5('subject' || k)::uuid, subject.id, '7723 0312345' || 10 + k,
       (ARRAY['PERIODIC', 'PRIMARY', 'PRIMARY_SPECIALIZED'])[1 + k % 3], '49',
       (ARRAY['терапия', 'кардиология', 'лечебное дело'])[1 + k % 3], 'HIGHER', 'ЦАК', k || '/23',
       day, CASE WHEN k = 20 THEN NULL ELSE day + 7 END,
       CASE WHEN k % 4 = 0 THEN NULL ELSE (day + interval '5 years')::date END,
       k = 19,
       CASE WHEN k % 2 = 0 THEN '[]'::jsonb ELSE jsonb_build_array(jsonb_build_array(
         '1.2.643.5.1.13.13.12.2.77.90001', 'ГБУЗ «Городская поликлиника № 1» (демо)')) END,
       false, 1, now()
  FROM subject, generate_series(1, 20) k, LATERAL (SELECT DATE '2019-11-20' + k * 130 AS day) d
"""


class Keys:
    """A signer of caller tokens, and the one method of auth that makes services believe them."""

    def __init__(self) -> None:
        self._signer = TokenSigner("bench", Ed25519PrivateKey.generate(), _CLOCK)

    async def token(self) -> str:
        """A caller token of the worker with 20 entries, good for five minutes."""
        caller = Caller(
            kind=CallerKind.PERSON,
            subject="00000000-0000-4000-8000-000000000001",
            expire_time=0,
            session="00000000-0000-4000-8000-000000000002",
            worker=WORKER,
            organization="org-gp1",
            roles=("DOCTOR",),
        )
        return self._signer.caller_token(caller, _CLOCK.now())[0]

    @asynccontextmanager
    async def served(self, home: Home, ports: Ports) -> AsyncIterator[None]:
        """Answer at the address of auth."""
        tls.make_all(home)
        folder = home.tls("auth")
        credentials = grpc.ssl_server_credentials(
            [((folder / "key.pem").read_bytes(), (folder / "cert.pem").read_bytes())],
            root_certificates=(folder / "ca.pem").read_bytes(),
            require_client_auth=True,
        )
        server = grpc.aio.server()
        public = self._signer.key.public_key().public_bytes_raw()
        add_AuthServiceServicer_to_server(_Auth(public), server)
        server.add_secure_port(f"127.0.0.1:{ports.grpc('auth')}", credentials)
        await server.start()
        try:
            yield
        finally:
            await server.stop(None)


class _Auth(AuthServiceServicer):
    def __init__(self, key: bytes) -> None:
        self._key = key

    async def ListVerificationKeys(self, _: Any, __: Any) -> pb.ListVerificationKeysResponse:  # noqa: N802 - the contract's name
        answer = pb.ListVerificationKeysResponse()
        answer.keys.add(key_id="bench", public_key=self._key)
        return answer


async def fill(dsn: str, have: int, want: int) -> None:
    """Bring the register from `have` to `want` generated workers, and the one with 20 entries."""
    connection = await asyncpg.connect(dsn, ssl=False)
    try:
        await connection.execute("SET synchronous_commit = off; SET statement_timeout = 0")
        if not have:
            await connection.execute(_SUBJECT, WORKER)
        for first in range(have, want, 100_000):
            last = min(first + 100_000, want) - 1
            async with connection.transaction():
                await connection.execute(_WORKERS, first, last)
                await connection.execute(_ENTRIES, first, last)
        await connection.execute("VACUUM ANALYZE worker")
        await connection.execute("VACUUM ANALYZE accreditation")
    finally:
        await connection.close()
