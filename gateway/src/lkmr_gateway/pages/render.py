"""Turns views into pages: one Jinja2 environment, compiled once."""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from lkmr_gateway.pages import (
    application_words,
    compliance_words,
    document_words,
    education_words,
    plots,
    text,
    wording,
)
from lkmr_gateway.pages.assets import asset_url
from lkmr_gateway.pages.markup import BindText
from lkmr_gateway.pages.views.frame import Chrome


def render(template: str, view: object, *, chrome: Chrome) -> bytes:
    """A whole page in UTF-8. `template` is the view's own `template`.

    Raises jinja2.UndefinedError when a view does not fit its template.
    """
    return environment().get_template(template).render(view=view, chrome=chrome).encode()


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The environment with every template compiled; call it at start to pay for that early."""
    made = Environment(
        loader=PackageLoader("lkmr_gateway.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=[BindText],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    made.globals.update(asset_url=asset_url, states=wording.STATES)
    made.globals.update(document_states=document_words.STATES)
    made.globals.update(staff_tiles=compliance_words.TILES, course_kinds=compliance_words.KINDS)
    made.filters.update(
        verdict_word=compliance_words.verdict_word,
        admission_word=compliance_words.admission_word,
        next_step=compliance_words.next_step,
        as_day=compliance_words.as_day,
        hours_plot=plots.hours_plot,
        terms_plot=plots.terms_plot,
        counted_lines=plots.counted_lines,
    )
    made.filters.update(
        bind=text.bind,
        count=text.count,
        numeral=text.numeral,
        percent=text.percent,
        grouped=text.grouped,
        capitalized=text.capitalized,
        short_date=text.short_date,
        long_date=text.long_date,
        days_left=text.days_left,
        state_word=wording.state_word,
        education_word=wording.education_word,
        kind_word=wording.kind_word,
        condition_word=wording.condition_word,
        field_word=wording.field_word,
        browser_icon=wording.browser_icon,
        verdict=wording.verdict,
        successor=wording.successor,
        current_entries=wording.current_entries,
        days_tone=wording.days_tone,
        term_share=wording.term_share,
        greeting=_with_now_text(wording.greeting),
        terms=wording.terms,
        near_time=_with_now(text.near_time),
        exact_time=_with_now(text.exact_time),
        clock_time=_with_now(text.clock_time),
        since_time=_with_now(text.since_time),
        at_time=_with_now(text.at_time),
        seconds_until=_seconds_until,
        span_words=text.span_words,
        local_date=_local_date,
        local_iso=_local_iso,
        weekday_date=text.weekday_date,
        zone_name=text.zone_name,
    )
    made.filters.update(education_words.FILTERS)
    made.filters.update(application_words.FILTERS)
    made.filters.update(document_words.FILTERS)
    for name in made.list_templates():
        made.get_template(name)
    return made


def _chrome_of(context: Context) -> Chrome:
    chrome: Chrome = context["chrome"]
    return chrome


def _with_now(words: Callable[[datetime, datetime], str]) -> Callable[[Context, datetime], str]:
    @pass_context
    def filtered(context: Context, moment: datetime) -> str:
        return words(moment, _chrome_of(context).now)

    return filtered


def _with_now_text(words: Callable[[str, datetime], str]) -> Callable[[Context, str], str]:
    @pass_context
    def filtered(context: Context, given: str) -> str:
        return words(given, _chrome_of(context).now)

    return filtered


@pass_context
def _seconds_until(context: Context, moment: datetime) -> int:
    return int((moment - _chrome_of(context).now).total_seconds())


@pass_context
def _local_date(context: Context, moment: datetime) -> date:
    return moment.astimezone(_chrome_of(context).now.tzinfo).date()


@pass_context
def _local_iso(context: Context, moment: datetime) -> str:
    return moment.astimezone(_chrome_of(context).now.tzinfo).isoformat(timespec="minutes")
