# One command each; `make` alone lists them.
.DEFAULT_GOAL := help
PYTHON ?= .venv/bin/python
DATA ?= data
MODEL ?= relevance

.PHONY: help setup run check test quick benchmark doctor train evaluate audit upgrade

help:  ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/\1\t\2/' | expand -t 12

setup:  ## a virtual environment with everything for running and testing
	python3.11 -m venv .venv && .venv/bin/pip install -r requirements-test.txt -c constraints.txt

run:  ## the app
	$(PYTHON) -m streamlit run app.py

check:  ## style and types
	$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check . && $(PYTHON) -m mypy

test:  ## everything but the long tests, browser tests included
	$(PYTHON) -m pytest -m "not slow"

quick:  ## the tests without a browser
	$(PYTHON) -m pytest -m "not slow and not browser"

benchmark:  ## the figures the README quotes
	$(PYTHON) -m components.benchmark

doctor:  ## what is installed, which weights are whole, how fast this machine is
	$(PYTHON) -m components.doctor

train:  ## train MODEL (relevance or entailment) from DATA
	$(PYTHON) -m components.training train $(MODEL) --data $(DATA)

evaluate:  ## the held-out figures of MODEL
	$(PYTHON) -m components.training evaluate --model assets/models/$(MODEL) --data $(DATA)

audit:  ## known vulnerabilities of what is pinned
	$(PYTHON) -m pip install -q pip-audit && $(PYTHON) -m pip_audit -r constraints.txt --no-deps --disable-pip

upgrade:  ## the newest allowed versions; the suite is the judge, constraints.txt the record
	$(PYTHON) -m pip install --upgrade -r requirements-test.txt && $(MAKE) check test \
	&& $(PYTHON) -m pip freeze --exclude-editable | sed -E -e 's/\+[a-z0-9.]+$$//' -e '1i # The versions the suite last passed with: pip install -r requirements.txt -c constraints.txt' > constraints.txt
