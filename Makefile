.DEFAULT_GOAL := help
.PHONY: help run test test-quick bench soak verify-audit requirements lock proto migration format check docs
SHELL := /bin/bash

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## ?/\1|/' | column -t -s '|'

run:  ## set up what is missing and start everything; Ctrl-C stops (LKMR_HOME, LKMR_PORT_BASE, LKMR_INSTANCES, LKMR_NOW)
	@scripts/setup && exec .venv/bin/python -m lkmr_rig run

test:  ## everything CI runs; S=accreditation only one part
	@scripts/test $(S)

test-quick:  ## lint, types and tests without servers
	@scripts/test --quick $(S)

bench:  ## side-by-side measurements; B= one of them
	@scripts/bench $(B)

soak:  ## long proofs: many kills, fuzzing, a million rows
	@scripts/test --soak $(S)

verify-audit:  ## check the hash chain of the audit journal
	@bin/lkmr audit verify

requirements:  ## rows of the product and the tests that prove them: docs/requirements.md
	@scripts/setup dev && .venv/bin/python scripts/requirements

lock:  ## renew the locks in requirements/
	@scripts/lock

proto:  ## renew the code generated from proto/
	@scripts/proto generate

migration:  ## S=service M="what it does": a new migration file
	@scripts/migration "$(S)" "$(M)"

format:  ## format the code
	@.venv/bin/ruff check -q --fix-only . && .venv/bin/ruff format .

check:  ## lint, types, import contracts, proto
	@scripts/check

docs:  ## renew what is generated in docs/
	@scripts/docs
