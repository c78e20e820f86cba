"""Kept answers: bounded, and never older than a fact that said they changed."""

from hypothesis import given
from hypothesis import strategies as st

from lkmr_gateway.cache import AnswerCache, Key

OWNER = "workers/w"


def key(session: bytes = b"s", query: bytes = b"") -> Key:
    return (session, "/list", query)


def test_an_answer_is_kept_for_its_session_and_query() -> None:
    cache = AnswerCache(10_000)
    cache.keep(key(), OWNER, b"{}", b'"e"', cache.mark())

    kept = cache.get(key())

    assert kept is not None
    assert (kept.body, kept.etag) == (b"{}", b'"e"')
    assert cache.get(key(b"other")) is None
    assert cache.get(key(query=b"a=1")) is None


def test_a_fact_flushes_all_answers_about_its_owner_only() -> None:
    cache = AnswerCache(10_000)
    for session in (b"a", b"b"):
        cache.keep(key(session), OWNER, b"{}", b"", cache.mark())
    cache.keep(key(b"c"), "workers/x", b"{}", b"", cache.mark())

    cache.flush(OWNER)

    assert cache.get(key(b"a")) is cache.get(key(b"b")) is None
    assert cache.get(key(b"c")) is not None


def test_an_answer_on_its_way_during_a_flush_is_not_kept() -> None:
    cache = AnswerCache(10_000)
    mark = cache.mark()
    cache.flush(OWNER)

    given_back = cache.keep(key(), OWNER, b"old", b"", mark)

    assert given_back.body == b"old"
    assert cache.get(key()) is None
    cache.keep(key(), OWNER, b"new", b"", cache.mark())
    assert cache.get(key()) is not None


def test_an_answer_on_its_way_during_a_gap_is_not_kept() -> None:
    cache = AnswerCache(10_000)
    mark = cache.mark()
    cache.clear()
    cache.keep(key(), OWNER, b"old", b"", mark)

    assert cache.get(key()) is None


def test_an_answer_lives_a_minute() -> None:
    now = [0.0]
    cache = AnswerCache(10_000, lambda: now[0])
    cache.keep(key(), OWNER, b"{}", b"", cache.mark())

    now[0] = 59
    assert cache.get(key()) is not None
    now[0] = 61
    assert cache.get(key()) is None
    assert cache.bytes == 0


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("keep"), st.integers(0, 9), st.integers(0, 3), st.integers(0, 3000)),
            st.tuples(st.just("flush"), st.integers(0, 3), st.just(0), st.just(0)),
            st.tuples(st.just("clear"), st.just(0), st.just(0), st.just(0)),
        ),
        max_size=60,
    )
)
def test_memory_stays_within_its_bound(steps: list[tuple[str, int, int, int]]) -> None:
    cache = AnswerCache(8_000)
    for action, first, owner, size in steps:
        if action == "keep":
            body = b"x" * size
            cache.keep(key(b"%d" % first), f"workers/{owner}", body, b"", cache.mark())
        elif action == "flush":
            cache.flush(f"workers/{first}")
        else:
            cache.clear()
        assert 0 <= cache.bytes <= 8_000
    cache.clear()
    assert cache.bytes == 0
    assert not cache._by_owner
