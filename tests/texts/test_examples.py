import re

from components.texts.examples import FIRST, examples
from components.texts.paste import split_documents


def test_the_first_example_comes_first():
    assert next(iter(examples())) == FIRST


def test_examples_survive_the_documents_box():
    """What is put into the box is cut into the same documents again."""
    for example in examples().values():
        cut = split_documents(example.documents_text, example.split).documents
        assert tuple(document.text for document in cut) == example.documents
        assert len(example.judgments) == len(example.documents)
        assert set(example.judgments) <= {0, 1, 2, 3}
        assert max(example.judgments) > 0


WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# Words that carry a sentence's frame; whatever else stands in it is what the sentence is about.
FRAME = frozenset(
    WORDS.findall(
        "a an and are as at be but by can do does for from has have if in into is it its may must no nor not of on one "
        "or so than that the their then there these they this to too was were what when where which who whose will "
        "with you your each every all any some before after until while"
    )
)


def _all_texts() -> list[tuple[str, str]]:
    return [
        (example.id, text)
        for example in examples().values()
        for text in (example.title, example.look_at, example.query, *example.documents)
    ]


def test_there_is_an_example_for_each_phenomenon():
    assert set(examples()) >= {
        "answer-or-topic",
        "role-swap",
        "negation",
        "numbers-and-units",
        "question-type",
        "ambiguous-names",
        "paraphrase",
        "keyword-stuffing",
        "constraint",
        "buried-answer",
        "duplicates-and-ties",
        "sums-in-words",
    }


def test_no_two_examples_share_a_run_of_eight_words():
    owner: dict[tuple[str, ...], str] = {}
    for example_id, text in _all_texts():
        words = WORDS.findall(text.lower())
        for place in range(len(words) - 7):
            run = tuple(words[place : place + 8])
            assert owner.setdefault(run, example_id) == example_id, run


def test_no_two_examples_share_a_sentence_frame():
    """A frame is what is left of a sentence when the words it is about are blanked: "the · of the · is ·"."""
    owner: dict[tuple[str, ...], str] = {}
    for example_id, text in _all_texts():
        for sentence in re.split(r"[.!?:;]\s+", text):
            words = WORDS.findall(sentence.lower())
            frame = tuple(word if word in FRAME else "·" for word in words)
            if len(frame) >= 6 and sum(word != "·" for word in frame) >= 2:
                assert owner.setdefault(frame, example_id) == example_id, (sentence, frame)


def test_the_long_example_is_longer_than_both_windows(bi_encoder, cross_encoder):
    longest = max(examples()["buried-answer"].documents, key=len)
    for scorer in (bi_encoder, cross_encoder):
        tokens = len(scorer.token_spans([longest])[0])
        assert tokens > scorer.info.max_tokens, tokens
