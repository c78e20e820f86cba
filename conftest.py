"""Fixtures for all tests of the workspace."""

pytest_plugins = ["lkmr_rig.pytest_plugin"]
