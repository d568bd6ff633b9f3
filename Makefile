# The only list of commands; CI calls these and nothing else.  `make help` lists them.

PYTHON  ?= python3
CASES   ?= 610000
SEED    ?= 1
RELEASE ?=
AS_OF   ?=

BIN       := .venv/bin
INSTALLED := .venv/.installed
DEVELOPED := .venv/.developed
BUILD     := build
LOADERS   := src/opendocket/columns src/opendocket/release src/opendocket/docket
MAKERS    := src/opendocket/columns src/opendocket/synthetic

export RELEASE AS_OF

.DEFAULT_GOAL := help
.PHONY: help report test init lint layers types tests fuzz docs generated picture smoke clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | \
		while IFS="$$(printf '\t')" read -r name what; do printf '%-10s %s\n' "$$name" "$$what"; done

# Where a step's output is newer than all it is made from, the step is left out.  A release's
# name may hold spaces, which make itself cannot bear: so the shell compares.  Two releases of
# one name are told apart by folder, size and date.
report: $(INSTALLED) ## the Dedicated Docket report, made-up release; RELEASE=file.zip: a real one
	@set -e; mkdir -p $(BUILD); \
	stale() { [ ! -e "$$1" ] || [ -n "$$(find "$$@" -newer "$$1" -type f ! -name '*.pyc' | head -n 1)" ]; }; \
	release="$$RELEASE"; report=$(BUILD)/report; key=; \
	if [ -z "$$release" ]; then \
		release="$(BUILD)/synthetic-$(CASES)-$(SEED).zip"; \
		if stale "$$release" $(MAKERS); then \
			$(BIN)/opendocket synthesize "$$release" --cases $(CASES) --seed $(SEED) --overwrite; \
		fi; \
	elif [ -e "$$release" ]; then \
		key="-$$(cd "$$(dirname "$$release")" && { pwd; ls -ln "$$(basename "$$release")"; } | cksum | cut -d' ' -f1)"; \
		report="$(BUILD)/report-$$(basename "$$release" .zip)"; \
	fi; \
	[ -z "$$AS_OF" ] || report="$$report-$$AS_OF"; \
	docket="$(BUILD)/$$(basename "$$release" .zip)$$key.duckdb"; \
	if [ ! -e "$$release" ] || stale "$$docket" "$$release" $(LOADERS); then \
		$(BIN)/opendocket load "$$release" --out "$$docket" --overwrite; \
	fi; \
	$(BIN)/opendocket report dedicated-docket --docket "$$docket" --out "$$report" --overwrite \
		$${AS_OF:+--as-of "$$AS_OF"}; \
	echo; echo "The report is $$report/index.html"

test: init lint layers types tests docs ## set up, then all that CI runs, in CI's order

init: $(DEVELOPED) ## set up .venv with what development and docs need

lint: $(DEVELOPED) ## format and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

layers: $(DEVELOPED) ## dependencies point one way
	$(BIN)/lint-imports

types: $(DEVELOPED) ## strict types
	$(BIN)/mypy

tests: $(DEVELOPED) ## every test; ARGS="-k median" for some
	$(BIN)/pytest $(ARGS)

fuzz: $(DEVELOPED) ## releases that nobody would publish; MINUTES=10 SEED=1
	$(BIN)/python fuzz/fuzz.py --minutes $(or $(MINUTES),1) --seed $(SEED)

docs: $(DEVELOPED) ## the docs, warnings as errors, into build/docs
	$(BIN)/python docs/generate.py --check
	$(BIN)/sphinx-build -n -W --keep-going -q docs $(BUILD)/docs
	@echo "The docs are $(BUILD)/docs/index.html"

generated: $(DEVELOPED) ## rewrite the docs pages that are generated
	$(BIN)/python docs/generate.py

picture: $(DEVELOPED) report ## the README's picture, from the report that `make report` made
	$(BIN)/python docs/picture.py $(BUILD)/report

smoke: $(INSTALLED) ## the wheel makes a report with no development dependency
	rm -rf $(BUILD)/smoke
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir $(BUILD)/smoke .
	$(PYTHON) -m venv $(BUILD)/smoke/venv
	$(BUILD)/smoke/venv/bin/pip install --quiet -c constraints.txt $(BUILD)/smoke/*.whl
	cd $(BUILD)/smoke && PATH="$$PWD/venv/bin:$$PATH" && opendocket --version && \
		opendocket synthesize made-up.zip --cases 20000 --seed 1 && \
		opendocket load made-up.zip --out made-up.duckdb && \
		opendocket report dedicated-docket --docket made-up.duckdb --out report && \
		test -s report/index.html

clean: ## remove what was built; data/ and .venv stay
	rm -rf $(BUILD) dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON): not found, or older than 3.11; expected Python 3.11 or later;" \
			"name one by PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' || \
		{ echo "$(PYTHON): no module venv; expected one; on Debian: apt-get install python3-venv"; \
			exit 1; }
	$(PYTHON) -m venv .venv

$(INSTALLED): pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(DEVELOPED): pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,docs]'
	@touch $@ $(INSTALLED)
