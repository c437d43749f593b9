"""Forward passes of a sentence-transformers model: by our own encoder where it is known to give the same, else by the
library; on a processor in lanes.

Whether it gives the same is tried out on each model before its first score.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from components.scoring import lanes
from components.scoring.encoder import Encoder, encoder_of
from components.scoring.tokens import Text, Tokeniser, Tokens

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

logger = logging.getLogger("relevance_lab")

SAME = {"torch.float32": 1e-4, "torch.bfloat16": 0.1, "torch.float16": 0.1}
"""How far own values may be from the library's, by number type: rounding differs, and a wrong pass is further off."""
TRIAL_TEXTS = ("Foxes dig.", "An owl waits for mice.", "the river rises when the snow melts " * 20)
TRIAL_PAIRS = tuple(("what melts in spring", text) for text in TRIAL_TEXTS)


class Passes:
    """Runs batches through a ``CrossEncoder`` ("scores" is its output) or a ``SentenceTransformer``
    ("sentence_embedding").

    ``trial`` are texts of several lengths to compare the two ways with.
    """

    def __init__(self, model: Any, output: str, tokeniser: Tokeniser, trial: Sequence[Text]) -> None:
        self._model, self._output, self._tokeniser, self._trial = model, output, tokeniser, trial
        self._is_tried = False
        self._encoder: Encoder | None = None

    def __call__(self, tokens: Tokens) -> np.ndarray:
        """What comes out for each row, float32 (rows, outputs or dimension)."""
        import numpy as np

        if not self._is_tried:
            self._encoder = self._proved(self._own_encoder())
            self._is_tried = True
        if str(self._model.device) != "cpu":
            return self._one(tokens)
        parts = [tokens.take(part) for part in lanes.cut(tokens.lengths, lanes.count())]
        return np.concatenate(lanes.side_by_side(self._one, parts))

    @property
    def is_own(self) -> bool:
        """Whether our own encoder runs; known after the first pass."""
        return self._encoder is not None

    def _proved(self, encoder: Encoder | None) -> Encoder | None:
        """The encoder where it gives what the library gives, else None."""
        import numpy as np

        if encoder is None:
            return None
        tokens = self._tokeniser(self._trial)
        expected, found = self._library_values(tokens), self._encoder_values(encoder, tokens)
        limit = SAME.get(str(next(self._model.parameters()).dtype), 0.0)
        if np.allclose(found, expected, rtol=limit, atol=limit):
            return encoder
        logger.warning("our own pass differs from the library's by %.2g: not used", np.abs(found - expected).max())
        return None

    def _own_encoder(self) -> Encoder | None:
        network = getattr(self._model[0], "model", None)
        base = getattr(network, "base_model", None)
        has_plain_head = base is network or type(network).__name__.endswith("ForSequenceClassification")
        return encoder_of(base) if str(self._model.device) == "cpu" and has_plain_head else None

    def _one(self, tokens: Tokens) -> np.ndarray:
        encoder = self._encoder
        return self._library_values(tokens) if encoder is None else self._encoder_values(encoder, tokens)

    def _library_values(self, tokens: Tokens) -> np.ndarray:
        import torch
        from sentence_transformers.util import batch_to_device

        self._model.eval()
        with torch.inference_mode():
            features = batch_to_device(self._tokeniser.pad(tokens), self._model.device)
            return _array(self._model(features)[self._output])

    def _encoder_values(self, encoder: Encoder, tokens: Tokens) -> np.ndarray:
        import torch

        first, *others = self._model
        network = first.model
        with torch.inference_mode():
            features: dict[str, Any] = dict(tokens.extras)
            if network is not network.base_model:
                states, _ = encoder.states(tokens.rows, first_only=True)
                features[first.module_output_name] = _head(network, states)
            else:
                states, layout = encoder.states(tokens.rows)
                features[first.module_output_name] = layout.grid(states).float()
                features["attention_mask"] = torch.from_numpy(layout.inside).long()
            for module in others:
                features = module(features)
            return _array(features[self._output])


def _array(values: Tensor) -> np.ndarray:
    """A tensor (rows, ...) as float32 (rows, values)."""
    made: np.ndarray = values.float().reshape(len(values), -1).cpu().numpy()
    return made


def _head(network: Any, first: Tensor) -> Tensor:
    """Logits (rows, outputs) from the states of the first tokens (rows, width)."""
    states = first[:, None]  # heads take the first of a row's tokens
    if getattr(network.base_model, "pooler", None) is not None:
        states = network.base_model.pooler(states)
    made: Tensor = network.classifier(states.to(next(network.classifier.parameters()).dtype))
    return made
