"""The same page as a plain script would do it: libraries imported and models loaded at the top, then the scores."""

import sentence_transformers  # noqa: F401  the point of this page: the import stands at the top
import streamlit as st

from components.benchmark.drawn import draw
from components.models.loading import load, prepare_torch
from components.models.registry import DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER, neural_models
from components.records import Comparison, Document
from components.scoring.compare import compare
from components.scoring.scheduler import Progress
from components.scoring.scorer import Scorer, Stores
from components.scoring.store import SeenBefore
from components.texts.examples import FIRST, examples
from components.texts.paste import split_documents


@st.cache_resource
def models() -> list[Scorer]:
    """Both default models, loaded in the page's own thread."""
    device = prepare_torch()
    return [load(spec, device) for spec in neural_models() if spec.key in (DEFAULT_BI_ENCODER, DEFAULT_CROSS_ENCODER)]


scorers = models()
example = examples()[FIRST]
documents: tuple[Document, ...] = split_documents(example.documents_text, example.split).documents
found: list[Comparison] = []
for _ in compare(example.query, documents, scorers, Stores(), SeenBefore(), found.append)(Progress()):
    pass
draw(found[0])
