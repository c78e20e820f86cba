"""Refusals of passkeys and backup codes. Reasons are public and never renamed."""

from lkmr_servicekit.errors import Category, Refusal


class PasskeyRefused(Refusal):
    """The answer of a key does not pass its checks, or nobody asked for it (LKMR-CONF-020)."""

    REASON = "PASSKEY_REFUSED"
    CATEGORY = Category.INVALID_ARGUMENT


class PasskeyMissing(Refusal):
    """The person has no key for this address of the cabinet (LKMR-CONF-021)."""

    REASON = "PASSKEY_MISSING"
    CATEGORY = Category.FAILED_PRECONDITION


class PasskeyNotFound(Refusal):
    """The caller has no such key."""

    REASON = "PASSKEY_NOT_FOUND"
    CATEGORY = Category.NOT_FOUND


class PasskeyTaken(Refusal):
    """The key is registered already (LKMR-CONF-022)."""

    REASON = "PASSKEY_TAKEN"
    CATEGORY = Category.ALREADY_EXISTS


class TooManyPasskeys(Refusal):
    """The person has as many keys as one may have (LKMR-CONF-022)."""

    REASON = "TOO_MANY_PASSKEYS"
    CATEGORY = Category.FAILED_PRECONDITION


class PasskeyNameInvalid(Refusal):
    """A key needs a short name of printable signs; metadata `field`."""

    REASON = "PASSKEY_NAME_INVALID"
    CATEGORY = Category.INVALID_ARGUMENT


class BackupCodeWrong(Refusal):
    """No such unused backup code (LKMR-CONF-023)."""

    REASON = "BACKUP_CODE_WRONG"
    CATEGORY = Category.INVALID_ARGUMENT


class BackupCodeWait(Refusal):
    """Too many wrong backup codes; metadata `seconds` (LKMR-CONF-024)."""

    REASON = "BACKUP_CODE_WAIT"
    CATEGORY = Category.RATE_LIMITED
