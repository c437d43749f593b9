"""What is typed becomes pairs, or one sentence that says what is wrong; nothing typed is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.entailment.desk import MAX_LONG, MAX_PAIRS, MAX_SHORT, Desk, first_desk
from components.entailment.pairs import FIRST, built_in_pairs, entailment_examples
from components.entailment.records import Mode
from components.errors import InputProblem
from components.texts.clean import clean, one_line
from components.texts.sentences import cut_sentences

H, C = Mode.HYPOTHESES, Mode.CLAIM


def desk(mode: Mode, above: str, below: str) -> Desk:
    made = Desk()
    made.edit(mode, {mode: (above, below)})
    return made


def test_a_premise_and_hypotheses_are_pairs_in_their_order():
    assert desk(H, " One\npremise. ", "first\n\n  second  \n").question().pairs == (
        ("One premise.", "first"),
        ("One premise.", "second"),
    )


def test_a_claim_is_held_against_every_sentence():
    asked = desk(C, "Dr. Roe won.", "Dr. Roe ran 3.5 km in Paris.\nShe won! Was it easy?\n\nNo").question()
    assert asked.pairs == tuple(
        (sentence, "Dr. Roe won.") for sentence in ("Dr. Roe ran 3.5 km in Paris.", "She won!", "Was it easy?", "No")
    )


@pytest.mark.parametrize(
    ("mode", "above", "below", "words"),
    [
        (H, "", "  ", "Type a premise and at least one hypothesis"),
        (H, "\x00 ", "x", "The premise is empty"),
        (H, "x", " \n \n", "There is no hypothesis yet"),
        (H, "x" * (MAX_SHORT + 1), "y", "The premise has 2,001 characters, and 2,000 is the limit"),
        (H, "x", "y\n" + "z" * (MAX_SHORT + 1), "Hypothesis 2 has 2,001 characters"),
        (H, "x", "y\n" * (MAX_PAIRS + 1), "These are 201 hypotheses, and 200 is the limit"),
        (C, "", "", "Type a claim and a text"),
        (C, "", "text", "The claim is empty"),
        (C, "claim", " ", "There is no text yet"),
        (C, "c" * (MAX_SHORT + 1), "text", "The claim has 2,001 characters"),
        (C, "claim", "x" * (MAX_LONG + 1), "The text has 20,001 characters"),
        (C, "claim", "x" * (MAX_SHORT + 1), "Sentence 1 has 2,001 characters"),
        (C, "claim", "Yes. " * (MAX_PAIRS + 1), "These are 201 sentences"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(mode, above, below, words):
    made = desk(mode, above, below)
    with pytest.raises(InputProblem) as error:
        made.question()
    assert str(error.value).startswith(words)
    assert (made.above, made.below) == (above, below)  # nothing typed is lost


@given(st.sampled_from(Mode), st.text(max_size=60), st.text(max_size=200))
def test_any_text_gives_pairs_or_a_sentence(mode, above, below):
    made = desk(mode, above, below)
    try:
        pairs = made.question().pairs
    except InputProblem:
        pairs = ()
    is_asked = bool(one_line(clean(above)) and one_line(clean(below)))
    assert bool(pairs) == is_asked
    for pair in pairs:
        assert all(text.strip() and "\n" not in text and "\x00" not in text for text in pair)
        "".join(pair).encode("utf-8")  # no broken halves


@given(st.text(max_size=300))
def test_sentences_lose_nothing_but_blanks(text):
    kept = "".join("".join(cut_sentences(text)).split())
    assert kept == "".join(clean(text).split())
    assert all(sentence == one_line(sentence) for sentence in cut_sentences(text))


def test_an_example_brings_its_expected_labels_until_its_text_is_edited():
    made = first_desk()
    example = entailment_examples()[FIRST]
    assert made.question().expected == example.expected
    made.edit(H, {H: (made.above, made.below + "\nanother")})
    assert made.question().expected == ()
    assert made.chosen_example is None


def test_own_text_gives_way_and_comes_back():
    made = desk(H, "mine", "my own")
    made.take_example(entailment_examples()["tram"])
    assert (made.mode, made.above) == (C, "The council has approved the tram line.")
    made.edit(H, {H: ("mine", "my own")})
    made.take_example(entailment_examples()["roles-1"])
    assert made.replaced == (H, ("mine", "my own"))
    made.take_text(C, "a", "b")
    assert made.replaced == (H, ("mine", "my own"))  # an example's text is not own text
    version = made.version
    made.take_back()
    assert (made.mode, made.above, made.below, made.replaced) == (H, "mine", "my own", None)
    assert made.version == version + 1


def test_each_mode_keeps_its_own_text():
    made = desk(H, "p", "h")
    made.edit(C, {C: ("c", "t")})
    made.edit(H, {})
    assert (made.above, made.below) == ("p", "h")
    made.forget()
    assert made.boxes == {H: ("", ""), C: ("", "")}


def test_there_are_enough_pairs_of_every_kind():
    pairs = built_in_pairs()
    assert len(pairs) >= 30
    assert len({(pair.premise, pair.hypothesis) for pair in pairs}) == len(pairs)
    assert {pair.expected for pair in pairs} == {"entailment", "neutral", "contradiction"}
    assert len({pair.phenomenon for pair in pairs}) >= 7
    for pair in pairs:
        assert desk(H, pair.premise, pair.hypothesis).question().pairs == ((pair.premise, pair.hypothesis),)


def test_no_two_examples_share_a_run_of_eight_words():
    """Within an example premise and hypotheses are alike on purpose."""
    runs: dict[tuple[str, ...], str] = {}
    for example in entailment_examples().values():
        for text in (example.above, *example.below):
            words = text.lower().split()
            for start in range(len(words) - 7):
                run = tuple(words[start : start + 8])
                assert runs.setdefault(run, example.id) == example.id
