"""The matrix of a view as CSV and JSON, in full precision: from the pair, not from the 8 bits of the payload."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from components.attention.aggregate import Direction, Heads, View, Weighting, word_shares
from components.attention.pair import PairAttention, Part
from components.attention.words import RULE, Word
from components.errors import InputProblem
from components.texts.cells import harmless

LIMITS_WORDS = "Attention shows where weight went, not why the score came out."


def read_view(sent: Mapping[str, Any], layers: int, heads: int) -> View:
    """A view from what a browser sent. Raises ``InputProblem`` where it names no such layer, head or choice."""
    try:
        view = View(
            int(sent["layer"]),
            int(sent["head"]),
            Heads(sent["heads"]),
            Weighting(sent["weighting"]),
            Direction(sent["direction"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputProblem("This view cannot be exported: choose layer, head and direction again.") from error
    if not (0 <= view.layer < layers and 0 <= view.head < heads):
        raise InputProblem(f"This model has {layers} layers of {heads} heads: choose one of them.")
    return view


def table_rows(
    pair: PairAttention, view: View, words: Sequence[Word], as_pieces: bool
) -> tuple[list[Word], list[tuple[int, int, float]]]:
    """The units of a table and its cells (row unit, column unit, share): rows as the direction has them, all columns
    but those between two words of one text."""
    units = [_as_word(pair, place) for place in range(len(pair.pieces))] if as_pieces else list(words)
    table = word_shares(pair, view, units)
    rows = {
        Direction.QUERY_TO_DOCUMENT: [index for index, unit in enumerate(units) if unit.part is Part.QUERY],
        Direction.DOCUMENT_TO_QUERY: [index for index, unit in enumerate(units) if unit.part is Part.DOCUMENT],
        Direction.CLS: [index for index, unit in enumerate(units) if 0 in unit.pieces],
    }[view.direction]
    cells = [
        (row, column, float(table[row, column]))
        for row in rows
        for column, unit in enumerate(units)
        if view.direction is Direction.CLS or unit.part is not units[row].part
    ]
    return units, cells


def to_csv(pair: PairAttention, view: View, words: Sequence[Word], as_pieces: bool) -> str:
    """One line a cell; what begins like a formula is made harmless by an apostrophe."""
    units, cells = table_rows(pair, view, words, as_pieces)
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(["from_place", "from_part", "from_word", "to_place", "to_part", "to_word", "share"])
    for row, column, share in cells:
        one, other = units[row], units[column]
        writer.writerow(
            [row + 1, one.part, harmless(one.text), column + 1, other.part, harmless(other.text), f"{share:.8g}"]
        )
    return sink.getvalue()


def to_json(pair: PairAttention, view: View, words: Sequence[Word], as_pieces: bool) -> str:
    """The same cells with everything that made them."""
    units, cells = table_rows(pair, view, words, as_pieces)
    is_norm = view.weighting is Weighting.NORM and pair.norms is not None and view.heads is not Heads.ROLLOUT
    content = {
        "model": pair.scorer.name,
        "fingerprint": pair.scorer.fingerprint,
        "device": pair.scorer.device,
        "dtype": pair.scorer.dtype,
        "unit": pair.scorer.unit,
        "score": pair.logit,
        "layer": view.layer + 1,
        "head": view.head + 1,
        "heads": str(view.heads),
        "weighting": "norm-weighted (Kobayashi et al. 2020)" if is_norm else "raw",
        "direction": str(view.direction),
        "shares": "of all tokens, special tokens included",
        "word_rule": "pieces as the model reads them" if as_pieces else RULE,
        "limits": LIMITS_WORDS,
        "query": pair.query,
        "document": pair.document,
        "query_tokens_lost": pair.query_lost,
        "document_tokens_lost": pair.document_lost,
        "units": [{"place": index + 1, "part": str(unit.part), "text": unit.text} for index, unit in enumerate(units)],
        "cells": [{"from": row + 1, "to": column + 1, "share": share} for row, column, share in cells],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _as_word(pair: PairAttention, place: int) -> Word:
    piece = pair.pieces[place]
    return Word(piece.text, piece.part, piece.start, piece.end, (place,))
