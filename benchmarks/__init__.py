"""Side-by-side measurements: ratios, requests per second, CPU and memory. `make bench`."""

import os

os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # it comments each program that is started
os.environ.setdefault("PGSSLMODE", "disable")  # PostgreSQL of the rig has no TLS
