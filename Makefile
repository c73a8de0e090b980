# make run   set everything up and serve the finder      PORT=8000 DATABASE=locator.db HOST=127.0.0.1
# make test  set up what the tests need and run them all
# make check only the checks of style, types and floors
# make coverage  the tests, and which lines they pass through

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
VENV ?= .venv
HOST ?= 127.0.0.1
PORT ?= 8000
DATABASE ?= locator.db
WORKERS ?= 1

BIN = $(VENV)/bin
SOURCES = setup.cfg pyproject.toml

.PHONY: run test check coverage explore screenshots messages clean
.DELETE_ON_ERROR:

run: $(VENV)/installed
	@$(BIN)/locator init miluo --database "$(DATABASE)"
	@exec $(BIN)/locator serve --host "$(HOST)" --port "$(PORT)" --workers "$(WORKERS)" --database "$(DATABASE)"

test: check
	@sh .ci/system-parts
	$(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

check: $(VENV)/installed-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config setup.cfg --no-logo

# Which lines the tests pass through; to look takes the tests half as long again.
coverage: PYTEST_ARGS += --cov --cov-report=term:skip-covered
coverage: test

# The property tests with examples that no run has tried before; what fails becomes a test of its own.
explore: $(VENV)/installed-for-tests
	HYPOTHESIS_PROFILE=explore $(BIN)/python -m pytest -n 2 -m "not browser and not packaging" $(PYTEST_ARGS)

# The pictures of the README, taken anew by the browser tests.
screenshots: $(VENV)/installed-for-tests
	LOCATOR_SCREENSHOTS=docs/pictures $(BIN)/python -m pytest -q tests/browser -k screenshot

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer is needed; install it, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@sh .ci/make-venv "$(PYTHON)" "$(VENV)"

$(VENV)/installed: $(VENV)/bin/python $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/installed-for-tests: $(VENV)/bin/python $(SOURCES)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[test]"
	@touch $@ $(VENV)/installed

# Bring the catalogues up to the texts in the code; new ones are then translated by hand.
messages: $(VENV)/installed-for-tests
	$(BIN)/pybabel -q extract -F pyproject.toml -k N_ -k translate -k _ --no-location -o $(VENV)/messages.pot locator
	for language in zh_CN en; do $(BIN)/pybabel -q update -i $(VENV)/messages.pot -d locator/translations -l $$language \
		--no-fuzzy-matching --ignore-obsolete --omit-header; done

clean:
	rm -rf $(VENV) build dist *.egg-info
