"""Channels, groups of messages, urgency: the words that rules, preferences and people share."""

from enum import Enum


class Channel(Enum):
    """How a message leaves the cabinet."""

    EMAIL = "EMAIL"
    SMS = "SMS"
    PUSH = "PUSH"


class Group(Enum):
    """What a message is about: a tab of the inbox and a row of the preferences."""

    TERMS = "TERMS"  # сроки документов и дел
    DOCUMENTS = "DOCUMENTS"  # аккредитация и документы
    EDUCATION = "EDUCATION"  # обучение
    EXCHANGE = "EXCHANGE"  # обмен с ЕГИСЗ
    SCHEDULE = "SCHEDULE"  # расписание
    CORRESPONDENCE = "CORRESPONDENCE"  # переписка
    SECURITY = "SECURITY"  # безопасность
    NEWS = "NEWS"  # изменения правил и новости кабинета


class Urgency(Enum):
    """When word of a message may leave the cabinet; the inbox itself has it at once."""

    NOW = "NOW"  # at any hour: status changes, security, changes of the same day
    DAY = "DAY"  # after the quiet hours: reminders
    LATER = "LATER"  # after the quiet hours, or gathered in one letter a day: news


class Priority(Enum):
    """Which deliveries are taken first: a bulk never delays a person's own affair."""

    URGENT = 0
    USUAL = 1
    BULK = 2


PRIORITY = {Urgency.NOW: Priority.URGENT, Urgency.DAY: Priority.USUAL, Urgency.LATER: Priority.BULK}
