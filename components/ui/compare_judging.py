"""The judging side of the result view: grades, measures, mistakes, what is hidden while one judges blind."""

from __future__ import annotations

from typing import Any

from components.judging.judgments import GRADE_WORDS, blind_order, judgment_keys
from components.judging.metrics import CUTOFFS, Quality, Value, measure
from components.judging.mistakes import first_place_sentence, judged_sentence, mistake_sentences, ties_sentence
from components.records import Comparison
from components.texts.examples import Example
from components.ui.explain import TERMS
from components.workspace import Workspace

BLIND = "You are judging blind: ranks and scores are not on this page until you reveal them."


def judging_data(workspace: Workspace, shown: Comparison | None, example: Example | None) -> dict[str, Any]:
    """What the view needs about judgments beside the rows; ``example`` is the one whose text is on the table."""
    documents = shown.documents if shown else workspace.pasted.documents
    query = shown.query if shown else workspace.clean_query
    grades = workspace.judgments.of(query, documents)
    is_example = example is not None and tuple(document.text for document in documents) == example.documents
    data: dict[str, Any] = {
        "blind": workspace.blind_seed is not None,
        "judged": sum(grade is not None for grade in grades),
        "grade_words": GRADE_WORDS,
        "example_judgments": is_example and example is not None and grades != example.judgments,
        "cutoffs": list(CUTOFFS),
        "k": workspace.cutoff,
        "quality": None,
        "lesson": "",
    }
    if shown is None or workspace.blind_seed is not None:
        return data
    if is_example and example is not None:
        data["lesson"] = first_place_sentence(shown, example.judgments)
    quality = measure(shown.columns, documents, grades, workspace.cutoff)
    if quality is not None:
        data["quality"] = _quality(quality, shown, grades)
        mistakes = mistake_sentences(shown, grades)
        data["lesson"] = mistakes[-1] if mistakes else data["lesson"]
    return data


def row_judgments(workspace: Workspace, shown: Comparison) -> list[dict[str, Any]]:
    """Key and grade of each document that is shown."""
    keys = judgment_keys(shown.query, shown.documents)
    grades = workspace.judgments.of(shown.query, shown.documents)
    return [{"key": key, "grade": grade} for key, grade in zip(keys, grades, strict=True)]


def blind_rows(workspace: Workspace) -> list[dict[str, Any]]:
    """The documents in shuffled order, with nothing that a model has said about them."""
    documents = workspace.pasted.documents
    keys = judgment_keys(workspace.clean_query, documents)
    grades = workspace.grades
    return [
        {"number": documents[place].number, "text": documents[place].text, "key": keys[place], "grade": grades[place]}
        for place in blind_order(len(documents), workspace.blind_seed or 0)
    ]


def _quality(quality: Quality, shown: Comparison, grades: tuple[int | None, ...]) -> dict[str, Any]:
    names = [name.partition("@")[0] for name in quality.measures]
    return {
        "measures": [{"name": name, "term": TERMS[short]} for name, short in zip(quality.measures, names, strict=True)],
        "values": [[_value(value) for value in column.values] for column in quality.columns],
        "short": [f"{column.values[0].value:.2f}" for column in quality.columns],
        "sentences": quality_sentences(quality, shown, grades),
    }


def quality_sentences(quality: Quality, shown: Comparison, grades: tuple[int | None, ...]) -> list[str]:
    """What the measures say: the mistakes, how much is judged, the ideal order, what hangs on ties."""
    said = (
        *mistake_sentences(shown, grades),
        judged_sentence(quality),
        _ideal(quality, shown, grades),
        ties_sentence(quality),
    )
    return [part for part in said if part]


def _value(value: Value) -> str:
    text = f"{value.value:.3f}"
    return f"{text} ({value.worst:.2f} to {value.best:.2f})" if value.hangs_on_ties else text


def _ideal(quality: Quality, shown: Comparison, grades: tuple[int | None, ...]) -> str:
    """The order the judgments ask for, best grade first: what nDCG compares with."""
    parts = []
    for grade in sorted({grades[place] or 0 for place in quality.ideal}, reverse=True):
        numbers = [str(shown.documents[place].number) for place in quality.ideal if (grades[place] or 0) == grade]
        few = numbers if len(numbers) <= 12 else [*numbers[:11], f"{len(numbers) - 11} more"]
        parts.append(f"{', '.join(few)} (judged {grade})")
    return f"Ideal order of the judged documents: {'; then '.join(parts)}."
