# From a fresh clone: `make run` serves Polycast with its UI, `make test` runs everything there is to run.
# Every step leaves a stamp and is skipped while what it depends on is unchanged.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
VENV := .venv
PY := $(VENV)/bin/python
STAMPS := .stamps
UI := src/polycast/front/ui/index.html
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -path 'web/src/api/types/*' 2>/dev/null)
PY_SOURCES := $(shell find src -name '*.py')

export PYTHONDONTWRITEBYTECODE :=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run setup check test bench lists lock ui packages services clean

run: $(UI)
	POLYCAST_HOST=$${POLYCAST_HOST:-$(HOST)} POLYCAST_PORT=$${POLYCAST_PORT:-$(PORT)} exec $(PY) -m polycast serve

setup: $(STAMPS)/dev $(STAMPS)/node_modules packages services

check: $(STAMPS)/dev
	$(VENV)/bin/ruff check src tests bench tools
	$(VENV)/bin/ruff format --check src tests bench tools
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) -m tests.house
	tools/npm run --silent check

test: setup $(UI) check
	rm -rf $(STAMPS)/routes
	tools/npm run --silent test
	rm -rf .pytest_cache
	$(PY) -m pytest -n 2 --dist loadgroup $(PYTEST_ARGS) || { again=$$($(PY) -m tests.again) && \
		echo "Once more, the files of what failed, with nothing beside them: what passes only so is to be mended: $$again" && \
		$(PY) -m pytest -n 0 $(PYTEST_ARGS) $$again; }

bench: setup $(UI)
	$(PY) -m bench

lists: $(STAMPS)/dev
	$(PY) -m tests.house --write

lock:
	tools/lock

ui: $(UI)

packages:
	@tools/packages

services:
	@tools/services

$(STAMPS)/venv:
	@mkdir -p $(STAMPS)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Polycast needs Python 3.11 or newer")'
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "polycast.pth").write_text("$(CURDIR)/src\n")'
	@touch $@

$(STAMPS)/run: requirements.lock $(STAMPS)/venv
	$(PY) -m pip install --quiet --quiet --require-hashes --only-binary :all: -r requirements.lock || $(PY) -m pip install --quiet --quiet --require-hashes -r requirements.lock
	@touch $@

$(STAMPS)/dev: requirements-dev.lock $(STAMPS)/run
	$(PY) -m pip install --quiet --quiet --require-hashes -r requirements-dev.lock
	@touch $@

# Not `npm ci`: it refuses a lock from which a registry has left out builds for other platforms.
$(STAMPS)/node_modules: web/package-lock.json $(STAMPS)/run
	tools/npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMPS)/openapi: $(STAMPS)/run $(PY_SOURCES)
	$(PY) -m polycast openapi
	@touch $@

$(UI): $(STAMPS)/node_modules $(STAMPS)/openapi $(WEB_SOURCES)
	tools/npm run --silent types
	tools/npm run --silent build
	@touch $@

clean:
	rm -rf $(STAMPS) $(VENV) web/node_modules src/polycast/front/ui src/polycast/front/openapi
