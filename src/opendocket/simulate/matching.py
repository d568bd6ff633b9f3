"""Stretch wanted gaps until a run shows the gaps that were seen (indirect inference)."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from opendocket.simulate.fitted import Fit

LEAST, MOST = 0.2, 5.0
"""No docket's gaps are stretched beyond these."""


def matched(fit: Fit, simulated: Callable[[Fit], Sequence[float]], *, rounds: int = 3) -> Fit:
    """Stretch each docket's wanted gaps by what simulated gaps are off.

    What the calendars of the record leave open, where they were full throughout, is settled so
    by what a run with the same calendars shows.

    Args:
        fit: Any.
        simulated: Runs a fit, and gives the mean days from hearing to hearing on each docket,
            over the hearings of a time as long as the fit's window; 0 where there are none.
        rounds: How often to run.

    Returns:
        The fit with another ``gap_scale``.

    Assumes:
        A docket's simulated gaps grow with its wanted ones. They grow less than in proportion
        where calendars are full, so a few rounds come near and no more.

    Source:
        Gourieroux, Monfort & Renault (1993), J. Appl. Econometrics 8:S85-S118.

    Example:
        >>> from opendocket.simulate.illustrative import illustrative
        >>> fit = illustrative()
        >>> twice = matched(fit, lambda tried: [2 * s * g for s, g in zip(
        ...     tried.gap_scale, fit.gap_seen, strict=True)])
        >>> twice.gap_scale
        (0.5, 0.5, 0.5, 0.5)
    """
    for _ in range(rounds):
        found = simulated(fit)
        scale = tuple(
            min(max(now * seen / got, LEAST), MOST) if seen > 0 and got > 0 else now
            for now, seen, got in zip(fit.gap_scale, fit.gap_seen, found, strict=True)
        )
        fit = replace(fit, gap_scale=scale)
    return fit
