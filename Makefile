# Everything sets itself up: a virtual environment in .venv, made anew when pyproject.toml or the pins change.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNS ?= outputs/runs.jsonl

MODEL ?= qwen2_5-coder-1_5b

.PHONY: agents dist sweep test test-live test-real real-model measure test-sets nightly test-kill lint docs docs-check bench clean
.DEFAULT_GOAL := help

help:
	@echo "make sweep       the first sweep, with a simulated subject, and its table"
	@echo "make test        the whole test suite"
	@echo "make test-live   the same program against real model servers: mlx-lm, and llama.cpp's where it runs"
	@echo "make test-real   cut replies on four engines, and a real coder: downloads 2 GB, and compiles llama.cpp"
	@echo "make real-model  fetch llama.cpp's server and MODEL, and say how to run it"
	@echo "make measure     the real sweeps of docs/measured.md, or what is missing of them: hours on an idle machine"
	@echo "make agents      install two command agents, mini-swe-agent and pi, into .venv/agents"
	@echo "HARNESS_EXERCISM=DIR make test-sets   import your checkout of Exercism, and count what is fit"
	@echo "make nightly     the fuzz tests, with ten thousand examples each"
	@echo "make test-kill   a sweep that is killed fifty times at random moments"
	@echo "make lint        ruff, mypy, import-linter"
	@echo "make docs        write the generated pages anew;  make docs-check: fail if one is out of date"
	@echo "make dist        build the wheel and the source archive, and check them"
	@echo "make bench       the benchmarks, printed as tables"

PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/run-ready: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[go]'
	@touch $@

$(VENV)/ready: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[dev]'
	@touch $@

$(VENV)/live-ready: $(VENV)/ready
	$(PIP) -e '.[dev,live]'
	@touch $@

sweep: $(VENV)/run-ready
	$(BIN)/python -m harness -m ctx_limit=9000,11000,13000 memory=true,false
	$(BIN)/python -m analysis table --runs $(RUNS) --by ctx_limit,memory --contrast memory

test: $(VENV)/ready
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-live: $(VENV)/live-ready
	-$(BIN)/python tests/live/real_model.py smollm2-135m
	HARNESS_LIVE=1 $(BIN)/python -m pytest -rs tests/live

test-real: $(VENV)/live-ready
	-$(BIN)/python tests/live/real_model.py qwen2_5-coder-1_5b
	$(BIN)/python tests/live/python_engines.py
	HARNESS_REAL=1 $(BIN)/python -m pytest -rs tests/live/test_live_cuts.py tests/live/test_real_*.py

agents: $(VENV)/run-ready
	$(BIN)/python tests/live/install_agents.py

real-model: $(VENV)/run-ready
	$(BIN)/python tests/live/real_model.py $(MODEL)

measure: $(VENV)/ready
	$(BIN)/python benchmarks/measure.py $(SWEEPS)
	$(BIN)/python -m analysis measured --out docs/measured.md

test-sets: $(VENV)/run-ready
	$(BIN)/python tests/tasks/real_sets.py

nightly: $(VENV)/ready
	$(BIN)/python -m pytest -n 2 --hypothesis-profile=nightly --timeout=3600 tests/*/test_*_fuzz.py

test-kill: $(VENV)/ready
	HARNESS_KILLS=50 $(BIN)/python -m pytest tests/sweeps/test_shared_grid.py

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/ready
	$(BIN)/python -m sweeps.reference
	$(BIN)/python -m harness.sandbox.holds
	$(BIN)/python benchmarks/adaptive.py --docs > /dev/null
	$(BIN)/python -m analysis reference --out docs/analysis.md
	$(BIN)/python -m analysis study --out docs/stagnation.md
	$(BIN)/python -m analysis simulator --out docs/simulator.md
	$(BIN)/python -m analysis measured --out docs/measured.md

docs-check: $(VENV)/ready
	$(BIN)/python -m sweeps.reference --check
	$(BIN)/python -m harness.sandbox.holds --check
	$(BIN)/python benchmarks/adaptive.py --check
	$(BIN)/python -m analysis reference --check docs/analysis.md
	$(BIN)/python -m analysis study --check docs/stagnation.md
	$(BIN)/python -m analysis simulator --check docs/simulator.md
	$(BIN)/python -m analysis measured --check docs/measured.md

dist: $(VENV)/ready
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/python -m pip install --quiet --disable-pip-version-check twine
	$(BIN)/python -m twine check --strict dist/*

bench: $(VENV)/ready
	$(BIN)/python benchmarks/overhead.py
	$(BIN)/python benchmarks/model_calls.py
	$(BIN)/python benchmarks/plan.py
	$(BIN)/python benchmarks/adaptive.py
	$(BIN)/python benchmarks/analysis.py
	$(BIN)/python benchmarks/gate.py
	$(BIN)/python benchmarks/simulated.py
	$(BIN)/python benchmarks/report.py

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
