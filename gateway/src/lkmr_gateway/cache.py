"""Answers kept as bytes, per session and bounded, until an event says that they changed."""

from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from lkmr_servicekit.clock import monotonic

_LIFE_SECONDS = 60.0
_OVERHEAD = 400
_MAX_FLUSH_MARKS = 20_000
_MAX_ANSWER = 256 * 1024

Key = tuple[bytes, str, bytes]  # session, route, query


@dataclass(frozen=True, slots=True)
class Answer:
    """A body with its ETag, as a service made it."""

    body: bytes
    etag: bytes
    until: float


class AnswerCache:
    """Answers by session, route and query; `owner` is the resource name that events will name.

    An answer that was on its way while its owner was flushed is not kept.
    """

    def __init__(self, max_bytes: int, now: Callable[[], float] = monotonic) -> None:
        self._max, self._now = max_bytes, now
        self._held: OrderedDict[Key, tuple[Answer, str]] = OrderedDict()
        self._by_owner: defaultdict[str, set[Key]] = defaultdict(set)
        self._flushed: OrderedDict[str, int] = OrderedDict()
        self._floor = 0
        self._sequence = 0
        self.bytes = 0
        self.hits = 0
        self.misses = 0

    def get(self, key: Key) -> Answer | None:
        """A kept answer that is still fresh."""
        found = self._held.get(key)
        if found is None:
            self.misses += 1
            return None
        if found[0].until < self._now():
            self._drop(key)
            self.misses += 1
            return None
        self._held.move_to_end(key)
        self.hits += 1
        return found[0]

    def mark(self) -> int:
        """Take before asking the service; give it to `keep`."""
        return self._sequence

    def keep(self, key: Key, owner: str, body: bytes, etag: bytes, mark: int) -> Answer:
        """Keep an answer, unless its owner was flushed since the mark."""
        answer = Answer(body, etag, self._now() + _LIFE_SECONDS)
        stale = self._flushed.get(owner, self._floor) > mark
        if stale or self._max <= 0 or len(body) > _MAX_ANSWER:
            return answer
        self._drop(key)
        self._held[key] = (answer, owner)
        self._by_owner[owner].add(key)
        self.bytes += len(body) + _OVERHEAD
        while self.bytes > self._max:
            self._drop(next(iter(self._held)))
        return answer

    def flush(self, owner: str) -> None:
        """Forget all answers about a worker or a person."""
        self._sequence += 1
        self._flushed[owner] = self._sequence
        self._flushed.move_to_end(owner)
        if len(self._flushed) > _MAX_FLUSH_MARKS:
            _, self._floor = self._flushed.popitem(last=False)
        for key in tuple(self._by_owner.get(owner, ())):
            self._drop(key)

    def clear(self) -> None:
        """Forget everything: events may have been missed."""
        self._sequence += 1
        self._floor = self._sequence
        self._flushed.clear()
        self._held.clear()
        self._by_owner.clear()
        self.bytes = 0

    def _drop(self, key: Key) -> None:
        found = self._held.pop(key, None)
        if found is None:
            return
        answer, owner = found
        self.bytes -= len(answer.body) + _OVERHEAD
        keys = self._by_owner[owner]
        keys.discard(key)
        if not keys:
            del self._by_owner[owner]
