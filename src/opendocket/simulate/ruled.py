"""A scenario's rules in the form a run takes them, and the gaps they cap."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from opendocket.simulate.plan import Plan
from opendocket.simulate.scenario import Docket, Scenario
from opendocket.simulate.tables import RECEIVED, Tables
from opendocket.simulate.world import Rules


def with_caps(tables: Tables, scenario: Scenario) -> Tables:
    """Add the gaps of dockets that cap them, under the docket's name with a star.

    Args:
        tables: Of the fit.
        scenario: Read.

    Raises:
        BadScenario: A docket takes the gaps of one that was not fitted.
    """
    liked = [(docket.like, docket.told) for docket in scenario.dockets]
    liked += [(event.like, event.told) for event in scenario.events if event.like is not None]
    for like, told in liked:
        if like not in tables.dockets:
            raise told.unknown("like", like, tables.dockets)
    capped = [docket for docket in scenario.dockets if _is_capped(docket)]
    return replace(
        tables,
        dockets=(*tables.dockets, *(f"{docket.name}*" for docket in capped)),
        gap=np.stack([*tables.gap, *(_capped(tables, docket) for docket in capped)]),
    )


def _is_capped(docket: Docket) -> bool:
    caps = (docket.first_hearing_within_days, docket.next_hearing_within_days)
    return caps != (None, None)


def _capped(tables: Tables, docket: Docket) -> NDArray[np.int16]:
    gap: NDArray[np.int16] = tables.gap[tables.dockets.index(docket.like)].copy()
    is_first = np.arange(gap.shape[1]) == RECEIVED
    for cap, which in (
        (docket.first_hearing_within_days, is_first),
        (docket.next_hearing_within_days, ~is_first),
    ):
        if cap is not None:
            gap[:, which] = np.minimum(gap[:, which], cap)
    return gap


def first_rules(plan: Plan) -> Rules:
    """Give the rules as they are on the first day.

    Args:
        plan: Of the run.
    """
    scenario, names = plan.scenario, plan.tables.dockets
    today = [event for event in scenario.events if event.kind == "priority" and event.day == 0]
    like = {event.docket: event.like for event in today if event.like is not None}
    release = [event.release_days for event in today if event.release_days is not None]
    limits = plan.limits(0)
    return Rules(
        dockets=tuple(docket.name for docket in scenario.dockets),
        like=tuple(names.index(like.get(d.name, _own_gaps(d))) for d in scenario.dockets),
        is_booked=scenario.is_booked,
        share=plan.first_shares(),
        release_days=[scenario.release_days, *release][-1],
        is_strict=scenario.is_strict,
        order=tuple(docket.order for docket in scenario.dockets),
        target_days=tuple(docket.target_days for docket in scenario.dockets),
        placement=plan.places.placement(0)[:, : plan.places.whole].astype(np.uint8),
        lawyers=None if limits is None else limits.astype(np.int32),
    )


def _own_gaps(docket: Docket) -> str:
    return f"{docket.name}*" if _is_capped(docket) else docket.like
