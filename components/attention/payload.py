"""One pair's attention as the browser gets it: everything it may be asked for, once, in a few hundred kilobytes.

Weights travel as 8 bits with a scale for each row. Where that alone would move a share, raw or norm-weighted, by more
than ``MOST_ERROR``, the exact weight travels beside it. Norms and row totals travel as 16 bits. The whole is deflated.

Layout: a header of JSON after its length (4 bytes, little endian), then arrays; the header names each array's type,
offset and shape. ``ui/frontend/token_map/attention.js`` reads it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from components.attention import opening
from components.attention.aggregate import rollout
from components.attention.pair import PairAttention, Part
from components.attention.words import RULE, Word

VERSION = 1
MOST_ERROR = 0.0019  # share; the promise is 0.2 points
SCALE = 65_535


def encode(pair: PairAttention, words: Sequence[Word], about: dict[str, Any]) -> bytes:
    """The deflated payload. ``about`` joins the header: what the page knows beyond the pair (rank, language ...)."""
    with threadpool_limits(1, "blas"):  # on a busy machine threads would wait for each other longer than they work
        return _encode(pair, words, about)


def _encode(pair: PairAttention, words: Sequence[Word], about: dict[str, Any]) -> bytes:
    arrays: dict[str, np.ndarray] = {}
    query, document, special = (pair.places(part) for part in (Part.QUERY, Part.DOCUMENT, Part.SPECIAL))
    everything = list(range(len(pair.pieces)))
    blocks = {
        "qd": (query, document),
        "dq": (document, query),
        "qs": (query, special),
        "ds": (document, special),
        "cs": ([0], everything),
    }
    norms = totals = None
    if pair.norms is not None:
        norms = _sixteen_bits("norms", pair.norms.astype(np.float64), arrays)
        totals = _sixteen_bits("totals", (pair.weights @ pair.norms[..., None])[..., 0], arrays)
    rolled = rollout(pair.weights)[:, None]  # (layer, 1, dest, src)
    for name, (dest, src) in blocks.items():
        gain = None
        if norms is not None and totals is not None:
            safe = np.where(totals > 0, totals, 1.0)
            gain = norms[:, :, None, src] / safe[:, :, dest, None]  # what a weight is worth as a share
        _eight_bits(name, pair.weights[:, :, dest][..., src], gain, arrays)
        _eight_bits("rollout_" + name, rolled[:, :, dest][..., src], None, arrays)
    return zlib.compress(_pack(_header(pair, words) | about, arrays), 1)


def encode_inner(pair: PairAttention, layer: int, head: int) -> bytes:
    """The block within the document of one head, deflated: too large to be sent for all heads."""
    arrays: dict[str, np.ndarray] = {}
    places = pair.places(Part.DOCUMENT)
    weights = pair.weights[layer : layer + 1, head : head + 1]  # (1, 1, dest, src)
    gain = None
    if pair.norms is not None:
        norms = pair.norms[layer : layer + 1, head : head + 1].astype(np.float64)
        totals = np.maximum(weights @ norms[..., None], np.finfo(np.float64).tiny)  # (1, 1, dest, 1)
        gain = norms[:, :, None, places] / totals[:, :, places]
    _eight_bits("dd", weights[:, :, places][..., places], gain, arrays)
    return zlib.compress(_pack({"layer": layer, "head": head}, arrays), 1)


def decode(payload: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and raw arrays of a payload, as the browser reads them; for tests and reports."""
    data = zlib.decompress(payload)
    length = int.from_bytes(data[:4], "little")
    header = json.loads(data[4 : 4 + length])
    arrays = {}
    for name, (kind, offset, shape) in header["arrays"].items():
        count = int(np.prod(shape))
        arrays[name] = np.frombuffer(data, np.dtype(kind).newbyteorder("<"), count, offset).reshape(shape)
    return header, arrays


def restore(name: str, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """The weights of a block as the browser reckons with them, float64 (layer, head, dest, src)."""
    scales = arrays[name + "_scale"][..., None].astype(np.float64) / SCALE
    weights = arrays[name] / 255 * scales
    weights.reshape(-1)[arrays[name + "_at"]] = arrays[name + "_exact"]
    return np.asarray(weights)


def _eight_bits(name: str, weights: np.ndarray, gain: np.ndarray | None, arrays: dict[str, np.ndarray]) -> None:
    """Put a block (layer, head, dest, src) into ``arrays``: codes, a scale a row, and the weights that need more."""
    exact = np.ascontiguousarray(weights, dtype=np.float64)
    largest = exact.max(-1) if exact.shape[-1] else np.zeros(exact.shape[:-1])
    scale = np.ceil(largest * SCALE).astype(np.uint16)  # rounded up, so that no code passes 255
    step = np.where(scale > 0, scale, 1)[..., None] / SCALE / 255
    codes = np.rint(exact / step).clip(0, 255).astype(np.uint8)
    error = np.abs(codes * step - exact)
    off = error > MOST_ERROR if gain is None else np.maximum(error, error * gain) > MOST_ERROR
    at = np.flatnonzero(off)
    arrays[name] = codes
    arrays[name + "_scale"] = scale
    arrays[name + "_at"] = at.astype(np.uint32)
    arrays[name + "_exact"] = exact.reshape(-1)[at].astype(np.float32)


def _sixteen_bits(name: str, values: np.ndarray, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """Put (layer, head, place) into ``arrays`` with a scale for each head; returns what the browser will have."""
    largest = values.max(-1).astype(np.float32)
    step = np.where(largest > 0, largest, 1.0).astype(np.float64)[..., None] / SCALE
    codes = np.rint(values / step).clip(0, SCALE).astype(np.uint16)
    arrays[name] = codes
    arrays[name + "_scale"] = largest
    return np.asarray(codes * step)


def _header(pair: PairAttention, words: Sequence[Word]) -> dict[str, Any]:
    opened = opening.choose_opening(pair, words)
    at_query, at_document = _utf16(pair.query), _utf16(pair.document)
    starts = {Part.QUERY: at_query, Part.DOCUMENT: at_document, Part.SPECIAL: [0]}
    letters = {Part.QUERY: "q", Part.DOCUMENT: "d", Part.SPECIAL: "s"}
    return {
        "version": VERSION,
        "model": pair.scorer.name,
        "kind": str(pair.scorer.kind),
        "unit": pair.scorer.unit,
        "device": pair.scorer.device,
        "dtype": pair.scorer.dtype,
        "window": pair.scorer.max_tokens,
        "layers": pair.n_layers,
        "heads": pair.n_heads,
        "logit": pair.logit,
        "query": pair.query,
        "document": pair.document,
        "query_lost": pair.query_lost,
        "document_lost": pair.document_lost,
        "note": pair.note,
        "word_rule": RULE,
        "opening_rule": opening.RULE,
        "opening": {"layer": opened.layer, "head": opened.head, "word": opened.word},
        # Offsets count UTF-16 units, as the browser's strings do.
        "pieces": [
            [letters[piece.part], starts[piece.part][piece.start], starts[piece.part][piece.end], piece.text]
            for piece in pair.pieces
        ],
        "words": [
            [letters[word.part], starts[word.part][word.start], starts[word.part][word.end], list(word.pieces)]
            for word in words
        ],
    }


def _utf16(text: str) -> list[int]:
    """For each place between characters, how many UTF-16 units lie before it."""
    units = [0]
    for character in text:
        units.append(units[-1] + (2 if ord(character) > 0xFFFF else 1))
    return units


def _pack(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> bytes:
    """Header and arrays in one run of bytes, each array at a multiple of 4."""
    offsets, at = {}, 0  # counted from the first array: where that stands depends on the header's length
    for name, array in arrays.items():
        offsets[name] = at
        at += -(-array.nbytes // 4) * 4
    base = 0  # where the first array stands; raised until the header, which names it, fits before it
    while True:
        described = {
            name: [array.dtype.str[1:], base + offsets[name], list(array.shape)] for name, array in arrays.items()
        }
        text = json.dumps(header | {"arrays": described}, ensure_ascii=False, separators=(",", ":")).encode()
        needed = -(-(4 + len(text)) // 4) * 4
        length = len(text)
        if needed <= base:
            break
        base = needed + 64
    packed = bytearray(base + at)
    packed[:4] = length.to_bytes(4, "little")
    packed[4 : 4 + length] = text
    for name, array in arrays.items():
        start = base + offsets[name]
        packed[start : start + array.nbytes] = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
    return bytes(packed)
