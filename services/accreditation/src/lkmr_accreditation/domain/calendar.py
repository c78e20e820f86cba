"""The production calendar under its former name; it is kept in servicekit for all services."""

from lkmr_servicekit.working_days import WorkingDays

__all__ = ["WorkingDays"]
