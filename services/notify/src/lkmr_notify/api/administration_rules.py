"""Who may call what of the operators' contract: roles by the matrix of rights, section 22."""

from lkmr_access.matrix import roles_with
from lkmr_servicekit.grpc_server import Rule

SERVICE = "lkmr.notify.v1.NotifyAdministrationService"
_SECTION = "notification_settings"
_SEE = sorted(roles_with(_SECTION, "R", "m"))
_OPERATE = sorted(roles_with(_SECTION, "U", "m"))
_ORGANIZATION = sorted(roles_with(_SECTION, "U", "g"))

RULES = {
    f"/{SERVICE}/{method}": rule
    for method, rule in {
        "CreateAnnouncement": Rule.people(
            "gateway", roles=_OPERATE, audit="notify.announcement.created"
        ),
        "ListAnnouncements": Rule.people("gateway", roles=_SEE),
        "ReadAnnouncement": Rule.people("gateway", roles=_SEE),
        "SteerAnnouncement": Rule.people(
            "gateway", roles=_OPERATE, audit="notify.announcement.steered"
        ),
        "ListCurrentAnnouncements": Rule.people("gateway"),
        "ListDeliveries": Rule.people("gateway", roles=_SEE),
        "ListDeadEvents": Rule.people("gateway", roles=_SEE),
        "ReplayDeadEvent": Rule.people("gateway", roles=_OPERATE, audit="notify.event.replayed"),
        "ReadOrganizationRules": Rule.people("gateway", roles=_ORGANIZATION),
        "UpdateOrganizationRules": Rule.people(
            "gateway", roles=_ORGANIZATION, audit="notify.organization_rules.changed"
        ),
    }.items()
}
