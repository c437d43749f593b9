"""How much a piece hands on: the norms of norm-weighted attention.

Kobayashi et al., "Attention is Not Only a Weight: Analyzing Transformers with Vector Norms" (EMNLP 2020), eq. 2 and 3:
a head's output at place i is the sum over j of alpha_ij f(x_j) with f(x) = (x W_V + b_V) W_O. What j gives to i is the
vector alpha_ij f(x_j), its length alpha_ij ||f(x_j)||. As alpha_ij is a number, the map needs only ||f(x_j)||, one
number for each layer, head and place.

The values are taken from the pass itself by hooks on the layers that make them. Where the families keep these layers is
in ``VALUE_LAYERS`` and ``OUTPUT_LAYERS``; whether it was read rightly is checked on each pass (``fits``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

# The layer that makes the values: BERT, RoBERTa, XLM-R, ELECTRA, ALBERT | DistilBERT | MPNet | DeBERTa v2 and v3 |
# ModernBERT (query, key, value in one) | DeBERTa v1 (the same, head by head).
VALUE_LAYERS = ("value", "v_lin", "v", "value_proj", "Wqkv", "in_proj")
# The layer that takes all heads' outputs back to the model's width; elsewhere it is ``output.dense`` beside the module.
OUTPUT_LAYERS = ("dense", "out_lin", "o", "Wo")
TOLERANCE = 1e-3  # on alpha @ values against the output the model itself computed


@dataclass
class ValueRecord:
    """What one pass went through, attention layer by attention layer."""

    values: list[torch.Tensor] = field(default_factory=list)  # each (head, place, head width)
    contexts: list[torch.Tensor] = field(default_factory=list)  # each (place, head * head width): the heads' outputs
    outputs: list[torch.Tensor] = field(default_factory=list)  # W_O of each, (width, head * head width)

    def is_complete(self, layers: int) -> bool:
        return len(self.values) == len(self.contexts) == layers


@contextmanager
def recording(model: Any, heads: int) -> Iterator[ValueRecord]:
    """Record values and heads' outputs of the passes made inside; no hook stays behind, whatever happens."""
    record = ValueRecord()
    handles = []
    try:
        for module, name, output in attention_modules(model):
            handles.append(getattr(module, name).register_forward_hook(_keep_values(record, module, name, heads)))
            handles.append(output.register_forward_pre_hook(_keep_context(record)))
        yield record
    finally:
        for handle in handles:
            handle.remove()


def fits(record: ValueRecord, weights: torch.Tensor) -> bool:
    """Whether weights and values give the heads' outputs that the model computed, here for the first place.

    ``weights``: (layer, head, dest, src). A family that does more than weigh values is found out by this.
    """
    if not record.is_complete(weights.shape[0]):
        return False
    for layer, (values, context) in enumerate(zip(record.values, record.contexts, strict=True)):
        made = (weights[layer, :, :1] @ values).transpose(0, 1).reshape(-1)  # (head * head width)
        if made.shape != context[0].shape or (made - context[0]).abs().max() > TOLERANCE * (1 + context[0].abs().max()):
            return False
    return True


def value_norms(record: ValueRecord) -> torch.Tensor:
    """||f(x_j)|| of every layer, head and place: (layer, head, place).

    For each head ||v W|| = sqrt(v (W W^T) v^T), so the long vectors are never made.
    """
    import torch

    norms = []
    for values, output in zip(record.values, record.outputs, strict=True):
        heads, _, width = values.shape
        per_head = output.float().T.reshape(heads, width, -1)  # (head, head width, model width): W_O, its rows by head
        gram = per_head @ per_head.transpose(1, 2)  # (head, head width, head width)
        squares = ((values @ gram) * values).sum(-1)  # (head, place)
        norms.append(squares.clamp_min(0).sqrt())
    return torch.stack(norms)


def attention_modules(model: Any) -> Iterator[tuple[Any, str, Any]]:
    """Every attention module with the name of its value layer and its output layer."""
    import torch

    for path, module in model.named_modules():
        name = next((name for name in VALUE_LAYERS if isinstance(getattr(module, name, None), torch.nn.Linear)), None)
        if name is None:
            continue
        output = next((found for own in OUTPUT_LAYERS if (found := getattr(module, own, None)) is not None), None)
        if output is None:
            beside = getattr(model.get_submodule(path.rpartition(".")[0]), "output", None)
            output = getattr(beside, "dense", None)
        if isinstance(output, torch.nn.Linear):
            yield module, name, output


def _keep_values(record: ValueRecord, module: Any, name: str, heads: int) -> Any:
    def hook(_layer: Any, _inputs: Any, output: torch.Tensor) -> None:
        places = output.shape[1]
        made = output[0].detach().float()
        if name == "Wqkv":  # (place, 3, head, head width)
            values = made.reshape(places, 3, heads, -1)[:, 2]
        elif name == "in_proj":  # (place, head, 3 * head width), the bias of the values kept apart
            values = made.reshape(places, heads, 3, -1)[:, :, 2] + module.v_bias.float().reshape(heads, -1)
        else:
            values = made.reshape(places, heads, -1)
        record.values.append(values.transpose(0, 1))

    return hook


def _keep_context(record: ValueRecord) -> Any:
    def hook(layer: Any, inputs: tuple[torch.Tensor, ...]) -> None:
        record.contexts.append(inputs[0][0].detach().float())
        record.outputs.append(layer.weight)

    return hook
