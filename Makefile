# `make demo` and `make test` are all that a newcomer needs; both create .venv first if it is not there.
PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(if $(shell $(name) -c 'import sys; print(1 if (3,11) <= sys.version_info[:2] <= (3,13) else "")' 2>/dev/null),$(name))))
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo test check format lab e2e e2e-full bench lock clean
.DEFAULT_GOAL := help

help: ## say what there is
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

demo: $(READY) ## open the UI on the embedded demo cluster
	@$(BIN)/mediatui demo

test: $(READY) ## run the tests
	@$(BIN)/python -m pytest --ignore=tests/e2e

check: $(READY) ## format, lint, types, import contracts
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

format: $(READY) ## format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lab: $(READY) ## build the laboratory of the end-to-end tests (needs Go); PARTS="control-plane node" for a part
	@$(BIN)/python -m tests.lab build $(PARTS)

e2e: $(READY) ## run the end-to-end tests, and the scenarios on a real control plane
	@MEDIATUI_TEST_REAL=1 $(BIN)/python -m pytest tests/e2e tests/cluster

e2e-full: $(READY) ## the same with every repetition, for example twenty starts of a node
	@MEDIATUI_TEST_REAL=1 MEDIATUI_TEST_FULL=1 $(BIN)/python -m pytest tests/e2e tests/cluster

bench: $(READY) ## measure, as ratios to a peer in the same run
	@$(BIN)/python -m bench

lock: $(READY) ## make requirements.lock anew (needs uv)
	uv pip compile --upgrade --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
		--no-emit-find-links --no-header --no-annotate pyproject.toml --group dev -o requirements.lock

clean: ## remove what make made
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache

$(READY): requirements.lock pyproject.toml
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || { echo "mediatui needs Python 3.11, 3.12 or 3.13 on the PATH; or name one: make PYTHON=/path/to/python3.12 ..." >&2; exit 2; }
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --clear --python "$(PYTHON)" $(VENV) && \
		VIRTUAL_ENV=$(VENV) uv pip install --quiet --compile-bytecode --require-hashes -r requirements.lock && \
		VIRTUAL_ENV=$(VENV) uv pip install --quiet --no-deps --no-build-isolation --editable .; \
	else \
		"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "this Python lacks venv: install it (Debian, Ubuntu: apt install python3-venv) or uv, and run make again" >&2; exit 2; }; \
		"$(PYTHON)" -m venv --clear $(VENV) && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	fi
	@touch $(READY)
