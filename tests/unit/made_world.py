"""Worlds made by hand for tests of what is written of a run; every chance is invented."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import polars as pl

from opendocket.arrow import fetched
from opendocket.measure.population import cases
from opendocket.simulate.start import Members
from opendocket.simulate.tables import (
    DECISIONS,
    DRAWN,
    GAPS,
    LARGEST_FAMILY,
    RESULTS,
    SET,
    STAGES,
    WAYS,
    Tables,
)
from opendocket.simulate.world import NEVER, NOWHERE, UNIT, Bench, Rules, World, in_order

COURTS, POPULATIONS = ("BOS", "MIA"), ("dedicated", "ordinary", "detained")
DOCKETS = ("dedicated docket", "ordinary")
START = date(2022, 3, 1)
DAYS = 900


NOBODY = Members(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64))
"""Members of a world from nothing: nobody has a case number."""


def tables(courts=COURTS, populations=POPULATIONS):
    """Give chances that let everything happen often."""
    c, n, k = len(courts), len(populations), len(DOCKETS)
    days = np.linspace(5, 120, 256).astype(np.int16)
    follow = np.tile([0.12, 0.08, 0.1, 0.15], (n, len(DECISIONS), 1))
    return Tables(
        courts=courts,
        populations=populations,
        dockets=DOCKETS,
        result=_results(c, n),
        gap=np.broadcast_to(days, (k, 2, len(GAPS), 256)).copy(),
        counsel_share=np.full((c, n), 0.5),
        counsel_days=np.broadcast_to(days, (n, 256)).copy(),
        application_share=np.full(n, 0.5),
        application_days=np.broadcast_to(days, (n, 256)).copy(),
        follow_share=follow,
        follow_days=np.broadcast_to(days * 2 + 30, (n, len(WAYS), 256)).astype(np.int16),
        removal_share=np.full((n, len(DECISIONS)), 0.4),
        removal_days=np.broadcast_to(days, (n, 256)).copy(),
        family_share=np.full((n, LARGEST_FAMILY), 1 / LARGEST_FAMILY),
        arrivals=np.ones((c, n)),
        season=np.ones((n, 12)),
        dispersion=np.zeros(n),
    )


def _results(c, n):
    shares = np.full((c, n, len(STAGES), 2, 2, DRAWN), 0.03)
    shares[..., RESULTS.index("respondent")] = 0.3
    shares[..., RESULTS.index("in absentia")] = 0.1
    shares[..., SET] = 0.2
    shares[:, :, 2, :, :, SET] = 0.0
    return shares / shares.sum(axis=-1, keepdims=True)


def units(count=900, seed=1, courts=COURTS, populations=POPULATIONS):
    """Give units of which a third is pending at the start."""
    rng = np.random.default_rng(seed)
    made = np.zeros(count, dtype=UNIT)
    made["key"] = np.arange(1, count + 1)
    pending = np.arange(count) < count // 3
    made["enters"] = np.where(pending, 0, np.sort(rng.integers(0, DAYS - 5, count)))
    made["enters"].sort()
    made["filed"] = np.where(pending, -rng.integers(1, 200, count), made["enters"])
    made["seeks"] = np.where(rng.random(count) < 0.5, made["filed"] + 60, NEVER)
    made["applies"] = np.where(rng.random(count) < 0.5, made["filed"] + 90, NEVER)
    made["counsel"] = np.where(made["seeks"] < 0, made["seeks"], NEVER)
    made["wanted"] = np.where(pending & (rng.random(count) < 0.5), 30, -1)
    made["booked"], made["decided"], made["judge"] = -1, -1, -1
    made["court"] = rng.integers(0, len(courts), count)
    made["population"] = rng.integers(0, len(populations), count)
    made["docket"] = np.where(pending, np.where(made["population"] == 0, 0, 1), NOWHERE)
    made["stage"] = np.where(pending, rng.integers(0, 3, count), 0)
    made["hearings"] = made["stage"]
    made["size"] = rng.integers(1, 4, count)
    made["pool"] = NOWHERE
    return made[in_order(made)]


def bench(courts=COURTS, *, days=DAYS, each=2, judges=None):
    """Give two judges a court, who hear everybody."""
    j = len(courts) * each
    slots = np.zeros((2, j, days + 400), dtype=np.uint8)
    slots[0], slots[1, :, ::2] = 2, 1
    codes = judges or tuple(f"{courts[i // each]}{i % each}" for i in range(j))
    return Bench(
        courts=courts,
        judges=codes,
        court=np.repeat(np.arange(len(courts)), each).astype(np.uint8),
        worth=np.ones(j),
        serves=np.ones((j, len(DOCKETS)), dtype=bool),
        weight=np.ones(j, dtype=np.uint8),
        slots=slots,
    )


def world(**changed):
    """Give a world of two courts and 900 families."""
    placement = np.array([[0, 1, 1], [0, 1, 1]], dtype=np.uint8)
    made = World(
        start=START,
        days=DAYS,
        units=units(),
        bench=bench(),
        tables=tables(),
        rules=Rules(dockets=DOCKETS, like=(0, 1), share=(0.0, 0.0), placement=placement),
        changes=((300, lambda state: state.close_court(1, 0)),),
        seed=5,
    )
    return replace(made, **changed)


def world_from(docket, start=date(2023, 7, 1), days=DAYS, seed=7):
    """Give the courts of a docket with everybody pending on a morning, and who they are.

    Of those who come later the first hundred are people whom the docket received later.
    """
    pending = cases(docket.con, "all", as_of=start - timedelta(days=1))
    pending = pending.filter(pl.col("is_pending")).join(
        _last_court(docket, start), on="case_id"
    )
    pending = pending.join(_standing(docket, start), on="case_id", how="left")
    pending = pending.sort("court_code", "lead_case_id", "case_id")
    courts = tuple(sorted(pending["court_code"].unique()))
    number = pending["court_code"].replace_strict({c: i for i, c in enumerate(courts)})
    lead = pending.select("court_code", "lead_case_id").rows()
    begins = np.array([i == 0 or lead[i] != lead[i - 1] for i in range(len(lead))])
    at = np.flatnonzero(begins)
    first = np.append(at, len(lead))
    made = np.zeros(len(at), dtype=UNIT)
    received = (pending["received_date"] - start).dt.total_days().to_numpy()
    made["key"], made["filed"] = pending["case_id"].to_numpy()[at], received[at]
    for name, column in (("counsel", "counsel_date"), ("applies", "asylum_filed_date")):
        day = (pending[column] - start).dt.total_days().fill_null(NEVER).to_numpy()
        made[name] = day[at]
    made["seeks"] = made["counsel"]
    made["wanted"] = pending["stands"].fill_null(-1).to_numpy()[at]
    made["booked"], made["decided"], made["judge"] = -1, -1, -1
    made["court"] = number.to_numpy()[at]
    is_dedicated = pending["dedicated_location_code"].is_not_null().to_numpy()[at]
    made["population"] = np.where(is_dedicated, 0, 1)
    made["docket"] = np.where(is_dedicated, 0, 1)
    made["stage"], made["hearings"], made["pool"] = 1, 1, NOWHERE
    made["size"] = np.diff(first)
    new = units(400, seed=seed, courts=courts)
    new = new[new["enters"] > 0]
    new["key"] += 2**31
    again = _received(docket, start, days)
    new["size"][: len(again)] = 1
    everybody = np.concatenate([made, new])
    people = [pending["case_id"].to_numpy()[a:b] for a, b in pairwise(first)]
    people += [np.array([case]) for case in again]
    people += [np.zeros(0, dtype=np.int64)] * (len(everybody) - len(people))
    order = in_order(everybody)
    sizes = [len(people[i]) for i in order]
    members = Members(
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        np.concatenate([people[i] for i in order]),
    )
    placement = np.tile(np.array([0, 1, 1], dtype=np.uint8), (len(courts), 1))
    rules = Rules(dockets=DOCKETS, like=(0, 1), share=(0.0, 0.0), placement=placement)
    return World(
        start=start, days=days, units=everybody[order], bench=bench(courts, days=days),
        tables=tables(courts), rules=rules, seed=seed,
    ), members  # fmt: skip


def _last_court(docket, start):
    return fetched(
        docket.con,
        "select case_id, arg_max(court_code, order_count) as court_code from "
        "out_docket__proceeding where started_date < $start group by case_id",
        {"start": start},
    )


def _standing(docket, start):
    return fetched(
        docket.con,
        "select case_id, min(hearing_date) - $start as stands from out_docket__hearing "
        "where booked_date < $start and hearing_date >= $start group by case_id",
        {"start": start},
    )


def _received(docket, start, days):
    frame = fetched(
        docket.con,
        "select case_id from out_docket__case where received_date between $start and $last "
        "and lead_case_id = case_id and case_type_code = 'RMV' order by case_id limit 100",
        {"start": start, "last": start + timedelta(days=days)},
    )
    return frame["case_id"].to_list()
