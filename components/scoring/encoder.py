"""The forward pass of BERT and RoBERTa encoders, written for batches of short texts on a processor.

Weights and arithmetic are the library's, and so are the results up to rounding; ``passes`` makes sure of that before it
takes this way. What differs is the work that is left out:

- Rows stand one behind another without padding, but for attention.
- Attention's rows are padded to a multiple of 16 tokens: for 80 tokens its kernel takes two thirds of the time of 73.
- Queries, keys and values come out of one product.
- In bfloat16 weights are laid out once as the processor's matrix unit reads them, not at every pass.
- The widest tensors lie in memory that each thread keeps: given back and asked for anew, its pages cost a twentieth.
- Where only the first token's state is asked for, the last layer computes nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from components.scoring.layout import Layout

if TYPE_CHECKING:
    from torch import Tensor

FAMILIES = ("bert", "roberta", "xlm-roberta")


class Encoder:
    """The encoder of a ``BertModel``, ``RobertaModel`` or ``XLMRobertaModel``, run on rows without padding."""

    def __init__(self, base: Any) -> None:
        """base: the model, whose modules and weights are used as they are."""
        self._base = base
        config = base.config
        self._heads, self._width = config.num_attention_heads, config.hidden_size
        self._shift = 0 if config.model_type == "bert" else base.embeddings.padding_idx + 1
        self._layers = [_Layer.of(layer, config.hidden_act) for layer in base.encoder.layer]

    def states(self, rows: Sequence[Mapping[str, Sequence[int]]], first_only: bool = False) -> tuple[Tensor, Layout]:
        """The last layer's states, in the model's own number type: (tokens, width), or of each row's first token
        (rows, width). To be called in inference mode: no gradient goes through it."""
        import torch
        from torch.nn import functional

        layout = Layout.of([len(row["input_ids"]) for row in rows])
        states = self._embedded(rows, layout)
        mask = layout.mask(states.dtype)
        for layer in self._layers:
            is_end = first_only and layer is self._layers[-1]
            packed = _place("grid", (layout.rows * layout.longest, 3 * self._width), states.dtype)
            torch.index_select(layer.read(states), 0, layout.put, out=packed)
            grid = packed.view(layout.rows, layout.longest, 3, self._heads, -1).permute(2, 0, 3, 1, 4)
            query, key, value = grid.unbind(0)  # (rows, heads, longest, width of a head) each
            if is_end:
                query, states = query[:, :, :1], states.index_select(0, layout.starts)
            mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
            mixed = mixed.transpose(1, 2).reshape(-1, self._width)
            if not is_end:
                mixed = mixed.index_select(0, layout.back)
            states = layer.first_norm(layer.out(mixed).add_(states))
            states = layer.second_norm(layer.down(layer.up(states)).add_(states))
        return states, layout

    def _embedded(self, rows: Sequence[Mapping[str, Sequence[int]]], layout: Layout) -> Tensor:
        """The sum of each token's three embeddings, normalised, (tokens, width)."""
        table = self._base.embeddings
        types = _flat(rows, "token_type_ids") if "token_type_ids" in rows[0] else layout.place * 0
        words = table.word_embeddings(_flat(rows, "input_ids"))
        places = table.position_embeddings(layout.place + self._shift)
        return table.LayerNorm(words + table.token_type_embeddings(types) + places)  # type: ignore[no-any-return]


def _flat(rows: Sequence[Mapping[str, Sequence[int]]], name: str) -> Tensor:
    import numpy as np
    import torch

    return torch.from_numpy(np.concatenate([np.asarray(row[name], dtype=np.int64) for row in rows]))


Step = Callable[["Tensor"], "Tensor"]


@dataclass(frozen=True)
class _Layer:
    """The steps of a layer, between which states are (tokens, width). ``read`` gives queries, keys and values beside
    each other, (tokens, 3 * width); ``up`` has the activation in it."""

    read: Step
    out: Step
    first_norm: Step
    up: Step
    down: Step
    second_norm: Step

    @classmethod
    def of(cls, layer: Any, activation: str) -> _Layer:
        """The steps of a ``BertLayer`` or its like."""
        after, up, down = layer.attention.output, layer.intermediate, layer.output
        weight, bias = _in_one(layer.attention.self)
        if _can_pack(weight):
            out, lower = _packed(after.dense.weight, after.dense.bias), _packed(down.dense.weight, down.dense.bias)
            is_gelu = activation == "gelu"
            rise = _packed(up.dense.weight, up.dense.bias, "gelu" if is_gelu else "none")
            raised = rise if is_gelu else lambda states: up.intermediate_act_fn(rise(states))
            return cls(_packed(weight, bias), out, after.LayerNorm, raised, lower, down.LayerNorm)
        raised = _raised(up.dense) if activation == "gelu" else up
        return cls(_wide(weight, bias), after.dense, after.LayerNorm, raised, down.dense, down.LayerNorm)


class _Kept(threading.local):
    """Memory of a thread's own, by use and number type."""

    def __init__(self) -> None:
        self.tensors: dict[tuple[str, Any], Tensor] = {}


_kept = _Kept()


def _place(name: str, shape: tuple[int, int], dtype: Any) -> Tensor:
    """This thread's memory of that name as a tensor of that shape; what was there before is overwritten."""
    import torch

    known, size = _kept.tensors, shape[0] * shape[1]
    if (name, dtype) not in known or known[name, dtype].numel() < size:
        known[name, dtype] = torch.empty(size, dtype=dtype)
    return known[name, dtype][:size].view(shape)


def _wide(weight: Tensor, bias: Tensor) -> Step:
    """A linear layer whose result lies in the thread's memory until its next wide step."""
    import torch

    def step(states: Tensor) -> Tensor:
        into = _place("wide", (len(states), len(bias)), states.dtype)
        made: Tensor = torch.addmm(bias, states, weight.t(), out=into)
        return made

    return step


def _raised(dense: Any) -> Step:
    """The same with GELU behind it, in place. The layer's weights are looked up at every call: they may have been
    replaced."""
    import torch

    def step(states: Tensor) -> Tensor:
        made: Tensor = torch.ops.aten.gelu_(_wide(dense.weight, dense.bias)(states))
        return made

    return step


def _can_pack(weight: Tensor) -> bool:
    """Whether this processor multiplies in the weight's number type with weights laid out beforehand: in bfloat16 where
    it has the instructions. In float32 that gains nothing."""
    import torch

    supported = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)
    return weight.dtype == torch.bfloat16 and supported is not None and bool(supported())


def _packed(weight: Tensor, bias: Tensor, activation: str = "none") -> Step:
    """A linear layer whose weight is laid out for oneDNN, its activation ("gelu" or "none") in the same kernel.

    The two operators are those that torch's own compiler makes of such a layer; torch is pinned, and a version without
    them is noticed by the tests.
    """
    import torch

    with torch.inference_mode(False), torch.no_grad():
        laid_out = torch.ops.mkldnn._reorder_linear_weight(weight.detach().contiguous(), None)
        offsets = bias.detach()

    def step(states: Tensor) -> Tensor:
        made: Tensor = torch.ops.mkldnn._linear_pointwise(states, laid_out, offsets, activation, [], "none")
        return made

    return step


def _in_one(attention: Any) -> tuple[Tensor, Tensor]:
    """Weight (3 * width, width) and bias (3 * width,) of queries, keys and values in one product.

    The model's own parameters become views of them, so that nothing is held twice.
    """
    import torch

    parts = [attention.query, attention.key, attention.value]
    # Outside inference mode: the same weights must still take part in gradients
    with torch.inference_mode(False), torch.no_grad():
        weight = torch.cat([part.weight for part in parts])
        bias = torch.cat([part.bias for part in parts])
        for part, own_weight, own_bias in zip(parts, weight.chunk(3), bias.chunk(3), strict=True):
            part.weight.data, part.bias.data = own_weight, own_bias
    return weight, bias


def encoder_of(base: Any) -> Encoder | None:
    """The encoder of a transformer, None where its family is another or its settings are unusual."""
    config = getattr(base, "config", None)
    if getattr(config, "model_type", "") not in FAMILIES or not hasattr(base, "encoder"):
        return None
    is_usual = getattr(config, "position_embedding_type", None) in (None, "absolute")
    is_encoder = not getattr(config, "is_decoder", False) and not getattr(config, "add_cross_attention", False)
    return Encoder(base) if is_usual and is_encoder else None
