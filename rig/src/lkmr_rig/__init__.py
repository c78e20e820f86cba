"""The one list of processes of the suite: `make run`, the journeys and the chaos tests use it."""

from lkmr_rig.suite import StartFailed, Suite

__all__ = ["StartFailed", "Suite"]
