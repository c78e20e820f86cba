"""Translation between the contract and the use cases; nothing else."""

from lkmr.education.v1 import education_service_pb2 as pb
from lkmr.education.v1.education_service_pb2_grpc import EducationServiceServicer
from lkmr.type.v1.json_document_pb2 import JsonDocument

from lkmr_education.api import convert, plan_convert, statement
from lkmr_education.api.base import body_of
from lkmr_education.api.names import entry_in, worker_in
from lkmr_education.api.outside_servicer import OutsideMethods
from lkmr_education.api.plan_servicer import PlanMethods
from lkmr_education.api.report_servicer import ReportMethods
from lkmr_education.domain.activity import Actor
from lkmr_education.domain.certificate import TypedCertificate
from lkmr_education.domain.counting import Study
from lkmr_education.domain.draft import Typed, draft_of
from lkmr_education.domain.errors import ActivityNotFound, CertificateNotFound
from lkmr_education.domain.plan import cautions_of
from lkmr_education.usecases.account import Account, credit_statement
from lkmr_education.usecases.add_certificate import add_certificate
from lkmr_education.usecases.advance_activity import Step, advance_activity
from lkmr_education.usecases.ask_register import ask_register
from lkmr_education.usecases.confirm_certificate import confirm_certificate
from lkmr_education.usecases.create_activity import create_activity
from lkmr_education.usecases.list_activities import page_of
from lkmr_education.usecases.recheck_documents import recheck_documents
from lkmr_education.usecases.rights import check_own, check_staff
from lkmr_servicekit.grpc_server import Context, caller_of

RECHECK_SECONDS = 2.0


class Servicer(PlanMethods, OutsideMethods, ReportMethods, EducationServiceServicer):
    """The education service as its callers see it."""

    async def GetCreditStatement(
        self, request: pb.GetCreditStatementRequest, _: Context
    ) -> pb.CreditStatement:
        worker = worker_in(request.name)
        period, simulated = statement.period_of(request), statement.simulated_of(request)
        account = credit_statement(
            await self.readable(worker),
            specialty=request.specialty,
            period=period,
            simulated=simulated,
            norms=self.parts.norms,
        )
        return statement.statement_to_proto(worker, account)

    async def CheckWorkerCertificates(
        self, request: pb.CheckWorkerCertificatesRequest, _: Context
    ) -> pb.CheckWorkerCertificatesResponse:
        asked = await recheck_documents(
            worker_in(request.name),
            seconds=RECHECK_SECONDS,
            checks=self.parts.checks,
            new_uow=self.parts.new_uow,
            clock=self.parts.clock,
        )
        return pb.CheckWorkerCertificatesResponse(asked=asked)

    async def ReadSummary(self, request: pb.ReadSummaryRequest, _: Context) -> JsonDocument:
        worker = worker_in(request.name)
        account = await self.account(worker)
        plan = await self.parts.reader.plan_of(worker)
        summary = convert.summary_of(account)
        late = cautions_of(list(plan), account.present.today)
        summary["warnings"] += [convert.warning_of(one) for one in late]
        found = [plan_convert.attestation_json(one) for one in account.attestations]
        summary["required_attestations"] = found
        return convert.document(summary)

    async def ListActivities(self, request: pb.ListActivitiesRequest, _: Context) -> JsonDocument:
        account = await self.account(worker_in(request.parent))
        page = page_of(
            account.present.worker.studies,
            states=request.states,
            page_size=request.page_size,
            page_token=request.page_token,
        )
        actor = _actor(account.present.worker.id)
        return convert.document(
            {
                "items": [convert.activity_item(one, account, actor) for one in page.items],
                "next_page_token": page.next_page_token,
            }
        )

    async def ReadActivity(self, request: pb.ReadActivityRequest, _: Context) -> JsonDocument:
        worker, activity = entry_in(request.name, "activities", ActivityNotFound)
        return await self._one(worker, activity)

    async def CreateActivity(self, request: pb.CreateActivityRequest, _: Context) -> JsonDocument:
        worker, caller = worker_in(request.parent), caller_of()
        check_own(caller, worker, "C")
        account = await self.account(worker)
        typed = Typed(
            kind=request.kind,
            title=request.title,
            organizer=request.organizer,
            start_date=request.start_date,
            end_date=request.end_date,
            hours=request.hours,
            specialty=request.specialty,
            form=request.form,
            place=request.place,
            level=request.level,
            attestation=request.attestation,
        )
        made = await create_activity(
            draft_of(typed, today=account.present.today),
            account=account,
            caller=caller,
            request_id=request.request_id,
            body=body_of(request),
            new_uow=self.parts.new_uow,
            clock=self.parts.clock,
        )
        return await self._one(worker, made)

    async def AdvanceActivity(self, request: pb.AdvanceActivityRequest, _: Context) -> JsonDocument:
        worker, activity = entry_in(request.name, "activities", ActivityNotFound)
        caller, actor = caller_of(), _actor(worker)
        if actor is Actor.WORKER:
            check_own(caller, worker, "U")
        else:
            present = await self.parts.present(worker)
            check_staff(caller, present, "education", "A")
        await advance_activity(
            Step(
                worker=worker,
                activity=activity,
                to=request.to,
                reason=request.reason,
                start_date=request.start_date,
                end_date=request.end_date,
                version=request.version,
            ),
            actor=actor,
            caller=caller,
            request_id=request.request_id,
            body=body_of(request),
            new_uow=self.parts.new_uow,
            clock=self.parts.clock,
        )
        return await self._one(worker, activity)

    async def AddCertificate(self, request: pb.AddCertificateRequest, _: Context) -> JsonDocument:
        worker, activity = entry_in(request.parent, "activities", ActivityNotFound)
        caller = caller_of()
        check_own(caller, worker, "C")
        await add_certificate(
            worker,
            activity,
            TypedCertificate(
                type=request.type,
                series=request.series,
                number=request.number,
                issue_date=request.issue_date,
                issuer=request.issuer,
                hours=request.hours,
            ),
            caller=caller,
            request_id=request.request_id,
            body=body_of(request),
            new_uow=self.parts.new_uow,
            clock=self.parts.clock,
        )
        return await self._one(worker, activity)

    async def ListCertificates(
        self, request: pb.ListCertificatesRequest, _: Context
    ) -> JsonDocument:
        present = await self.readable(worker_in(request.parent))
        found = [one for one in present.worker.studies if one.certificate is not None]
        items = [
            convert.certificate_item(one.certificate) | {"title": one.activity.title}
            for one in found
            if one.certificate is not None
        ]
        return convert.document({"items": items, "next_page_token": ""})

    async def CheckCertificate(
        self, request: pb.CheckCertificateRequest, _: Context
    ) -> JsonDocument:
        worker, certificate = entry_in(request.name, "certificates", CertificateNotFound)
        check_own(caller_of(), worker, "C")
        asked = await ask_register(
            worker, certificate, new_uow=self.parts.new_uow, clock=self.parts.clock
        )
        return convert.document(convert.certificate_item(asked))

    async def ConfirmCertificate(
        self, request: pb.ConfirmCertificateRequest, _: Context
    ) -> JsonDocument:
        worker, certificate = entry_in(request.name, "certificates", CertificateNotFound)
        caller, present = caller_of(), await self.parts.present(worker)
        check_staff(caller, present, "documents", "A")
        activity = await confirm_certificate(
            worker,
            certificate,
            request.reason,
            caller=caller,
            request_id=request.request_id,
            body=body_of(request),
            new_uow=self.parts.new_uow,
            clock=self.parts.clock,
        )
        return await self._one(worker, activity)

    async def _one(self, worker: str, activity: str) -> JsonDocument:
        account = await self.account(worker)
        study = _study(account, activity)
        changes = await self.parts.reader.changes_of(worker, activity)
        item = convert.activity_item(study, account, _actor(worker))
        item["history"] = [convert.change_item(one) for one in changes]
        return convert.document(item)


def _study(account: Account, activity: str) -> Study:
    for study in account.present.worker.studies:
        if study.activity.id == activity:
            return study
    raise ActivityNotFound


def _actor(worker: str) -> Actor:
    """The worker about their own; anybody else acts as a head, and rights decide whether."""
    return Actor.WORKER if caller_of().worker == worker else Actor.HEAD
