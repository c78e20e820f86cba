"""One suite in which every program of ours runs twice."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from lkmr_rig.threaded import ThreadedSuite

from ..support.own_suite import own_suite
from ..support.visitor import Visitor


@pytest.fixture(scope="package")
def pair() -> Iterator[ThreadedSuite]:
    """The suite with two of each, which enters through a certified gateway of ESIA."""
    with own_suite("instances", LKMR_INSTANCES="2", AUTH_ESIA_ADAPTER="gateway") as started:
        yield started


@pytest.fixture
def visitor(pair: ThreadedSuite) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors that are closed after the test."""
    with ExitStack() as stack:
        yield lambda kind=Visitor, **more: stack.enter_context(kind(pair, **more))
