"""Names of states and steps for people."""

from lkmr_accreditation.domain.application import State

STATES = {
    State.DRAFT: "Черновик",
    State.REPORT_APPROVAL: "Отчёт на согласовании у работодателя",
    State.SUBMITTED: "Отправлено",
    State.REGISTERED: "Зарегистрировано",
    State.FAC_CHECK: "Проверка документов в ФАЦ",
    State.RETURNED: "Возвращено на исправление",
    State.NOT_ADMITTED: "Отказано в допуске",
    State.CAC_REVIEW: "Оценка портфолио в ЦАК",
    State.PASSED: "Сдано",
    State.FAILED: "Не сдано",
    State.APPEAL_FILED: "Апелляция подана",
    State.APPEAL_GRANTED: "Апелляция удовлетворена",
    State.APPEAL_DENIED: "Апелляция отклонена",
    State.RECORDED: "Внесено в ЕГИСЗ",
    State.UNKNOWN_EXTERNAL: "Состояние от ФАЦ",
    State.CONSENT_ASKED: "Ждём согласия сотрудника",
    State.EXTRACT_REQUESTED: "Выписка запрошена",
    State.READY: "Готово",
    State.IN_WORK: "В работе",
    State.DONE: "Выполнено",
    State.REFUSED: "Отказано",
    State.WITHDRAWN: "Отозвано",
    State.EXPIRED: "Истекло",
    State.DELETED: "Удалено",
}
