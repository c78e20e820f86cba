"""Faults of ESIA: codes, OAuth errors and texts in three spellings."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "ru", "enum"]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One row of the table of faults."""

    error: str
    en: str
    ru: str
    enum: str


FAULTS = {
    "007002": FaultKind(
        "unauthorized_client",
        "The certificate does not fit the mnemonic of the system, or none is loaded.",
        "Сертификат не соответствует мнемонике системы или не загружен.",
        "certificateWrong",
    ),
    "007003": FaultKind(
        "invalid_request",
        "A parameter is missing, wrong or repeated.",
        "В запросе отсутствует обязательный параметр, указан неверный или параметр повторён.",
        "invalidRequest",
    ),
    "007004": FaultKind(
        "access_denied",
        "The resource owner or the service denied access.",
        "Владелец ресурса или сервис авторизации отклонил запрос.",
        "accessDenied",
    ),
    "007005": FaultKind(
        "unauthorized_client",
        "The client may not request an access token this way.",
        "Система-клиент не имеет права запрашивать маркер доступа данным методом.",
        "unauthorizedClient",
    ),
    "007006": FaultKind(
        "invalid_scope",
        "The requested scope is wrong, unknown or not approved.",
        "Запрошенная область доступа указана неверно, неизвестна или не согласована.",
        "invalidScope",
    ),
    "007007": FaultKind(
        "server_error", "Unexpected fault.", "Непредвиденная ошибка сервиса.", "serverError"
    ),
    "007008": FaultKind(
        "temporarily_unavailable",
        "The service cannot answer now.",
        "Сервис временно не может выполнить запрос.",
        "temporarilyUnavailable",
    ),
    "007009": FaultKind(
        "unsupported_response_type",
        "The response type is not supported.",
        "Сервис не поддерживает данный тип ответа.",
        "unsupportedResponseType",
    ),
    "007011": FaultKind(
        "invalid_grant",
        "The code or refresh token is wrong, expired, revoked or of another client or redirect.",
        "Авторизационный код или маркер обновления недействителен, просрочен или отозван.",
        "invalidGrant",
    ),
    "007012": FaultKind(
        "unsupported_grant_type",
        "The grant type is not supported.",
        "Тип авторизационного кода не поддерживается.",
        "unsupportedGrantType",
    ),
    "007013": FaultKind(
        "invalid_scope",
        "The request names no scope.",
        "Запрос не содержит указания на область доступа.",
        "scopeMissing",
    ),
    "007014": FaultKind(
        "invalid_request",
        "The request does not contain the mandatory parameter",
        "Запрос не содержит обязательного параметра",
        "missingParameter",
    ),
    "007015": FaultKind(
        "invalid_request",
        "The time of the request is wrong.",
        "Неверное время запроса.",
        "timeWrong",
    ),
    "007019": FaultKind(
        "access_denied",
        "No permission for access.",
        "Отсутствует разрешение на доступ.",
        "noConsent",
    ),
    "007023": FaultKind(
        "invalid_request",
        "The redirect_uri is not allowed for the system.",
        "Указанный в запросе redirect_uri отсутствует среди разрешённых для системы.",
        "redirectUriWrong",
    ),
    "007038": FaultKind(
        "invalid_request",
        "The parameters could not be read.",
        "Не удалось прочитать параметры запроса.",
        "unreadable",
    ),
    "007039": FaultKind(
        "invalid_request",
        "No code_challenge was given with the code.",
        "При получении кода не был указан code_challenge.",
        "codeChallengeMissing",
    ),
    "007040": FaultKind(
        "invalid_grant",
        "The code_verifier does not fit the code_challenge.",
        "Значение code_verifier не соответствует code_challenge.",
        "codeVerifierWrong",
    ),
    "007053": FaultKind(
        "access_denied",
        "The client_secret does not fit the request, the certificate or the system.",
        "Значение client_secret не соответствует запросу, сертификату или системе.",
        "clientSecretWrong",
    ),
    "007055": FaultKind(
        "access_denied",
        "The account is not confirmed.",
        "Учётная запись пользователя не подтверждена.",
        "accountNotConfirmed",
    ),
    "007194": FaultKind(
        "access_denied",
        "An organisation scope was asked for a person who is not an employee.",
        "Запрошены данные организации для пользователя, который не является её сотрудником.",
        "notEmployee",
    ),
    "008010": FaultKind(
        "invalid_client",
        "The client could not be authenticated.",
        "Не удалось проверить подлинность системы-клиента.",
        "clientNotAuthenticated",
    ),
    "036700": FaultKind(
        "invalid_request",
        "The type of consent is missing.",
        "Не указан тип согласия.",
        "consentTypeMissing",
    ),
    "036705": FaultKind(
        "invalid_request",
        "At least one action is needed.",
        "Необходимо указать хотя бы одно действие.",
        "actionsMissing",
    ),
    "036706": FaultKind(
        "invalid_request", "Unknown action.", "Указано неизвестное действие.", "actionUnknown"
    ),
    "036707": FaultKind(
        "invalid_request",
        "At least one purpose is needed.",
        "Необходимо указать хотя бы одну цель.",
        "purposesMissing",
    ),
    "036716": FaultKind(
        "invalid_request",
        "The expiry of the consent is wrong.",
        "Неверный срок действия согласия.",
        "expiryWrong",
    ),
}


class EsiaFault(Exception):
    """A request that ESIA refuses. `detail` follows the text, as `[scope]` does after 007014."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail

    @property
    def error(self) -> str:
        """The `error` of RFC 6749."""
        return FAULTS[self.code].error

    def description(self, language: Language) -> str:
        """`ESIA-007014: text [detail].`: the code first, the words free to change."""
        kind = FAULTS[self.code]
        if language == "enum":
            return f"ESIA-{self.code}: OAuthErrorEnum.{kind.enum}"
        text = kind.ru if language == "ru" else kind.en
        return f"ESIA-{self.code}: {text}{f' {self.detail}.' if self.detail else ''}"


def missing(*names: str) -> EsiaFault:
    """007014 naming what is absent."""
    return EsiaFault("007014", f"[{', '.join(names)}]")
