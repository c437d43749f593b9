"""How sure a share of a few texts is."""

from __future__ import annotations

import math

Z95 = 1.959963984540054


def wilson(right: int, total: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson 1927), as two shares; (0, 1) where nothing was counted.

    It stays inside 0 to 1 and does not shrink to nothing at 0 or all of a few, as the plain one does.
    """
    if total <= 0:
        return 0.0, 1.0
    share = right / total
    spread = z * z / total
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / total + spread / (4 * total)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
