"""Who may call what of administration: the cells of the matrix of rights."""

from lkmr_access.matrix import roles_with
from lkmr_servicekit.grpc_server import Rule

SERVICE = "lkmr.auth.v1.AdministrationService"


def _cell(
    section: str, operations: str, scopes: str = "dgam", *, audit: str = "", step_up: bool = False
) -> Rule:
    """Roles that hold one of these operations in a section, in one of these scopes."""
    roles = {role for one in operations for role in roles_with(section, one, scopes)}
    return Rule.people("gateway", roles=sorted(roles), audit=audit, step_up=step_up)


def _change(section: str, operations: str, scopes: str, audit: str) -> Rule:
    return _cell(section, operations, scopes, audit=audit, step_up=True)


RULES = {
    f"/{SERVICE}/{method}": rule
    for method, rule in {
        "ListPeople": _cell("accounts", "RC", audit="account.list"),
        "ReadPerson": _cell("accounts", "R", audit="account.read"),
        "ListOrganizations": _cell("accounts", "RCA"),
        "AssignRole": _change("accounts", "C", "g", "account.role_assign"),
        "RevokeRole": _change("accounts", "U", "g", "account.role_revoke"),
        "ListRoleRequests": _cell("accounts", "RCA", "g"),
        "DecideRoleRequest": _change("accounts", "A", "g", "account.role_decide"),
        "ChangeAccount": _change("accounts", "U", "gm", "account.change"),
        "ListRedirectAddresses": _cell("accounts", "R", "g"),
        "AddRedirectAddress": _change("accounts", "C", "g", "address.add"),
        "RemoveRedirectAddress": _change("accounts", "U", "g", "address.remove"),
        "ListOrigins": Rule.programs("gateway"),
        "ListAllSessions": _cell("incidents", "U", "g", audit="account.session_list"),
        "EndAnySession": _cell("incidents", "U", "g", audit="account.session_end"),
    }.items()
}
