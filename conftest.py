"""Fixtures for all tests of the workspace."""

import os

# As every program of ours is started: read by the library of gRPC when it is imported.
os.environ.setdefault("GRPC_SSL_CIPHER_SUITES", "ECDHE-RSA-AES256-GCM-SHA384")

pytest_plugins = ["lkmr_rig.pytest_plugin"]
