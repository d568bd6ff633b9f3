"""Further figures of outcomes: absence, asylum, removal orders, counsel."""

from datetime import date

import polars as pl

from opendocket.figures.flows import (
    ABSENT,
    ALL_KINDS,
    CLOSURE,
    COUNTED_KINDS,
    DEPARTURE,
    FREE,
    ORDER,
    REMOVAL_KIND,
    begun_without_absence,
    between,
    share,
)
from opendocket.figures.published import published
from opendocket.figures.readings import ABSENT as ABSENT_FIRST
from opendocket.figures.readings import REPRESENTED, ordinary_share_of
from opendocket.figures.rules import (
    AT_LEAST_SHARE,
    COUNT,
    RATE,
    ROUND,
    SHARE,
    How,
    figure,
    fiscal,
)
from opendocket.figures.stocks import pending_count
from opendocket.figures.tallies import (
    ASYLUM_DECIDED,
    ASYLUM_FILED,
    DECIDED,
    ENDED,
    REOPENING,
)
from opendocket.figures.targets import STUDY_BEGINS, STUDY_ENDS, Target

GRANTED = pl.col("is_granted")
UNCOUNSELLED = ~pl.col("has_counsel")
_NO_ABSENCE = "removal cases begun FY2008 to 2018, frozen then, with no order in absentia"

ATTENDANCE = (
    figure("D03", "in absentia rate, FY2016 to 2023", date(2023, 9, 30), 34, RATE, How(
        "in absentia orders among first decisions of people not detained (N, R)",
        share(DECIDED, date(2015, 10, 1), ABSENT, COUNTED_KINDS & FREE,
              also=(("detained people too", COUNTED_KINDS),)), "in-absentia", "gao")),
    figure("D05", "no order in absentia, detained too", STUDY_ENDS, 88, SHARE, How(
        _NO_ABSENCE, begun_without_absence(STUDY_BEGINS), "in-absentia", "eagly-shafer")),
    figure("D06", "no order in absentia, represented", STUDY_ENDS, 96, SHARE, How(
        f"{_NO_ABSENCE}; not detained, counsel entered by then",
        ordinary_share_of(~ABSENT_FIRST.fill_null(False), REPRESENTED, first=STUDY_BEGINS),
        "in-absentia", "eagly-shafer")),
    figure("D09", "motions to reopen an absent order, granted", date(2023, 9, 30), 50,
           AT_LEAST_SHARE, How(
        "motions MA decided in FY2016 to 2023: granted, of granted or denied",
        share(REOPENING, date(2015, 10, 1), GRANTED), "rescission", "motion")),
    figure("D22", "asylum seekers at their decision, FY2018", fiscal(2018)[1], 89, SHARE, How(
        "not in absentia, of first decisions in cases with an asylum application by then",
        share(DECIDED, fiscal(2018)[0], ~ABSENT, pl.col("has_asylum")), "missed-hearings")),
)  # fmt: skip

_ASYLUM = "asylum granted or denied in the year, once a case and day"
_D14 = (
    ("all", 46, ALL_KINDS),
    ("not represented", 18, UNCOUNSELLED),
    ("released", 54, pl.col("custody") == "R"),
    ("detained", 15, pl.col("custody") == "D"),
    ("referred by USCIS", 76, pl.col("is_referred")),
)


def _value(id: str) -> float:
    return published(id).numbers()[0]


ASYLUM = (
    *(
        figure(f"D11-{y}", f"asylum decisions, FY{y}", fiscal(y)[1], _value(f"D11-{y}"), COUNT,
               How(_ASYLUM, between(ASYLUM_DECIDED, fiscal(y)[0]), "asylum-decided", "trac"))
        for y in (2003, 2010, 2012, 2013, 2018, 2021, 2022)
    ),
    *(
        figure(f"D12-{y}", f"asylum granted, FY{y}", fiscal(y)[1], _value(f"D12-{y}"), COUNT,
               How(_ASYLUM, between(ASYLUM_DECIDED, fiscal(y)[0], GRANTED), "asylum-granted",
                   "trac"))
        for y in (2012, 2021, 2022)
    ),
    *(
        figure(id, f"asylum denied, FY{label}", last, percent, SHARE, How(
            _ASYLUM, share(ASYLUM_DECIDED, first, ~GRANTED), "asylum-granted", "trac"))
        for id, label, (first, last), percent in (
            ("D13-1992", "1992", fiscal(1992), 76.0),
            ("D13-2002", "2002", fiscal(2002), 62.6),
            ("D13-2012", "2012", fiscal(2012), 44.5),
            ("D13-2012 (as restated in TRAC 539)", "2012 restated", fiscal(2012), 42.0),
            ("D13-2014 9 mo", "2014 to June", (date(2013, 10, 1), date(2014, 6, 30)), 50.2),
            ("D13-2018", "2018", fiscal(2018), 65.0),
            ("D13-2022 (100-46)", "2022", fiscal(2022), 54),
        )
    ),
    *(
        figure("D14", f"asylum granted, FY2022, {who}", fiscal(2022)[1], percent, SHARE, How(
            f"{_ASYLUM}; counsel by then, custody as last known",
            share(ASYLUM_DECIDED, fiscal(2022)[0], GRANTED, among), "asylum-granted", "trac"))
        for who, percent, among in _D14
    ),
    figure("D19", "asylum applications filed, FY2024", fiscal(2024)[1], 850_720, COUNT, How(
        "cases whose first asylum application came in the year",
        between(ASYLUM_FILED, fiscal(2024)[0]), "asylum-filed")),
    figure("D19", "asylum applications pending, FY2024", fiscal(2024)[1], 1_500_000, ROUND, How(
        "cases pending on the day with an asylum application by then",
        pending_count(pl.col("has_asylum")), "pending", "eoir")),
)  # fmt: skip

_ORDERS = "completions by a removal order, in absentia or not, all kinds of case"
_OF_COMPLETED = "removal orders and voluntary departures, of endings that are no closures"
_SPANS = (
    ("FY2023", fiscal(2023), 39),
    ("FY2024", fiscal(2024), 38.3),
    ("FY2025 to November", (date(2024, 10, 1), date(2024, 11, 30)), 45),
    ("December 2025", (date(2025, 12, 1), date(2025, 12, 31)), 79.2),
)
ORDERS = (
    figure("D16", "removal orders, FY2024 to March", date(2024, 3, 31), 136_623, COUNT, How(
        _ORDERS, between(ENDED, date(2023, 10, 1), ORDER), "removal-orders", "trac")),
    figure("D16b-FY2023 removal+VD", "removal or voluntary departure, FY2023", fiscal(2023)[1],
           244_000, ROUND, How(
        _ORDERS, between(ENDED, fiscal(2023)[0], ORDER | DEPARTURE), "removal-orders", "trac")),
    figure("D16b-FY2024", "removal orders, FY2024", fiscal(2024)[1], 314_773, COUNT, How(
        _ORDERS, between(ENDED, fiscal(2024)[0], ORDER), "removal-orders", "trac")),
    *(
        figure("D17", f"removal or departure, {label}", span[1], percent, SHARE, How(
            _OF_COMPLETED, share(ENDED, span[0], ORDER | DEPARTURE, ~CLOSURE), "removal-orders",
            "trac"))
        for label, span, percent in _SPANS
    ),
)  # fmt: skip

COUNSEL = tuple(
    figure("D18", f"represented, decided 2007 to 2012, {who}", date(2012, 12, 31), percent,
           SHARE, How("counsel by the first decision, kind RMV; custody as last known",
                      share(DECIDED, date(2007, 1, 1), pl.col("has_counsel"), among), "counsel",
                      "at-decision"))
    for who, percent, among in (
        ("all", 37, REMOVAL_KIND), ("detained", 14, REMOVAL_KIND & (pl.col("custody") == "D")),
    )
)  # fmt: skip

FURTHER_OUTCOMES: tuple[Target, ...] = (*ATTENDANCE, *ASYLUM, *ORDERS, *COUNSEL)
