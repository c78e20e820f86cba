"""What the routes work with; made once in `main`."""

from dataclasses import dataclass

from lkmr_gateway.backends.access import Access
from lkmr_gateway.backends.accreditation import Accreditations
from lkmr_gateway.backends.administration import Administration
from lkmr_gateway.backends.applications import Applications
from lkmr_gateway.backends.auth import Auth
from lkmr_gateway.backends.compliance import Compliance
from lkmr_gateway.backends.data_requests import DataRequests
from lkmr_gateway.backends.documents import Documents
from lkmr_gateway.backends.drafts import Drafts
from lkmr_gateway.backends.education import Education
from lkmr_gateway.backends.education_outside import EducationOutside
from lkmr_gateway.backends.education_reports import EducationReports
from lkmr_gateway.backends.identity import Identity
from lkmr_gateway.backends.incidents import Incidents
from lkmr_gateway.backends.journal import Journal
from lkmr_gateway.backends.notify import Inbox
from lkmr_gateway.backends.notify_administration import Operators
from lkmr_gateway.backends.passkeys import Passkeys
from lkmr_gateway.cache import AnswerCache
from lkmr_gateway.composer import Composer
from lkmr_gateway.csrf import Csrf
from lkmr_gateway.gate import Gate
from lkmr_gateway.journal import Acts
from lkmr_gateway.session import Sessions
from lkmr_gateway.sse import Streams
from lkmr_gateway.systems import Systems
from lkmr_servicekit.clock import Clock
from lkmr_servicekit.health import Health


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Ports of the routes. `cache` is None where answers are not kept."""

    clock: Clock
    health: Health
    auth: Auth
    identity: Identity
    passkeys: Passkeys
    access: Access
    drafts: Drafts
    data_requests: DataRequests
    administration: Administration
    incidents: Incidents
    accreditations: Accreditations
    applications: Applications
    compliance: Compliance
    inbox: Inbox
    operators: Operators
    education: Education
    education_outside: EducationOutside
    documents: Documents
    education_reports: EducationReports
    sessions: Sessions
    streams: Streams
    gate: Gate
    acts: Acts
    journal: Journal
    csrf: Csrf
    composer: Composer
    systems: Systems
    cache: AnswerCache | None
    public_origin: str
