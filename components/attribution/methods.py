"""The methods of "What mattered", one line each, in the order of the menu. A line here is all the page needs."""

from __future__ import annotations

from components.attribution import gradients, occlusion
from components.attribution.records import Method

_LISTED = (
    occlusion.METHOD,  # the first: attention is set beside it, and it orders the words of long documents
    gradients.INTEGRATED_GRADIENTS,
    gradients.GRADIENT_X_INPUT,
)
METHODS: dict[str, Method] = {method.name: method for method in _LISTED}
