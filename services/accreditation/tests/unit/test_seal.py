import asyncio
import base64
import importlib.util
import io
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sysconfig import get_path
from types import ModuleType, SimpleNamespace
from typing import Any

import orjson
import pytest
from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from lkmr_accreditation.clients.printer import TypstPrinter
from lkmr_accreditation.clients.seal import Seal
from lkmr_accreditation.domain.extract import statement_of
from lkmr_rig import seal as rig_seal
from lkmr_rig.layout import Home

MOMENT = datetime(2026, 11, 1, 9, tzinfo=UTC)
VERIFY_URL = "https://localhost:8084/verify/0ws4mQ4X3S2mHbS6yY8q3iZk"
CHECKER = Path(__file__).parents[4] / "docs" / "examples" / "check_extract.py"
CONTENT = orjson.dumps(
    {
        "annulled": False,
        "birth_date": "1980-01-01",
        "commission": "ЦАК",
        "effective_expire_date": "2028-12-18",
        "expire_date": "2028-12-18",
        "extension": "",
        "kind": "PERIODIC",
        "name": "Образцова Проба Тестовна",
        "organizations": [["Проверочная поликлиника", "врач"]],
        "protocol_date": "2023-12-15",
        "protocol_number": "17",
        "record_date": "2023-12-18",
        "registry_number": "7723 031234567",
        "snils": "***-***-*00 01",
        "specialty": "Терапия",
        "extract_id": "3f0e9a52-3f0e-4a52-8a52-3f0e9a523f0e",
        "code": "0ws4mQ4X3S2mHbS6yY8q3iZk",
        "create_time": "2026-11-01T09:00:00+00:00",
        "source_system": "ФРМР",
        "source_version": 3,
    }
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = Home(tmp_path_factory.mktemp("home"))
    rig_seal.make(made)
    return made


@pytest.fixture(scope="module")
def seal(home: Home) -> Seal:
    secrets = home.secrets("accreditation")
    return Seal(secrets / "seal_certificates", secrets / "seal_key")


@pytest.fixture(scope="module")
def pdf(seal: Seal) -> bytes:
    printed = a_printer(seal).extract_pdf(CONTENT, verify_url=VERIFY_URL, moment=MOMENT)
    return asyncio.run(printed)


def a_printer(seal: Seal) -> TypstPrinter:
    return TypstPrinter(Path(get_path("purelib")) / "fontpkg_pt_sans" / "files", seal)


@pytest.fixture(scope="module")
def checker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_extract", CHECKER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def checked(pdf: bytes, home: Home) -> PdfSignatureStatus:
    """What a program that trusts only the test authority says of the signature."""
    _, _, raw = pem.unarmor((home.tls() / "seal-ca.pem").read_bytes())
    context = ValidationContext(trust_roots=[asn1_x509.Certificate.load(raw)], moment=MOMENT)
    signature = PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0]
    return validate_pdf_signature(signature, context)


def test_the_seal_covers_the_whole_file_at_the_moment_of_the_cabinet(
    pdf: bytes, home: Home
) -> None:
    status = checked(pdf, home)

    assert status.bottom_line
    assert status.coverage.name == "ENTIRE_FILE"
    assert status.signer_reported_dt == MOMENT
    signature = PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0]
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"


def test_each_of_many_files_carries_a_seal_of_its_own(pdf: bytes, seal: Seal, home: Home) -> None:
    plain = pdf[: pdf.index(b"%%EOF") + 6]
    sealed = [seal.sign_pdf(plain, MOMENT + timedelta(minutes=one)) for one in range(6)]

    for number, one in enumerate(sealed):
        status = checked(one, home)
        assert status.bottom_line
        assert status.signer_reported_dt == MOMENT + timedelta(minutes=number)


def test_two_workplaces_and_the_mark_of_stale_data_stand_on_one_page(seal: Seal) -> None:
    full = orjson.loads(CONTENT) | {
        "as_of": "2026-10-30T12:00+03:00",
        "name": "Константинопольская-Образцова Александра Константиновна",
        "organizations": [
            [f"ГБУЗ «Проверочная городская клиническая больница № {one} города Проверочного»", post]
            for one, post in enumerate(
                ["врач-терапевт участковый", "врач функциональной диагностики"]
            )
        ],
    }

    made = a_printer(seal).printed(orjson.dumps(full), VERIFY_URL, MOMENT)

    assert len(PdfReader(io.BytesIO(made)).pages) == 1


def test_one_changed_byte_breaks_the_seal(pdf: bytes, home: Home) -> None:
    place = pdf.index(b"/Title")
    broken = pdf[: place + 2] + bytes([pdf[place + 2] ^ 1]) + pdf[place + 3 :]

    assert not checked(broken, home).bottom_line


def test_a_sealed_file_stays_pdf_a_and_tagged(pdf: bytes) -> None:
    reader = PdfReader(io.BytesIO(pdf))

    assert b"<pdfaid:part>2" in pdf
    assert b"<pdfaid:conformance>B" in pdf
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]
    assert root["/AcroForm"]["/SigFlags"] == 3
    assert "/NeedAppearances" not in root["/AcroForm"]
    (field,) = [one.get_object() for one in root["/AcroForm"]["/Fields"]]
    assert list(field["/Rect"]) == [0, 0, 0, 0]  # nothing is drawn, so no appearance is asked for
    assert field["/F"] & 4
    assert "Документ подписан электронной подписью организации" in reader.pages[0].extract_text()


def test_the_statement_is_checked_by_the_documented_program_without_network(
    seal: Seal, checker: ModuleType
) -> None:
    code = seal.statement(statement_of(CONTENT))

    good, lines = checker.report(code + "\n", seal.keys())

    assert good
    assert "Медработник: Образцова Проба Тестовна" in lines
    assert "Действует до: 2028-12-18" in lines


def test_a_changed_statement_is_refused(seal: Seal, checker: ModuleType) -> None:
    head, body, signature = seal.statement(statement_of(CONTENT)).split(".")
    told = json.loads(base64.urlsafe_b64decode(body + "=="))
    told["e"] = "2033-12-18"
    forged = base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()

    assert checker.report(f"{head}.{forged}.{signature}", seal.keys())[0] is False
    assert checker.report("not a code", seal.keys())[0] is False
    assert checker.report(f"{head}.{body}.{signature}", {"keys": []})[0] is False


def test_older_seals_stay_known_and_do_not_sign(home: Home, tmp_path: Path, seal: Seal) -> None:
    other = Home(tmp_path / "other")
    rig_seal.make(other)
    old, new = home.secrets("accreditation"), other.secrets("accreditation")
    both = tmp_path / "both.pem"
    both.write_bytes(
        (new / "seal_certificates").read_bytes() + (old / "seal_certificates").read_bytes()
    )

    renewed = Seal(both, new / "seal_key")

    ids = [one["kid"] for one in renewed.keys()["keys"]]
    assert ids[1:] == [one["kid"] for one in seal.keys()["keys"]]
    assert len(ids) == 2


def test_a_key_that_does_not_fit_stops_the_start(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    rig_seal.make(other)
    with pytest.raises(ValueError, match="does not fit"):
        Seal(
            home.secrets("accreditation") / "seal_certificates",
            other.secrets("accreditation") / "seal_key",
        )


SIGN_AFTER_ANOTHER_USE = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from asn1crypto import cms
cms.CMSAttributeType("content_type")
from lkmr_accreditation.clients.seal import Seal
seal = Seal(Path(sys.argv[1]), Path(sys.argv[2]))
sys.stdout.buffer.write(seal.sign_pdf(sys.stdin.buffer.read(), datetime(2026, 11, 1, tzinfo=UTC)))
"""


def test_the_seal_works_where_another_library_has_read_signatures_before(
    home: Home, seal: Seal
) -> None:
    open_seal: Any = SimpleNamespace(
        statement=seal.statement, owner=seal.owner, sign_pdf=lambda pdf, _: pdf
    )
    unsigned = a_printer(open_seal).printed(CONTENT, VERIFY_URL, MOMENT)
    secrets = home.secrets("accreditation")

    made = subprocess.run(
        [
            sys.executable,
            "-c",
            SIGN_AFTER_ANOTHER_USE,
            str(secrets / "seal_certificates"),
            str(secrets / "seal_key"),
        ],
        input=unsigned,
        capture_output=True,
        check=False,
    )

    assert made.returncode == 0, made.stderr.decode()
    assert PdfFileReader(io.BytesIO(made.stdout)).embedded_signatures


def test_the_program_for_checkers_tells_of_stale_data(seal: Seal, checker: ModuleType) -> None:
    stale = orjson.dumps(orjson.loads(CONTENT) | {"as_of": "2026-10-30T12:00+03:00"})

    good, lines = checker.report(seal.statement(statement_of(stale)), seal.keys())

    assert good
    assert any("2026-10-30T12:00+03:00: могли устареть" in line for line in lines), lines
