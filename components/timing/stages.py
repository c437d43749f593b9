"""Both approaches taken apart into stages that are timed: tokenise, forward, score and sort.

The models are used directly: no store of scores or vectors is asked, nothing that runs here is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from components.records import ScorerInfo
from components.scoring.batching import cut_batches
from components.scoring.bi_encoder import BiEncoderScorer, compare
from components.scoring.cross_encoder import CrossEncoderScorer
from components.timing.flops import Shape
from components.timing.records import Lap, Model, Way, Work

if TYPE_CHECKING:
    import numpy as np

    Features = dict[str, Any]

Text = str | tuple[str, str]  # a text, or a query with a document
Texts = Sequence[Text]


class Stopwatch:
    """Times one lap: every piece by one clock, the stages inside it by others, in seconds.

    Only pieces count: what other visitors' work takes between two of them does not.
    """

    def __init__(self) -> None:
        self.total = self.cpu = 0.0
        self.stages = {"tokenise": 0.0, "forward": 0.0, "score": 0.0}
        self.ticks: list[tuple[float, int]] = []

    @contextmanager
    def piece(self) -> Iterator[None]:
        cpu, started = time.process_time(), time.perf_counter()
        yield
        self.total += time.perf_counter() - started
        self.cpu += time.process_time() - cpu

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.stages[name] += time.perf_counter() - started

    def tick(self, documents: int) -> None:
        """So many more documents are done by the end of the piece that has just ended."""
        self.ticks.append((self.total * 1000, documents))

    def lap(self, leg: int, way: Way, number: int) -> Lap:
        stages = {name: seconds * 1000 for name, seconds in self.stages.items()}
        return Lap(leg, way, number, self.total * 1000, **stages, cpu=self.cpu * 1000, ticks=tuple(self.ticks))


@dataclass(frozen=True)
class Plan:
    """Texts in batches. ``lengths`` are tokens with special tokens, cut to the window, parallel to ``texts``."""

    texts: Texts
    lengths: tuple[int, ...]
    batches: tuple[tuple[int, ...], ...]

    def work(self, shape: Shape) -> Work:
        padded = [(len(batch), self.lengths[batch[0]]) for batch in self.batches]  # the longest comes first
        return Work(
            passes=len(self.texts),
            batches=len(self.batches),
            tokens=sum(self.lengths),
            padded=sum(rows * longest for rows, longest in padded),
            flops=shape.flops_of(padded),
        )


def plan(texts: Texts, lengths: Sequence[int], batch_tokens: int) -> Plan:
    """Batches of at most ``batch_tokens`` padded tokens, the longest texts first.

    Padded and passed as the library does it, for both approaches alike: they are raced, not ways to run them.
    """
    batches = tuple(tuple(batch) for batch in cut_batches(lengths, lambda: batch_tokens))
    return Plan(texts, tuple(lengths), batches)


def together(first: Work, second: Work) -> Work:
    """The work of both."""
    return Work(*(a + b for a, b in zip(vars(first).values(), vars(second).values(), strict=True)))


@dataclass
class Runner:
    """One model: tokenising and forward passes as two steps. What the model gives back is picked by ``output``."""

    model: Any
    info: ScorerInfo
    output: str
    device: str = field(init=False)

    def __post_init__(self) -> None:
        self.device = str(self.model.device)

    def features(self, texts: Texts) -> Features:
        """A padded batch, on the model's device."""
        from sentence_transformers.util import batch_to_device

        return batch_to_device(self.model.preprocess(texts), self.model.device)

    def run(self, features: Features) -> Any:
        """The model's output for a batch, with the device's work done (a GPU works on after the call)."""
        import torch

        self.model.eval()
        with torch.inference_mode():
            out = self.model(features)[self.output]
        if self.device.startswith("cuda"):
            torch.cuda.synchronize()
        elif self.device.startswith("mps"):
            torch.mps.synchronize()
        return out

    def lengths(self, texts: Texts) -> list[int]:
        """Tokens of each text or pair as the model gets them, special tokens included."""
        return [int(row.sum()) for row in self.model.preprocess(texts)["attention_mask"]]

    def shape(self) -> Shape:
        config = self.model[0].auto_model.config
        return Shape(config.num_hidden_layers, config.hidden_size, config.intermediate_size)

    def about(self) -> Model:
        shape = self.shape()
        return Model(
            str(self.info.kind),
            self.info.name,
            self.info.dtype,
            self.info.max_tokens,
            self.info.fingerprint,
            shape.layers,
            shape.width,
        )


def runners(bi: BiEncoderScorer, cross: CrossEncoderScorer) -> tuple[Runner, Runner]:
    """What runs the bi-encoder and the cross-encoder stage by stage."""
    return Runner(bi.model, bi.info, "sentence_embedding"), Runner(cross.model, cross.info, "scores")


def cross_lap(runner: Runner, pairs: Plan, watch: Stopwatch) -> Iterator[None]:
    """Score every pair and sort, a batch a piece. Equal to ``CrossEncoderScorer.score`` on an empty store."""
    import numpy as np

    scores = np.empty(len(pairs.texts), dtype=np.float32)
    last = len(pairs.batches) - 1
    for number, batch in enumerate(pairs.batches):
        with watch.piece():
            with watch.stage("tokenise"):
                features = runner.features([pairs.texts[index] for index in batch])
            with watch.stage("forward"):
                logits = runner.run(features)
            with watch.stage("score"):
                scores[list(batch)] = logits.float().reshape(len(batch), -1)[:, 0].cpu().numpy()
                if number == last:
                    order(scores)
        watch.tick(len(batch))
        yield


def embedding_lap(runner: Runner, query: Plan, documents: Plan, watch: Stopwatch) -> Iterator[None]:
    """Nothing embedded: embed the query and every document, compare, sort. A batch a piece."""
    import numpy as np

    vectors: np.ndarray | None = None
    with watch.piece():
        of_query = _embed(runner, query.texts, watch)[0]
    yield
    last = len(documents.batches) - 1
    for number, batch in enumerate(documents.batches):
        with watch.piece():
            rows = _embed(runner, [documents.texts[index] for index in batch], watch)
            with watch.stage("score"):
                if vectors is None:
                    vectors = np.empty((len(documents.texts), rows.shape[1]), dtype=np.float32)
                vectors[list(batch)] = rows
                if number == last:
                    order(compare(runner.info.unit, of_query, vectors))
        watch.tick(len(batch))
        yield


def index_lap(runner: Runner, query: Plan, vectors: np.ndarray, watch: Stopwatch) -> Iterator[None]:
    """Documents embedded: embed the query, compare it with the vectors (documents, dimension), sort. One piece."""
    with watch.piece():
        of_query = _embed(runner, query.texts, watch)[0]
        with watch.stage("score"):
            order(compare(runner.info.unit, of_query, vectors))
    watch.tick(len(vectors))
    yield


def query_lap(runner: Runner, query: Plan, watch: Stopwatch) -> Iterator[None]:
    """Query only: embed the query and nothing else, which is what no number of documents can change. One piece."""
    with watch.piece():
        _embed(runner, query.texts, watch)
    yield


def embed_all(runner: Runner, documents: Plan) -> Generator[None, None, dict[Text, np.ndarray]]:
    """The vector of each of a plan's documents (dimension,), before the race and outside every clock."""
    found: dict[Text, np.ndarray] = {}
    for batch in documents.batches:
        texts = [documents.texts[index] for index in batch]
        found |= dict(zip(texts, _embed(runner, texts, Stopwatch()), strict=True))
        yield
    return found


def _embed(runner: Runner, texts: Texts, watch: Stopwatch) -> np.ndarray:
    """Vectors of one batch, float32 (texts, dimension)."""
    with watch.stage("tokenise"):
        features = runner.features(texts)
    with watch.stage("forward"):
        out = runner.run(features)
    with watch.stage("score"):
        return out.float().cpu().numpy()


def order(scores: np.ndarray) -> np.ndarray:
    """Indices of documents, best first, equal ones in the order of the input."""
    import numpy as np

    return np.argsort(-scores, kind="stable")


def scan(unit: str, query: np.ndarray, vectors: np.ndarray, best: int = 100) -> float:
    """Milliseconds of an exact search: one query vector against ``vectors``, the ``best`` of them sorted.

    An index has its vectors normalised beforehand, so that a cosine is a dot product.
    """
    import numpy as np

    started = time.perf_counter()
    scores = vectors @ query if unit in ("cosine", "dot") else compare(unit, query, vectors)
    first = np.argpartition(-scores, min(best, len(scores)) - 1)[:best]
    order(scores[first])
    return (time.perf_counter() - started) * 1000


Driver = Callable[[Stopwatch], Iterator[None]]
