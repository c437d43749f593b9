"""The model cards: fixed words, and tables made from ``evaluation.json``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
TEXTS = Path(__file__).parent / "cards"


def write_card(folder: Path, kind: str) -> None:
    """Write README.md of a "relevance" or "entailment" model; figures are filled in as far as they are known."""
    text = (TEXTS / f"{kind}.md").read_text(encoding="utf-8")
    size = (folder / "model.safetensors").stat().st_size / 1e6
    (folder / "README.md").write_text(text.replace("{size}", f"{size:.1f} MB"), encoding="utf-8")
    update_tables(folder)


def update_tables(folder: Path) -> None:
    """Put the tables of ``evaluation.json`` between the marks of the card.

    Raises ``ValueError`` when the card has no marks.
    """
    card = folder / "README.md"
    text = card.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"{card.name} has no place for figures: put {BEGIN} and {END} on lines of their own")
    stored = folder / "evaluation.json"
    result = json.loads(stored.read_text(encoding="utf-8")) if stored.exists() else {}
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    card.write_text(f"{before}{BEGIN}\n\n{tables(result)}\n{END}{after}", encoding="utf-8")


def tables(result: dict[str, Any]) -> str:
    """All figures of one evaluation as Markdown."""
    if not result.get("lines"):
        return "Not measured yet: run the command above.\n"
    if result["kind"] == "entailment":
        return _entailment_table(result)
    parts = [_relevance_table(result), _controls(result), _squad2(result)]
    if "calibration" in result:
        parts.append(_calibration(result["calibration"]))
    return "\n".join(parts)


def _interval(pair: list[float]) -> str:
    return f"{pair[0]:+.3f} to {pair[1]:+.3f}"


def _relevance_table(result: dict[str, Any]) -> str:
    rows = [
        "| set | measure | questions | BM25 | bi-encoder cosine | this model | minus BM25 | minus cosine | note |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for line in result["lines"]:
        rows.append(
            f"| {line['name']} | {line['measure']} | {line['queries']} | {line['bm25']:.3f} | {line['cosine']:.3f} | "
            f"**{line['cross_encoder']:.3f}** | {_interval(line['minus_bm25'])} | {_interval(line['minus_cosine'])} | "
            f"{line['note']} |"
        )
    rows += [
        "",
        "The two columns of differences are 95 % intervals (paired bootstrap over questions, 10,000 draws).",
        "",
    ]
    return "\n".join(rows)


def _controls(result: dict[str, Any]) -> str:
    values = ", ".join(f"{name} {value:.3f}" for name, value in result["contrast_controls"].items())
    return f"Contrast test, rules that do not read: {values}.\n"


def _squad2(result: dict[str, Any]) -> str:
    found = result["squad2_unanswerable"]
    return (
        f"SQuAD 2.0 dev, answerable against unanswerable questions about the same paragraphs ({found['questions']} "
        f"questions, AUC, 0.5 is chance): BM25 {found['bm25_auc']:.3f}, cosine {found['cosine_auc']:.3f}, this model "
        f'**{found["cross_encoder_auc"]:.3f}**; balanced accuracy of "logit above 0" {found["accuracy_at_0"]:.3f}.\n'
    )


def _calibration(found: dict[str, Any]) -> str:
    rows = [
        f"Calibration ({found['set']}; {found['pairs_reported']} pairs that did not fit it): mean error "
        f"{found['calibration_error']:.3f}, accuracy at logit 0 {found['accuracy_at_0']:.3f}.",
        "",
        "| predicted | observed | pairs |",
        "| --- | --- | --- |",
        *(f"| {b['predicted']:.2f} | {b['observed']:.2f} | {b['pairs']} |" for b in found["curve"]),
        "",
    ]
    return "\n".join(rows)


def _entailment_table(result: dict[str, Any]) -> str:
    rows = [
        "| set | pairs | labels | accuracy | hypothesis-only control | commonest label | macro F1 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for line in result["lines"]:
        f1 = f"{line['macro_f1']:.3f}" if "macro_f1" in line else ""
        rows.append(
            f"| {line['name']} | {line['pairs']} | {line['classes']} | **{line['accuracy']:.3f}** | "
            f"{line['hypothesis_only']:.3f} | {line['commonest_label']:.3f} | {f1} |"
        )
    rows += [
        "",
        "On sets with two labels the answer counts as entailment or not. The control is a linear classifier on the "
        "words and word pairs of the hypothesis, trained on the rows of the data folder: what it gets right needs no "
        "premise.",
        "",
    ]
    return "\n".join(rows)
