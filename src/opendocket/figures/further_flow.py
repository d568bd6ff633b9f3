"""Further figures of what came to the courts, what was completed and what is pending."""

from dataclasses import replace
from datetime import date

import polars as pl

from opendocket.figures.bench import judges_sitting
from opendocket.figures.flows import (
    ALL_KINDS,
    COUNTED_KINDS,
    NO_NTA,
    REMOVAL_KIND,
    between,
    completed_between,
    ratio,
    share,
)
from opendocket.figures.held import Held, Reading
from opendocket.figures.published import published
from opendocket.figures.rules import (
    AT_LEAST,
    COUNT,
    FEW,
    HEADS,
    ROUND,
    SHARE,
    WORDS,
    How,
    Rule,
    figure,
    fiscal,
)
from opendocket.figures.stocks import pending, pending_of, pending_share, residual
from opendocket.figures.tallies import DECIDED, ENDED, FILING_LAG, NOTICED, RECEIVED
from opendocket.figures.targets import Target

YEARS = replace(AT_LEAST, places=1)
EVERY_KIND = pending_of(ALL_KINDS)
_TRAC_PENDING = "received and not closed on the day, all kinds of case; reopened counted again"
_EOIR_PENDING = "the same, removal-type cases only"


def _value(id: str) -> float:
    return published(id).numbers()[0]


def _residuals() -> tuple[Target, ...]:
    """Give B04, which may be off by some of the receipts."""
    targets = []
    for year in range(2009, 2021):
        first, last = fiscal(year)
        id = f"B04-{year}"
        rule = replace(COUNT, why="2 % of the year's receipts: it is a rest of large numbers")
        how = How(
            "change in pending less received plus completed, each as for B01 to B03",
            residual(first), "stock-flow", "eoir",
        )  # fmt: skip
        made = figure(id, f"left over in FY{year}", last, _value(id), rule, how)
        targets.append(replace(made, allowance=0.02 * _value(f"B02-{year}")))
    return tuple(targets)


MONTHS = {
    "2017-01": date(2017, 1, 31), "2019-09": date(2019, 9, 30), "2020-12": date(2020, 12, 31),
    "2021-12": date(2021, 12, 31), "2022-10": date(2022, 10, 31),
    "2022-12": date(2022, 12, 31), "2023-01": date(2023, 1, 31), "2023-12": date(2023, 12, 31),
    "2024-11": date(2024, 11, 30), "2024-12": date(2024, 12, 31), "2025-02": date(2025, 2, 28),
    "2025-05": date(2025, 5, 31),
}  # fmt: skip


def _pending_at(id: str, day: date, rule: Rule = COUNT) -> Target:
    what = f"pending, TRAC, {day:%Y-%m}"
    return figure(
        id, what, day, _value(id), rule, How(_TRAC_PENDING, EVERY_KIND, "pending", "trac")
    )


TRAC_PENDING = (
    *(_pending_at(f"B05-{year}", fiscal(year)[1]) for year in range(1999, 2010)),
    *(_pending_at(f"B06-{month}", day) for month, day in MONTHS.items()),
    figure("B06-2019-09 incl. not re-calendared", "pending and not re-calendared",
           date(2019, 9, 30), 1_346_302, COUNT, How(
        "the same, cases closed administratively and not opened since among them",
        pending_of(ALL_KINDS, with_closures=True), "pending", "trac")),
    _pending_at("B06b-2024-09", date(2024, 9, 30)),
    _pending_at("B06b-2025-12", date(2025, 12, 31)),
    _pending_at("B12b", date(2023, 9, 30), ROUND),
)  # fmt: skip


def _no_nta() -> tuple[Target, ...]:
    spans = {str(y): fiscal(y) for y in range(2013, 2022)}
    spans["2022 Oct-Jun"] = date(2021, 10, 1), date(2022, 6, 30)
    spans["2022 full (TRAC 699)"] = fiscal(2022)
    return tuple(
        figure(
            f"B08-{label}", f"dismissed, no NTA filed, FY{label}", last,
            _value(f"B08-{label}"), FEW if label < "2019" else COUNT,
            How("endings for want of an NTA, all kinds of case; letters of several meanings"
                " are read by kind of case", between(ENDED, first, NO_NTA),
                "outcomes", "closed-only"),
        )
        for label, (first, last) in spans.items()
    )  # fmt: skip


def _completed(id: str, what: str, span: tuple[date, date], kinds: pl.Expr, how: str) -> Target:
    user = "eoir" if "EOIR" in id else "trac"
    rule = ROUND if "roughly" in id or id.endswith("TRAC Dec-2023") else COUNT
    read = completed_between(span[0], kinds)
    return figure(id, what, span[1], _value(id), rule, How(how, read, "completed", user))


_ALL = "every ending but administrative closures, all kinds of case"
_EOIR = "every ending but administrative closures, removal-type cases"
COMPLETIONS = (
    *_no_nta(),
    *(
        _completed(f"B09-{year}", f"removal cases completed, FY{year}", fiscal(year),
                   REMOVAL_KIND, "every ending but administrative closures, kind RMV")
        for year in range(2017, 2022)
    ),
    _completed("B09-2022 Oct-Aug", "removal cases completed, FY2022 to August",
               (date(2021, 10, 1), date(2022, 8, 31)), REMOVAL_KIND,
               "every ending but administrative closures, kind RMV"),
    _completed("B10-2022 EOIR baseline", "completed, EOIR, FY2022", fiscal(2022),
               COUNTED_KINDS, _EOIR),
    _completed("B10-2022 TRAC 11 mo", "completed, TRAC, FY2022 to August",
               (date(2021, 10, 1), date(2022, 8, 31)), ALL_KINDS, _ALL),
    figure("B10-2023 EOIR resolutions", "resolved, EOIR, FY2023", fiscal(2023)[1], 646_428,
           COUNT, How("every ending, administrative closures too, removal-type cases",
                      between(ENDED, fiscal(2023)[0], COUNTED_KINDS), "completed", "eoir")),
    *(
        _completed(id, f"completed, TRAC, FY{year}", fiscal(year), ALL_KINDS, _ALL)
        for id, year in (
            ("B10-2023 TRAC Dec-2024", 2023), ("B10-2024 TRAC Dec-2024", 2024),
            ("B10b-2023 TRAC Dec-2023", 2023), ("B10b-2023 TRAC Oct-2024 'roughly'", 2023),
            ("B10b-2024 TRAC Oct-2024", 2024),
        )
    ),
)  # fmt: skip


def _new(id: str, span: tuple[date, date], *, by_notice: bool, rule: Rule = COUNT) -> Target:
    """Give a count of new cases: TRAC dates them by the notice, EOIR by receipt."""
    query, kinds = (NOTICED, ALL_KINDS) if by_notice else (RECEIVED, COUNTED_KINDS)
    user = "trac" if by_notice else "eoir"
    how = How(
        "day of the notice to appear, all kinds of case" if by_notice
        else "day of the first proceeding, removal-type cases",
        between(query, span[0], kinds), "received", user,
    )  # fmt: skip
    what = f"new cases, {user.upper()}'s way, to {span[1]:%Y-%m}"
    return figure(id, what, span[1], _value(id), rule, how)


NEW_CASES = (
    _new("B11-2016 EOIR", fiscal(2016), by_notice=False),
    _new("B11-2023 EOIR 'almost'", fiscal(2023), by_notice=False, rule=ROUND),
    _new("B11-2023 TRAC 736 (Jan 2024)", fiscal(2023), by_notice=True),
    _new("B11-2025 Oct-May TRAC", (date(2024, 10, 1), date(2025, 5, 31)), by_notice=True),
    _new("B11b-2022 MPI", fiscal(2022), by_notice=False),
    _new("B11b-2023 TRAC (Dec 2023)", fiscal(2023), by_notice=True),
    _new("B11b-2024 TRAC", fiscal(2024), by_notice=True),
    _new("B11b-2026Q1 TRAC", (date(2025, 10, 1), date(2025, 12, 31)), by_notice=True),
)

LATER_PENDING = tuple(
    figure(id, f"pending, FY{year}, {who}", fiscal(year)[1], _value(id), rule,
           How(_EOIR_PENDING, pending, "pending", "eoir"))
    for id, year, who, rule in (
        ("B12-2022 EOIR App.E", 2022, "EOIR", COUNT),
        ("B12-2023 EOIR plan", 2023, "EOIR", COUNT),
        ("B12-2023 CRS 'nearly'", 2023, "CRS", ROUND),
        ("B12-2024 CRS", 2024, "CRS", ROUND),
        ("B12-2024 USAFacts", 2024, "USAFacts", ROUND),
    )
)  # fmt: skip

_SAT = (
    "codes of judges who held a hearing in the three months to the day's; no list of those"
    " appointed is in a release"
)
JUDGES = tuple(
    figure(id, f"judges, {day:%Y-%m}", day, heads, HEADS,
           How(_SAT, judges_sitting(), "judge-days"))
    for id, day, heads in (
        ("B15-2006-08", date(2006, 8, 31), 230),
        ("B15-2009-04", date(2009, 4, 30), 238),
        ("B15-2018 (BPC)", date(2018, 9, 30), 321),
        ("B15-2019-03", date(2019, 3, 31), 424),
        ("B15-FY2019 end", date(2019, 9, 30), 442),
        ("B15-FY2022 start", date(2021, 9, 30), 559),
        ("B15-2021-12 (CRS)", date(2021, 12, 31), 578),
        ("B15-end of 2022", date(2022, 12, 31), 634),
        ("B15-FY2023Q2 (CRS)", date(2023, 3, 31), 649),
        ("B15b-2017-06", date(2017, 6, 30), 326),
        ("B15b-2025-02", date(2025, 2, 28), 734),
    )
)  # fmt: skip

COUNSEL = (
    figure("B18", "pending at the start of FY2006", date(2005, 9, 30), 212_000, ROUND, How(
        f"{_EOIR_PENDING}; GAO's receipts and completions count matters and are left alone",
        pending, "pending")),
    figure("B18", "pending at the start of FY2015", date(2014, 9, 30), 437_000, ROUND, How(
        f"{_EOIR_PENDING}; GAO's receipts and completions count matters and are left alone",
        pending, "pending")),
    *(
        figure(f"B19-{year}", f"represented at first decision, FY{year}", fiscal(year)[1],
               _value(f"B19-{year}"), SHARE, How(
            "counsel by the day of the first decision, removal-type cases",
            share(DECIDED, fiscal(year)[0], pl.col("has_counsel"), COUNTED_KINDS),
            "counsel", "at-decision"))
        for year in range(2010, 2015)
    ),
    figure("B20-FY2019 end (660,366 of 1,023,767)", "represented, of pending, FY2019",
           date(2019, 9, 30), 65, SHARE, How(
        "counsel entered by the day, all kinds of case", pending_share(pl.col("has_counsel")),
        "counsel", "eoir-pending")),
    figure("B20-Dec 2023 (of 3,287,058)", "represented, of pending, 2023-12",
           date(2023, 12, 31), 30, SHARE, How(
        "counsel entered by the day, all kinds of case", pending_share(pl.col("has_counsel")),
        "counsel", "eoir-pending")),
)  # fmt: skip


def _completed_in_2019(held: Held, as_of: date) -> Reading:
    first, last = fiscal(2019)
    return completed_between(first, ALL_KINDS)(held, min(last, as_of))


MODELS = (
    figure("F07", "received within 3 months of the NTA, FY2007", date(2007, 9, 30), 80, WORDS,
           How("under 91 days from the NTA to the first proceeding, of cases received in the"
               " year", share(FILING_LAG, date(2006, 10, 1), pl.col("is_prompt")), "received")),
    figure("F08", "years to clear what was pending", date(2021, 1, 31), 4, YEARS, How(
        "cases pending by completions of FY2019, all kinds of case, and nothing more received",
        ratio(EVERY_KIND, _completed_in_2019), "stock-flow")),
)  # fmt: skip

FURTHER_FLOW: tuple[Target, ...] = (
    *_residuals(), *TRAC_PENDING, *COMPLETIONS, *NEW_CASES, *LATER_PENDING, *JUDGES, *COUNSEL,
    *MODELS,
)  # fmt: skip
