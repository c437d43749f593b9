"""Each probe against a plain computation: the models' own ``encode`` and ``predict``, or arithmetic by hand."""

from __future__ import annotations

import pytest
from scipy.stats import spearmanr

from components.attention.extract import extract
from components.judging.metrics import measure
from components.lessons import (
    attention,
    cost,
    follows,
    negation,
    nothing_fits,
    one_vector,
    position,
    reading,
    repeating,
    roles,
    score_types,
)
from components.lessons.probes import listed
from components.ranking.findings import format_score
from components.records import Column, Document, Kind, PairScore, ScorerInfo
from components.scoring.bm25 import BM25Scorer
from components.scoring.scheduler import Progress
from components.scoring.scorer import Stores
from tests.lessons.conftest import finish, made_bench, ran

BOTH = (Kind.CROSS_ENCODER, Kind.BI_ENCODER)


def lesson_of(id_):
    return next(lesson for lesson in listed().values() if lesson.id == id_)


def test_not_equals_plain_scores(bench, plain):
    lesson = lesson_of("not")
    counts = dict.fromkeys(BOTH, 0)
    for item in lesson.items[:8]:
        for kind in BOTH:
            first = plain(kind, item.queries[0], item.documents)
            second = plain(kind, item.queries[1], item.documents)
            counts[kind] += first[0] > first[1] and second[1] > second[0]
    eight = type(lesson)(**{**vars(lesson), "items": lesson.items[:8]})
    tally = finish(negation.tally(eight, bench, Progress()))
    assert {kind: tally.count(kind).right for kind in BOTH} == counts
    item = lesson.items[0]
    table = ran(negation.run, lesson, item, bench).figures[0]
    assert list(table.rows[0][1:3]) == [
        format_score(x) for x in plain(Kind.CROSS_ENCODER, item.queries[0], item.documents)
    ]


def test_roles_equals_plain_scores(bench, plain):
    lesson = lesson_of("who-did-what")
    item = lesson.items[4]
    reads = finish(roles.read(item, bench, Progress()))
    shuffled = roles.shuffled_words(item.documents[0], item.number)
    for kind in BOTH:
        values = plain(kind, item.queries[0], [*item.documents, shuffled])
        assert reads[kind].values == pytest.approx(values[:3], abs=1e-4)
        assert reads[kind].reordered[0] == pytest.approx(values[3], abs=1e-4)
        assert reads[kind].ranks[1] == 1 + sum(value > values[3] for value in values[1:3])
    assert reads[Kind.BM25].values[0] == reads[Kind.BM25].values[1]  # the same words: BM25 cannot tell


def test_shuffling_keeps_the_words_and_changes_their_order():
    text = "A cat sat. It purred all day. Nobody minded."
    made = roles.shuffled_words(text, 3)
    assert sorted(made.split()) == sorted(["A", "cat", "sat", "It", "purred", "all", "day", "Nobody", "minded"])
    assert made != "A cat sat It purred all day Nobody minded"
    assert made == roles.shuffled_words(text, 3)
    sentences = roles.shuffled_sentences(text, 3)
    assert sentences != text
    assert sorted(sentences) == sorted(text)
    assert roles.shuffled_sentences("Only one.", 3) == "Only one."


def test_reading_counts_what_really_goes_through_the_models(bench, monkeypatch):
    """Rows and tokens are counted again where the models are called."""
    lesson = lesson_of("two-ways")
    item = lesson.items[0]
    seen = {"bi": 0, "cross": 0}

    def watch(name, scorer):
        run = scorer.run

        def counted(tokens):
            seen[name] += len(tokens)
            return run(tokens)

        monkeypatch.setattr(scorer, "run", counted)

    watch("bi", bench.bi_encoder)
    watch("cross", bench.cross_encoder)
    made = finish(reading.work_of(item, bench, Progress()))
    bi, cross = made[Kind.BI_ENCODER], made[Kind.CROSS_ENCODER]
    assert [work.passes for work in bi] == [len(item.documents) + 1, 1]
    assert [work.passes for work in cross] == [len(item.documents)] * 2
    assert seen["bi"] == sum(work.passes for work in bi)
    assert seen["cross"] == sum(work.passes for work in cross)
    tokens = bench.cross_encoder.model.tokenizer([item.queries[1]] * 3, list(item.documents))["input_ids"]
    assert cross[1].tokens == sum(map(len, tokens))
    first = bi[0].sequences[0]
    assert (first[0], first[-1]) == ("[CLS]", "[SEP]")
    assert cross[0].sequences[0].count("[SEP]") == 2


def test_repeating_equals_plain_scores(bench, plain):
    lesson = lesson_of("say-it-again")
    item = lesson.items[0]
    found = finish(repeating.curves(lesson, item, bench, Progress()))
    carrier, word = item.documents[1], item.more["word"]
    texts = [carrier + (" " + word) * extra for extra in range(8)]
    for kind in BOTH:
        assert found[kind].values == pytest.approx(plain(kind, item.queries[0], texts), abs=1e-4)
        stuffed = " ".join([carrier, *[item.queries[0]] * 3])
        assert found[kind].stuffed == pytest.approx(plain(kind, item.queries[0], [stuffed])[0], abs=1e-4)
    others = [one.documents[0] for one in lesson.items[1:]]
    third = finish(BM25Scorer().score(item.queries[0], [texts[2], *others], Stores(), Progress()))
    assert found[Kind.BM25].values[2] == pytest.approx(third.values[0])
    gains = [b - a for a, b in zip(found[Kind.BM25].values, found[Kind.BM25].values[1:], strict=False)]
    assert gains == sorted(gains, reverse=True)  # BM25 saturates by its formula
    assert found[Kind.BM25].shape == "saturates"


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        ((0, 1, 1.5, 1.7, 1.8, 1.85, 1.9, 1.92), "saturates"),
        ((0, 1, 2, 3, 4, 5, 6, 7), "rises"),
        ((0, 0.1, 0.2, 0.1, 0, 0.1, 0.2, 0.1), "flat"),
        ((3, 2.5, 2, 1.5, 1, 0.5, 0, -1), "falls"),
    ],
)
def test_shapes_of_curves(values, shape):
    assert repeating.Curve(tuple(map(float, values)), 0.0, float(values[0]) + 5).shape == shape


def test_nothing_fits_draws_its_line_at_the_second_highest_of_fifty(bench, plain):
    lesson = lesson_of("nothing-fits")
    item = lesson.items[0]
    judged = finish(nothing_fits.judge(item, bench, Progress()))
    for kind in BOTH:
        unrelated = plain(kind, item.queries[0], list(nothing_fits.passages()[0]))
        documents = plain(kind, item.queries[0], item.documents)
        assert judged[kind].line == pytest.approx(sorted(unrelated)[-2], abs=1e-4)
        assert judged[kind].best == pytest.approx(max(documents), abs=1e-4)
        assert judged[kind].says_match == (max(documents) > sorted(unrelated)[-2])


def test_the_false_alarms_that_are_printed_are_those_of_the_held_out_passages():
    """With made-up scores: the line lies at 48 of 0..49, and held-out passages score 0..99."""
    drawn, held_out = nothing_fits.passages()
    rank = {text: float(place) for place, text in enumerate(drawn)} | {
        text: float(p) for p, text in enumerate(held_out)
    }
    bench = made_bench(lambda q, text: rank.get(text, -1.0), lambda q, text: rank.get(text, 1000.0))
    lesson = lesson_of("nothing-fits")
    tally = finish(nothing_fits.tally(lesson, bench, Progress()))
    texts = len(lesson.items)
    cross = tally.figures[0].rows[0]
    assert cross[1].startswith(f"{51 * texts} of {100 * texts:,} (51.0 %")  # 49 to 99 lie above 48
    fits = sum(bool(item.more["fits"]) for item in lesson.items)
    assert tally.count(Kind.CROSS_ENCODER).right == texts - fits  # never a match
    assert tally.count(Kind.BI_ENCODER).right == fits  # always a match


def test_position_equals_plain_scores_and_knows_the_cut(bench, plain):
    lesson = lesson_of("where-it-stands")
    item = lesson.items[0]
    found = finish(position.read(lesson, item, bench, Progress()))
    answer, *padding = item.documents
    short = [" ".join([answer, *padding]), " ".join([*padding[:3], answer, *padding[3:]]), " ".join([*padding, answer])]
    for kind in BOTH:
        values = plain(kind, item.queries[0], [*short, " ".join(padding)])
        assert [score.value for score in found[kind].short] == pytest.approx(values[:3], abs=1e-4)
        assert found[kind].without == pytest.approx(values[3], abs=1e-4)
        assert found[kind].long[2].tokens_lost > 0  # longer than both windows
        assert not any(score.tokens_lost for score in found[kind].short)


def test_one_vector_equals_a_plain_recall(bench, plain):
    lesson = lesson_of("one-vector")
    item = lesson.items[3]
    columns = finish(one_vector.scores(lesson, item, 46, bench, Progress()))
    texts = list(one_vector.pool(lesson, item, 46))
    assert sorted(texts) == sorted(lesson.more["collection"])
    for kind in BOTH:
        values = plain(kind, item.queries[0], texts)
        assert columns[kind].values == pytest.approx(values, abs=1e-4)
        top = sorted(range(46), key=lambda place: -values[place])[:2]
        assert one_vector.found(columns[kind].values) == len({0, 1} & set(top))


def test_recall_at_two_counts_ties_against():
    assert one_vector.found([3.0, 2.0, 1.0]) == 2
    assert one_vector.found([3.0, 1.0, 2.0]) == 1
    assert one_vector.found([3.0, 2.0, 2.0]) == 1
    assert one_vector.found([1.0, 1.0, 1.0]) == 0


def test_the_collection_is_as_the_lesson_says():
    lesson = lesson_of("one-vector")
    collection = lesson.more["collection"]
    assert len(collection) == len(set(collection)) == 46
    for item in lesson.items:
        thing = item.queries[0].removeprefix("who likes ")
        assert [text for text in collection if thing in text.lower()] == sorted(item.documents, key=collection.index)


def test_ndcg_equals_ir_measures_in_both_orders_of_ties():
    values, grades = (0.9, 0.5, 0.5, 0.5, 0.1), (1, 0, 3, 2, 0)
    info = ScorerInfo("x", Kind.CROSS_ENCODER, "x", "logit")
    column = Column(info, tuple(PairScore(value, 1, 1) for value in values))
    documents = tuple(Document(place, f"text {place}") for place in range(1, 6))
    theirs = measure([column], documents, grades, 10).columns[0].values[0]
    assert score_types.ndcg(values, grades, True) == pytest.approx(theirs.worst, abs=1e-6)
    assert score_types.ndcg(values, grades, False) == pytest.approx(theirs.best, abs=1e-6)


def test_small_types_tie_what_the_logit_tells_apart():
    logits, grades = (20.0, 18.0, 17.0, -3.0), (0, 3, 1, 0)
    small = score_types.rounded(logits, grades, 1.0, "bfloat16")
    assert small.tied == 3  # all of them 1 in bfloat16, whose step below 1 is 2 ** -8
    assert small.values[:3] == (1.0, 1.0, 1.0)
    assert score_types.rounded(logits, grades, 1.0, "float32").tied == 2  # 20 and 18: the step below 1 is 2 ** -24
    assert score_types.rounded(logits, grades, 8.0, "float32").tied == 0
    assert score_types.lost(logits, grades, small) == pytest.approx(
        score_types.ndcg(logits, grades, True) - small.worst
    )
    assert score_types.probability(-1000.0, 0.1) == 0.0
    assert score_types.probability(2.0, 1.0) == pytest.approx(0.880797, abs=1e-6)


def test_scores_are_the_models_logits(bench, plain):
    lesson = lesson_of("what-is-a-score")
    item = lesson.items[0]
    table = ran(score_types.run, lesson, item, bench, 1.0).figures[1]
    logits = plain(Kind.CROSS_ENCODER, item.queries[0], item.documents)
    assert [row[2] for row in table.rows] == [format_score(x) for x in sorted(logits, reverse=True)]


def test_attention_equals_its_parts_computed_alone(bench, plain):
    lesson = lesson_of("not-explanation")
    item = lesson.items[0]
    found = finish(attention.look(item, bench, Progress()))
    query, document = item.queries[0], item.documents[0]
    assert found.logit == pytest.approx(plain(Kind.CROSS_ENCODER, query, [document])[0], abs=1e-4)
    word, shares, effect = next(row for row in found.rows if row[0] == "chlorophyll")
    without = document.replace("chlorophyll ", "", 1)
    assert effect == pytest.approx(found.logit - plain(Kind.CROSS_ENCODER, query, [without])[0], abs=1e-3)
    pair = extract(bench.cross_encoder.model, bench.cross_encoder.info, query, document)
    places = [place for place, piece in enumerate(pair.pieces) if piece.text and piece.text.lower() in word.lower()]
    at = [p for p in places if pair.pieces[p].start == document.index("chlorophyll")]
    first = at[0]
    last = first
    while pair.pieces[last].end < document.index("chlorophyll") + len("chlorophyll"):
        last += 1
    raw = pair.weights.mean((0, 1))[0, first : last + 1].sum()  # [CLS], mean of all heads and layers
    assert shares[0] == pytest.approx(float(raw), abs=1e-5)
    assert len(found.uniform) == len(found.other) == pair.n_layers * pair.n_heads
    rho = spearmanr([row[1][0] for row in found.rows], [abs(row[2]) for row in found.rows]).statistic
    assert found.rhos[0] == pytest.approx(rho, abs=1e-9)


def test_cost_reranks_as_a_plain_computation_does(bench, plain):
    lesson = lesson_of("what-it-costs")
    item = lesson.items[0]
    made = finish(cost.measure(item, bench, Progress()))
    texts = list(cost.collection())
    cosines = plain(Kind.BI_ENCODER, item.queries[0], texts)
    first = sorted(range(len(texts)), key=lambda place: -cosines[place])
    logits = plain(Kind.CROSS_ENCODER, item.queries[0], texts)
    grades = cost.grades_of(item)
    documents = tuple(Document(place + 1, text) for place, text in enumerate(texts))
    for depth, quality in zip(made.depths, made.quality, strict=True):
        ranked = sorted(first[:depth], key=lambda place: -logits[place]) + first[depth:]
        scores = [0.0] * len(texts)
        for rank, place in enumerate(ranked):
            scores[place] = -float(rank)
        info = ScorerInfo("x", Kind.CROSS_ENCODER, "x", "logit")
        column = Column(info, tuple(PairScore(value, 1, 1) for value in scores))
        theirs = measure([column], documents, grades, 10).columns[0].values[0].value
        assert quality == pytest.approx(theirs, abs=1e-6), depth
    assert made.depths == (0, 5, 10, 20, len(texts))
    assert list(made.ms) == sorted(made.ms)
    assert made.ms[0] > 0


def test_follows_equals_the_models_own_labels(full_bench):
    import torch

    lesson = lesson_of("does-it-follow")
    model = full_bench.classifier.model
    for item in lesson.items[:3]:
        found = finish(follows.attack(item, full_bench, Progress()))
        premise, hypothesis = item.queries[0], item.documents[0]
        pairs = [(premise, hypothesis), (hypothesis, premise), (premise, item.more["negated"]), ("", hypothesis)]
        logits = model.predict(pairs, activation_fn=torch.nn.Identity())
        names = [model.config.id2label[int(row.argmax())] for row in logits]
        said = [follows.said(one) for one in (found.plain, found.swapped, found.negated, found.alone)]
        assert said == names
        assert found.plain.logits == pytest.approx([float(x) for x in logits[0]], abs=1e-3)
        left = model.predict([(premise, " ".join(found.reduced))], activation_fn=torch.nn.Identity())
        assert model.config.id2label[int(left[0].argmax())] == names[0]  # the label still stands
        assert len(found.reduced) < found.words or found.words == 1 or _none_can_go(model, premise, found, names[0])


def _none_can_go(model, premise, found, label) -> bool:
    import torch

    words = found.reduced
    shorter = [(premise, " ".join((*words[:place], *words[place + 1 :]))) for place in range(len(words))]
    logits = model.predict(shorter, activation_fn=torch.nn.Identity())
    return all(model.config.id2label[int(row.argmax())] != label for row in logits)


def test_shared_word_cards_are_what_they_say():
    lesson = lesson_of("does-it-follow")
    traps = [item for item in lesson.items if follows.shares_all_words(item) and item.more["expected"] != "entailment"]
    assert len(traps) >= 5
    expected = [item.more["expected"] for item in lesson.items]
    assert {label: expected.count(label) for label in set(expected)} == dict.fromkeys(set(expected), 7)
