"""What all visitors of one server share: models, stores, the worker. The only cache of resources."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import streamlit as st

from components import settings
from components.models import registry
from components.models.classifier_room import ClassifierRoom
from components.models.classifiers import find_classifier
from components.models.loading import load, load_classifier, prepare_torch
from components.models.room import ModelRoom
from components.scoring.bm25 import BM25Scorer
from components.scoring.scheduler import Scheduler
from components.scoring.scorer import Scorer, Stores
from components.ui.entailment_tally import TallyBoard


@dataclass
class Engine:
    """Models, what they have computed, and the worker that runs them."""

    room: ModelRoom
    classifiers: ClassifierRoom  # loaded when the entailment page wants one, after the models of the room
    tallies: TallyBoard = field(default_factory=TallyBoard)
    stores: Stores = field(default_factory=Stores)
    scheduler: Scheduler = field(default_factory=Scheduler)

    def poll_interval_s(self) -> float:
        """How often a page that waits may look: polling is a budget of the process, shared by those who wait."""
        if not self.room.settled:
            return 1.0  # more often starves the thread that loads
        return max(0.25, self.scheduler.waiting_visitors() / 6)


def light_scorers() -> list[Scorer]:
    """The scorers that have no model to load; each is a column one can choose."""
    return [
        BM25Scorer(),
    ]


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """The one engine of this server, made at the first visit; its models are not loaded until ``start_loading``."""
    _log_to_stderr()
    room = ModelRoom(registry.neural_models(), load, prepare_torch, always_ready=light_scorers())

    def first() -> str:
        return "" if room.settled else room.step or "The models are loading."

    return Engine(room, ClassifierRoom(find_classifier, load_classifier, prepare_torch, first))


def _log_to_stderr() -> None:
    """One line a job and a model, without any text; Streamlit sets up its own loggers only."""
    logger = logging.getLogger("relevance_lab")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False


def start_loading() -> None:
    """Begin to load the models behind the page; called at the end of the first script run."""
    engine().room.start(settings.loading_delay_s())
