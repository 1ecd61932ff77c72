# make explore   build the graph, answer three questions, write a graph page
# make test      the whole test suite
# make bench     the benchmarks (figures of the README)
# make lint      format, types, floors
# make readme    run the README's sessions again and write down what they say

VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
export KG_STORE ?= $(CURDIR)/build/graph

.PHONY: explore test bench lint readme clean

explore: $(VENV)/.user
	$(BIN)/kg build
	@echo; echo "What improved motor function in chronic injury?"
	$(BIN)/kg query improved --domain motor --phase chronic --format table
	@echo; echo "What has been combined with hiPSC-NS/PC, against what, with which results?"
	$(BIN)/kg combos tried "hiPSC-NS/PC" --format table
	@echo; echo "Which two therapies each helped motor function in chronic injury and never shared an arm?"
	$(BIN)/kg query never-combined --phase chronic --domain motor --limit 15 --format table
	@echo
	$(BIN)/kg view -o build/evidence.html
	@echo; echo "Open this page in a browser: $(CURDIR)/build/evidence.html"

test: lint
	$(BIN)/python -m pytest -n 2 --dist loadfile

bench: $(VENV)/.dev
	$(BIN)/python -m tests.benchmarks

readme: $(VENV)/.dev
	$(BIN)/python tests/readme.py

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config setup.cfg

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.user: setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.dev: setup.cfg pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info
