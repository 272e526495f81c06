# Two commands set up all they need on a machine with Python 3.11, make and git:
#   make demo   the main job, offline: feeds, an edition, 200 mails through a real SMTP server
#   make test   every check and test
# Others: make unit (the pure rooms, under a minute), make coverage (their branches), make check
#   (lint, types, rooms), make proof (the long figures), make wheel, make bench, make judged,
#   make fuzz (FUZZ_SECONDS each), make pictures (those of the README), make docs, make lock.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet
SERVE ?=
PART ?=
FUZZ_SECONDS ?= 60
UNIT := -q -m "quick or not slow" tests/unit
export PIP_ROOT_USER_ACTION := ignore
# Tests are compiled once, and so is the program, which tests start a hundred times.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test unit coverage check lint types proof wheel bench judged fuzz pictures docs lock browser clean

demo: $(VENV)/.demo
	$(BIN)/digest demo $(if $(SERVE),--serve)

test: $(VENV)/.dev
	$(MAKE) -j 3 check browser
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder

# The pure rooms alone, for the loop of work: under a minute.
unit: $(VENV)/.dev
	$(BIN)/pytest -n 2 --dist loadfile $(UNIT)

# Branches that these tests take; no pure room may fall below what is written down.
coverage: $(VENV)/.dev
	$(BIN)/coverage run --branch --source=digest,subscribers -m pytest -n 0 $(UNIT)
	$(BIN)/coverage json -q -o .coverage.json
	$(BIN)/python -m bench.branches .coverage.json

check: lint types

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/deptry .

types: $(VENV)/.dev
	$(BIN)/mypy

# Parts of at most 20 minutes; what is done at this commit is skipped. `make proof PART=kill` runs
# one, `make proof PART=--list` shows all.
proof: $(VENV)/.dev browser
	$(BIN)/python -m bench.proof $(PART)

# The wheel, installed and used on each supported Python that this machine has.
wheel: $(VENV)/.dev
	$(BIN)/python -m bench.wheels

bench: $(VENV)/.dev
	$(BIN)/python -m bench
	$(BIN)/python -m bench.wire

# The choice of comments on judged real threads, beside plain choices; SETS is their folder.
judged: $(VENV)/.dev
	$(if $(SETS),JUDGED_SETS=$(SETS)) $(BIN)/python -m bench.judged

# Bytes that break a reader; what is found is kept, and replayed by `make test`.
fuzz: $(VENV)/.fuzz
	for target in $$($(BIN)/python -m tests.fuzz); do \
	  $(BIN)/python -m tests.fuzz $$target $(FUZZ_SECONDS) || exit 1; done

pictures: $(VENV)/.dev browser
	$(BIN)/python -m bench.pictures

# The documentation, with its reference made from the code; a broken link is an error.
docs: $(VENV)/.docs
	$(BIN)/sphinx-build -q -W --keep-going -n -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

# --- setting up ---------------------------------------------------------------------------------

$(VENV)/bin/python:
	@echo "Creating the Python environment $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(VENV)/bin/python pyproject.toml requirements.lock
	@echo "Installing digest and its libraries into $(VENV) (once, about a minute) …"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml requirements-dev.lock
	@echo "Installing digest and what its tests need into $(VENV) (once, about two minutes) …"
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.fuzz: $(VENV)/.dev requirements-fuzz.lock
	$(PIP) install --require-hashes -r requirements-fuzz.lock
	touch $@

$(VENV)/.docs: $(VENV)/.dev requirements-docs.lock
	$(PIP) install --require-hashes -r requirements-docs.lock
	touch $@

# The browser tests look at the mail in Debian's chromium; where root may, it is installed.
browser:
	@command -v chromium >/dev/null || { \
	  [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null; } || \
	  echo "no chromium here: the browser tests will be skipped"

# Hashes of every version, and no download address.
lock: $(VENV)/bin/python
	$(PIP) install uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-annotate --no-header --extra demo --extra postgres --group dev --group e2e pyproject.toml \
	  -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-annotate --no-header --extra demo --group build -c requirements-dev.lock \
	  pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-annotate --no-header --extra demo --extra postgres --extra bounces --extra dkim \
	  --extra metrics --group build -c requirements-dev.lock \
	  pyproject.toml -o requirements-image.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-annotate --no-header --group fuzz -o requirements-fuzz.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-annotate --no-header --group docs -c requirements-dev.lock \
	  -o requirements-docs.lock

clean:
	rm -rf $(VENV) dist demo-out .pytest_cache .mypy_cache .ruff_cache .hypothesis docs/_build docs/reference
