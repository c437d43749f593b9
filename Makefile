# One command each; `make` alone lists them.
.DEFAULT_GOAL := help
PYTHON ?= .venv/bin/python
DATA ?= data
MODEL ?= relevance
SESSIONS ?= 1,20,50
MINUTES ?= 1

.PHONY: help setup run check test quick benchmark services doctor train evaluate audit load upgrade

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

services:  ## tests and figures against real scoring services (INFINITY_EMB=executable RAY_PYTHON=python)
	INFINITY_EMB=$(INFINITY_EMB) RAY_PYTHON=$(RAY_PYTHON) $(PYTHON) -m pytest -m slow tests/service
	$(PYTHON) -m components.benchmark.services $(if $(INFINITY_EMB),--infinity $(INFINITY_EMB)) $(if $(RAY_PYTHON),--ray $(RAY_PYTHON))

doctor:  ## what is installed, which weights are whole, how fast this machine is
	$(PYTHON) -m components.doctor

train:  ## train MODEL (relevance or entailment) from DATA
	$(PYTHON) -m components.training train $(MODEL) --data $(DATA)

evaluate:  ## the held-out figures of MODEL
	$(PYTHON) -m components.training evaluate --model assets/models/$(MODEL) --data $(DATA)

audit:  ## known vulnerabilities of what is pinned, but for those named in .ci/audit-exceptions.txt
	$(PYTHON) -m pip install -q pip-audit && $(PYTHON) -m pip_audit -r constraints.txt --no-deps --disable-pip \
	$$(grep -v '^#' .ci/audit-exceptions.txt | awk 'NF { print "--ignore-vuln", $$1 }')

load:  ## many visitors at once: SESSIONS=1,20,50 MINUTES=1
	$(PYTHON) -m tests.load --sessions $(SESSIONS) --minutes $(MINUTES)

upgrade:  ## the newest allowed versions; the suite is the judge, constraints.txt the record
	$(PYTHON) -m pip install --upgrade -r requirements-test.txt && $(MAKE) check test \
	&& $(PYTHON) -m pip freeze --exclude-editable | sed -E -e 's/\+[a-z0-9.]+$$//' -e '1i # The versions the suite last passed with: pip install -r requirements.txt -c constraints.txt' > constraints.txt
