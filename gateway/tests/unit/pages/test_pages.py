"""What holds on every page, filled with as little and as much as it can have."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from jinja2 import UndefinedError
from page_samples import CALM, GUEST, PAGES

from lkmr_gateway.pages.assets import assets
from lkmr_gateway.pages.render import environment, render
from lkmr_gateway.pages.views.frame import ErrorView, Fault
from lkmr_gateway.pages.views.home import HomeView
from lkmr_gateway.pages.views.public import AccessibilityView

FORMS_WITHOUT_SESSION = {  # GET forms that only ask
    "/accreditations",
    "/admin/deliveries",
    "/admin/people",
    "/audit",
    "/compliance",
    "/documents",
    "/documents/new",
    "/education/catalog",
    "/messages",
    "/staff",
    "/staff/w/documents",
}


class Page(HTMLParser):
    """Elements of a page with their attributes, and its text."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.title = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if self.elements and self.elements[-1][0] == "title" and not self.title:
            self.title = data
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def values(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.elements if name in attributes]

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def page(name: str) -> Page:
    view, chrome = PAGES[name]
    return Page(render(view.template, view, chrome=chrome).decode())


every_page = pytest.mark.parametrize("name", PAGES)


def test_each_template_has_a_sample() -> None:
    parts = {
        *("base.html", "parts.html", "application_parts.html", "compliance_parts.html"),
        *("education_parts.html", "notice_parts.html", "document_parts.html"),
    }

    shown = {view.template for view, _ in PAGES.values()}

    assert shown == set(environment().list_templates()) - parts


@every_page
def test_a_page_has_one_heading_one_main_and_landmarks(name: str) -> None:
    shown = page(name)

    assert len(shown.all("h1")) == 1
    assert [main["id"] for main in shown.all("main")] == ["content"]
    assert shown.all("header")
    assert shown.all("footer")
    assert shown.all("html") == [{"lang": "ru"}]


@every_page
def test_headings_descend_without_a_gap(name: str) -> None:
    levels = [int(tag[1]) for tag, _ in page(name).elements if re.fullmatch("h[1-6]", tag)]

    start = levels.index(1)
    assert all(after - before <= 1 for before, after in pairwise(levels[start:]))


@every_page
def test_the_first_link_skips_to_the_content(name: str) -> None:
    first = page(name).all("a")[0]

    assert first == {"class": "skip", "href": "#content"}


@every_page
def test_the_title_names_page_and_product_and_no_person(name: str) -> None:
    title = page(name).title

    assert title.endswith(" — Кабинет медработника")
    assert "Петров" not in title
    assert "\n" not in title
    assert title.startswith("Ошибка: ") == any(
        sign in name for sign in ("error", "refused", "closed")
    )


@every_page
def test_nothing_inline_that_a_strict_policy_refuses(name: str) -> None:
    shown = page(name)

    attributes = {key for _, given in shown.elements for key in given}
    assert "style" not in attributes
    assert not {key for key in attributes if key.startswith(("on", "hx-on"))}
    assert not shown.all("style")
    [script] = shown.all("script")
    assert script["nonce"] == "n0nce"
    assert script["type"] == "module"


@every_page
def test_files_come_from_the_cabinet_only(name: str) -> None:
    shown = page(name)
    known = assets()[1]

    used = [*shown.values("src"), *(link["href"] for link in shown.all("link"))]
    used += [use["href"].partition("#")[0] for use in shown.all("use")]
    assert used
    assert all(address in known for address in used)


@every_page
def test_every_icon_is_in_the_sprite(name: str) -> None:
    sprite = assets()[0]["icons.svg"].body.decode()
    used = {use["href"].partition("#")[2] for use in page(name).all("use")}

    assert all(f'id="{icon}"' in sprite for icon in used)


@every_page
def test_ids_are_unique_and_references_meet(name: str) -> None:
    shown = page(name)
    ids = shown.values("id")

    assert len(ids) == len(set(ids))
    for reference in ("for", "aria-labelledby", "aria-describedby", "popovertarget", "data-copy"):
        for value in shown.values(reference):
            assert set(value.split()) <= set(ids), reference
    for href in shown.values("href"):
        if href.startswith("#"):
            assert href[1:] in ids


@every_page
def test_forms_that_change_something_carry_the_token(name: str) -> None:
    content = render(PAGES[name][0].template, PAGES[name][0], chrome=PAGES[name][1]).decode()

    for form in re.findall(r"<form.*?</form>", content, flags=re.DOTALL):
        if 'method="post"' in form:
            assert 'name="csrf_token"' in form
        elif 'method="dialog"' not in form:
            assert re.search(r'action="([^"]*)"', form)[1] in FORMS_WITHOUT_SESSION  # type: ignore[index]


@every_page
def test_words_are_whole_and_never_placeholders(name: str) -> None:
    text = page(name).text

    assert not re.search(r"\w\((?:а|ов|ев|ы|и|ей|ь)\)", text), "plural in brackets"
    for sign in ("None", "True", "False", "{{", "{%", " , ", " .", "  "):
        assert sign not in text.replace("4,5 : 1", "")
    assert "!" not in text


@every_page
def test_short_words_are_bound_to_the_next_one(name: str) -> None:
    view, chrome = PAGES[name]
    content = render(view.template, view, chrome=chrome).decode()
    body = content.partition("<body")[2]
    visible = re.sub(r"<option.*?</option>", "", re.sub(r"<[^>]+>", "|", body), flags=re.DOTALL)

    loose = re.findall(r"(?<![\w-])(?:в|и|к|с|у|на|за|по|до|не|из|от) [^\s|—]", visible)

    assert not loose


@every_page
def test_tables_are_labelled_for_cards_and_readers(name: str) -> None:
    shown = page(name)

    assert len(shown.all("table")) == len(shown.all("caption"))
    assert all(head.get("scope") in {"col", "row"} for head in shown.all("th"))
    assert all("data-label" in cell for cell in shown.all("td"))


@pytest.mark.proves("F-149")
def test_the_front_page_offers_exactly_one_sign_in() -> None:
    shown = page("sign-in")

    ways = [link["href"] for link in shown.all("a") if "/auth/" in link["href"]]

    assert ways == ["/auth/login?return_to=/accreditations%3Fstate%3DACTIVE"]
    assert "Войти через Госуслуги" in shown.words
    assert not shown.all("input")


def test_the_code_field_is_ready_for_one_time_codes() -> None:
    [field] = [one for one in page("code").all("input") if one["name"] == "code"]

    assert field["autocomplete"] == "one-time-code"
    assert field["inputmode"] == "numeric"
    assert "maxlength" not in field


def test_a_wrong_code_is_told_at_the_field_and_above() -> None:
    shown = page("code-error")

    [field] = [one for one in shown.all("input") if one["name"] == "code"]
    assert field["aria-invalid"] == "true"
    assert "code-error" in field["aria-describedby"]
    assert shown.values("role").count("alert") == 2  # the summary and the place for announcements


def test_profiles_are_radio_buttons_with_one_chosen() -> None:
    for name in ("profile", "profile-error"):
        radios = [one for one in page(name).all("input") if one["name"] == "profile"]

        assert [one["value"] for one in radios] == ["org-kb2/DOCTOR", "org-gp1/DOCTOR"]
        assert sum("checked" in one for one in radios) == 1


def test_a_mismatch_names_fields_and_who_corrects_them_without_values() -> None:
    text = page("refused-ident").text.replace("\u00a0", " ")

    for words in ("Фамилия, имя, отчество", "Дата рождения", "Номер полиса ОМС", "Кто исправляет"):
        assert words in text
    assert "LKMR-IDENT-004" in text
    assert "Попробовать ещё раз" in text


def test_a_fault_page_carries_code_time_trace_and_account() -> None:
    text = page("error").text.replace("\u00a0", " ")

    assert "LKMR-AUTH-007" in text
    assert "23.11.2026, 14:32:08 МСК" in text
    assert "4bf92f3577b34da6a3ce929d0e0e4736" in text
    assert "1000 2990 02" in text


def test_no_support_link_while_there_is_no_such_page() -> None:
    assert not [href for href in page("error-least").values("href") if "support" in href]


def test_home_opens_with_the_verdict_and_keeps_its_order() -> None:
    text = page("home").text.replace("\u00a0", " ")

    places = [
        text.index(words)
        for words in (
            "Илья Андреевич, добрый день",
            "Вы можете работать по специальности «кардиология» до 18 декабря 2026 г.",
            "Требует действий",
            "25 дней",
            "Новое",
        )
    ]
    assert places == sorted(places)


def test_what_could_not_be_checked_is_never_shown_as_done() -> None:
    text = page("home-faults").text.replace("\u00a0", " ")

    assert "Не проверено. Сведения об аккредитации не получены" in text
    assert "Срочных дел нет" not in text


def test_a_replaced_entry_leads_to_the_one_in_force() -> None:
    text = page("accreditation-replaced").text.replace("\u00a0", " ")

    assert "Действует другая запись" in text
    assert "нельзя" not in text


def test_home_shows_at_most_five_new_messages() -> None:
    view, chrome = PAGES["home"]
    many = HomeView(greeting_name="", messages=view.messages * 3)

    shown = Page(render(many.template, many, chrome=chrome).decode())

    assert sum("/messages/" in link["href"] for link in shown.all("a")) == 5


def test_an_empty_inbox_counter_is_not_shown() -> None:
    assert "непрочитанных:" not in page("home-least").text


def test_the_counter_is_told_in_words_too() -> None:
    assert "Сообщения, непрочитанных: 7" in page("home").text


def test_an_unknown_state_is_never_shown_as_safe() -> None:
    assert "не проверено" in page("home").text


def test_the_only_open_profile_is_not_a_menu() -> None:
    assert not [one for one in page("home-least").all("form") if one["action"] == "/auth/switch"]


def test_a_sorted_column_tells_its_order() -> None:
    shown = page("accreditations")

    assert shown.values("aria-sort") == ["descending"]
    assert (
        "/accreditations?specialty=%D0%BA%D0%B0%D1%80%D0%B4%D0%B8%D0%BE%D0%BB%D0%BE%D0%B3%D0%B8%D1%8F&order_by=expire_date"
        in shown.values("href")
    )


def test_the_current_section_is_marked() -> None:
    current = [
        one["href"] for one in page("accreditation").all("a") if one.get("aria-current") == "page"
    ]

    assert current == ["/accreditations"]


def test_a_view_that_lacks_a_field_is_refused() -> None:
    with pytest.raises(UndefinedError):
        render("home.html", AccessibilityView(), chrome=CALM)


def test_texts_of_others_are_escaped() -> None:
    view = ErrorView(
        fault=Fault(
            status=500,
            code="LKMR-SYS-001",
            title="<script>alert(1)</script>",
            detail='"><img src=x onerror=1>',
            instruction=("<b>",),
            time=GUEST.now,
            trace_id="'\"",
        )
    )

    shown = Page(render(view.template, view, chrome=GUEST).decode())

    assert len(shown.all("script")) == 1
    assert not shown.all("img")
