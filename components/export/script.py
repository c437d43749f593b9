"""A short Python script that makes the ranking again, with sentence-transformers alone."""

from __future__ import annotations

from collections.abc import Mapping

from components import __version__
from components.errors import InputProblem
from components.ranking.findings import column_names
from components.records import Comparison, Kind

MOST_LINES = 30

_START = '''"""The ranking of Relevance Lab {version} again. Needs: pip install sentence-transformers"""

import torch
from sentence_transformers import CrossEncoder, SentenceTransformer

query = {query!r}
documents = {documents!r}


def show(name, scores):
    print(name)
    for place in sorted(range(len(documents)), key=lambda place: -scores[place]):
        print(f"{{scores[place]:10.5f}}  document {{place + 1}}: {{documents[place][:60]!r}}")


options = {{"trust_remote_code": False, "model_kwargs": {{"use_safetensors": True}}}}
'''
_BI_ENCODER = """model = SentenceTransformer({place!r}, **options)
show({name!r}, model.similarity(model.encode_query(query), model.encode_document(documents))[0].tolist())
"""
_CROSS_ENCODER = """model = CrossEncoder({place!r}, **options)
show({name!r}, model.predict([(query, text) for text in documents], activation_fn=torch.nn.Identity()).tolist())
"""


def ranking_script(shown: Comparison, places: Mapping[str, str]) -> str:
    """The script, ``MOST_LINES`` at most. ``places`` says where each column's model is to be had: Hub name or folder.

    Raises ``InputProblem`` where documents were scored by chunks, which takes more than a short script.
    """
    if any(column.scorer.pooling for column in shown.columns):
        raise InputProblem(
            "A short script cannot score by chunks: choose “what fits” under “Long documents”, and take it then."
        )
    texts = [document.text for document in shown.documents]
    parts = [_START.format(version=__version__, query=shown.query, documents=texts)]
    for name, column in zip(column_names(shown.columns), shown.columns, strict=True):
        place = places.get(column.scorer.key, column.scorer.name)
        if column.scorer.kind is Kind.BI_ENCODER:
            parts.append(_BI_ENCODER.format(place=place, name=name))
        elif column.scorer.kind is Kind.CROSS_ENCODER:
            parts.append(_CROSS_ENCODER.format(place=place, name=name))
        else:
            parts.append(f"# {name} is left out: sentence-transformers has none.\n")
    return "".join(parts)
