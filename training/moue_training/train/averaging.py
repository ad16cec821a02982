"""The weighted mean of weights that were trained from the same ones (Wortsman et al. 2022)."""

from collections.abc import Mapping, Sequence

import torch

State = Mapping[str, torch.Tensor]


def mean_state(states: Sequence[State], shares: Sequence[float]) -> dict[str, torch.Tensor]:
    """Returns the weighted mean of states; shares sum to 1.

    What is no float, such as the count of batches, is the first one's.
    """
    return {
        name: torch.stack(
            [state[name] * share for state, share in zip(states, shares, strict=True)]
        ).sum(0)
        if values.is_floating_point()
        else values
        for name, values in states[0].items()
    }
