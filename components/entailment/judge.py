"""The work behind the page: classes of every pair, both ways when asked, and the cosine beside them."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence

from components.entailment.records import Judged, JudgedPair, Mode, Question, Similarity
from components.scoring.bi_encoder import BiEncoderScorer, compare
from components.scoring.classifier import Classifier
from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores, pair_key
from components.scoring.store import SeenBefore
from components.texts.language import other_language


def judge(
    question: Question,
    classifier: Classifier,
    bi_encoder: BiEncoderScorer | None,
    both_ways: bool,
    stores: Stores,
    seen: SeenBefore,
    deliver: Callable[[Judged], None],
) -> Callable[[Progress], Iterator[None]]:
    """The work of a job; ``deliver`` gets the answer. Kept is what this visitor (``seen``) has been shown before."""

    def work(progress: Progress) -> Iterator[None]:
        pairs = question.pairs
        turned = [(hypothesis, premise) for premise, hypothesis in pairs] if both_ways else []
        is_known = all(stores.classes.get(pair_key(classifier.info, *pair)) for pair in (*pairs, *turned))
        started = time.perf_counter()
        progress.total = len(pairs) + len(turned)
        classes = yield from classifier.classify([*pairs, *turned], stores, progress)
        similarities: Sequence[Similarity | None] = [None] * len(pairs)
        if bi_encoder is not None:
            similarities = yield from similarity(bi_encoder, pairs, stores)
        seconds = None if is_known else time.perf_counter() - started
        notes = _notes(question)
        yield
        expected = question.expected or ("",) * len(pairs)
        rows = tuple(
            JudgedPair(
                index + 1,
                *pairs[index],
                classes[index],
                classes[len(pairs) + index] if both_ways else None,
                similarities[index],
                expected[index],
            )
            for index in range(len(pairs))
        )
        keys = [pair_key(classifier.info, *pair) for pair in pairs]
        kept = sum(key in seen for key in keys)
        for key in keys:
            seen.add(key)
        info = bi_encoder.info if bi_encoder else None
        deliver(
            Judged(question, rows, classifier.info, classifier.labels, info, len(pairs) - kept, kept, seconds, notes)
        )

    return work


def similarity(
    bi_encoder: BiEncoderScorer, pairs: Sequence[tuple[str, str]], stores: Stores
) -> Generator[None, None, list[Similarity]]:
    """The bi-encoder's score of each pair from both sides.

    Both texts are embedded in the same role ("document"): neither is a query, and a prompt for one side only would make
    a direction where there is none.
    """
    texts = list(dict.fromkeys(text for pair in pairs for text in pair))
    vectors, _ = yield from bi_encoder.embed("document", texts, stores, Progress())
    of_text = dict(zip(texts, vectors, strict=True))
    found = []
    for premise, hypothesis in pairs:
        one, other = of_text[premise], of_text[hypothesis]
        there, back = (
            float(compare(bi_encoder.info.unit, a.values, b.values[None, :])[0])
            for a, b in ((one, other), (other, one))
        )
        lost = sum(vector.tokens_total - vector.tokens_read for vector in (one, other))
        found.append(Similarity(there, back, lost))
    return found


def _notes(question: Question) -> tuple[str, ...]:
    """The sentence about texts that are not English; the text that all pairs share is looked at once."""
    texts = list(dict.fromkeys(text for pair in question.pairs for text in pair))
    found = [language for text in texts if (language := other_language(text))]
    if not found:
        return ()
    of = "sentences" if question.mode is Mode.CLAIM else "texts"
    kinds = ", ".join(list(dict.fromkeys(found))[:3])
    return (
        f"Not English, it seems: {len(found)} of {len(texts)} {of} ({kinds}). These models were trained on English; "
        "what they say here means little.",
    )
