"""Further figures of waits, of time to completion, and of judges' load."""

from datetime import date

import polars as pl

from opendocket.figures.bench import judges_sitting, put_off
from opendocket.figures.flows import (
    ALL_KINDS,
    CLOSURE,
    COUNTED_KINDS,
    DEPARTURE,
    ENDED_BY_TERMINATION,
    ORDER,
    RELIEF,
    completed_between,
    days_to_completion,
    ratio,
    share,
)
from opendocket.figures.held import Read
from opendocket.figures.published import published
from opendocket.figures.rules import (
    AT_LEAST,
    AT_MOST,
    COUNT,
    DAYS,
    HEADS,
    PER_JUDGE,
    ROUND,
    SHARE,
    WORDS,
    How,
    Rule,
    figure,
    fiscal,
)
from opendocket.figures.stocks import (
    age_of_pending,
    longest_wait,
    mean_days,
    median_days,
    pending_of,
    stage_share,
    waiting,
)
from opendocket.figures.tallies import ASYLUM_DECIDED
from opendocket.figures.targets import Target

WAIT_DAY, STAGE_DAY = date(2021, 9, 30), date(2022, 11, 30)
_BACKLOG = "pending with an asylum application, days from the NTA"
_NEXT = "the earliest hearing later than the day that was booked by it"
_STAGES = (
    ("C01", "asylum backlog", "", 667_229, 1_156, 1_621),
    ("C02", "next hearing individual", "individual", 349_720, 1_348, 1_751),
    ("C03", "next hearing master", "master", 205_178, 865, 1_136),
    ("C04", "no hearing set", "none", 112_331, 1_089, None),
)
_IMPUTED = "; TRAC adds a guess for those with none, we leave them out"


def _waits() -> tuple[Target, ...]:
    targets = []
    for id, what, stage, n, so_far, ahead in _STAGES:
        how = f"{_BACKLOG}; next hearing: {_NEXT}"
        targets += [
            figure(id, f"{what}: cases", WAIT_DAY, n, COUNT, How(
                how, waiting("n", stage), "age-of-pending", "trac")),
            figure(id, f"{what}: mean days so far", WAIT_DAY, so_far, DAYS, How(
                how, waiting("days", stage), "age-of-pending", "trac")),
        ]  # fmt: skip
        if ahead is not None:
            also = "" if stage else _IMPUTED
            ahead_how = How(how + also, waiting("ahead_days", stage), "age-of-pending", "trac")
            told = f"{what}: mean days to it"
            targets.append(figure(id, told, WAIT_DAY, ahead, DAYS, ahead_how))
    return tuple(targets)


STAGES = (
    *(
        figure("C05", f"asylum backlog, next hearing {stage}", STAGE_DAY, percent, WORDS, How(
            f"{_BACKLOG}; {_NEXT}. 'Late 2022' is read as the end of November",
            stage_share(stage), "age-of-pending", "trac"))
        for stage, percent in (("individual", 43), ("master", 35), ("none", 22))
    ),
    figure("C12", "longest mean wait of any place", date(2019, 10, 31), 1_450, AT_LEAST, How(
        "days from the NTA to the next hearing, by hearing place, of places with 100 cases"
        " waiting or more", longest_wait(100), "age-of-pending", "trac")),
)  # fmt: skip


def _age(id: str, day: date, read: Read, what: str, user: str = "trac") -> Target:
    how = How("days since the NTA, or receipt, of cases pending on the day, all kinds", read,
              "age-of-pending", user)  # fmt: skip
    return figure(id, f"{what} pending, {day:%Y-%m}", day, _value(id), DAYS, how)


def _value(id: str) -> float:
    return published(id).numbers()[0]


MEAN, MEDIAN = age_of_pending(mean_days), age_of_pending(median_days)
AGES = (
    *(_age(f"C06-{y}", fiscal(y)[1], MEAN, "mean days") for y in range(1999, 2010)),
    _age("C06-2025-02", date(2025, 2, 28), MEAN, "mean days"),
    *(_age(f"C07-{y}", fiscal(y)[1], MEDIAN, "median days") for y in range(1999, 2010)),
)
_GAO_AGES = tuple(
    figure(id, f"{what} pending, {day:%Y-%m}", day, value, DAYS, How(
        "days since the NTA, or receipt, of cases pending on the day, all kinds", read,
        "age-of-pending", user))
    for id, what, day, value, read, user in (
        ("C07b-start FY2006 GAO median", "median days", date(2005, 9, 30), 198, MEDIAN, "gao"),
        ("C07b-start FY2015 GAO median", "median days", date(2014, 9, 30), 404, MEDIAN, "gao"),
        ("C07b-2017-04 TRAC mean", "mean days", date(2017, 4, 30), 670, MEAN, "trac"),
    )
)  # fmt: skip

_ENDINGS = (
    ("all", ~CLOSURE), ("removal order", ORDER), ("voluntary departure", DEPARTURE),
    ("terminated", ENDED_BY_TERMINATION), ("relief", RELIEF),
)  # fmt: skip
_TO_END = "days from the NTA to the completion, of completions of the months, all kinds"


def _to_end(id: str, span: tuple[date, date], days: dict[str, int]) -> tuple[Target, ...]:
    return tuple(
        figure(id, f"mean days to completion, {name}, to {span[1]:%Y-%m}", span[1], days[name],
               DAYS, How(_TO_END, days_to_completion(span[0], where), "time-to-decision",
                         "trac"))
        for name, where in _ENDINGS
        if name in days
    )  # fmt: skip


TIMES = (
    *_to_end("C08", fiscal(2010), {
        "all": 280, "removal order": 140, "voluntary departure": 323, "terminated": 424,
        "relief": 696,
    }),
    *_to_end("C09", (date(2010, 10, 1), date(2011, 3, 31)), {
        "all": 302, "removal order": 141, "relief": 714,
    }),
    *_to_end("C10", fiscal(2008), {"all": 231}),
    *_to_end("C10", (date(2017, 10, 1), date(2018, 5, 31)), {"all": 565}),
    *(
        figure("C11", f"asylum decided within a year, {who}", fiscal(2018)[1], percent, SHARE,
               How("granted or denied in FY2018, no more than 365 days from the NTA; counsel by"
                   " the day of the decision",
                   share(ASYLUM_DECIDED, fiscal(2018)[0], pl.col("is_in_a_year"), among),
                   "time-to-decision", "trac"))
        for who, percent, among in (
            ("all", 20, ALL_KINDS), ("not represented", 55.8, ~pl.col("has_counsel")),
            ("represented", 12.9, pl.col("has_counsel")),
        )
    ),
    *(
        figure("C13", f"put off for the judge, FY{year}", fiscal(year)[1], value, ROUND, How(
            "hearings of the year put off for a judge's reason; which reasons are the judge's"
            " is our reading", put_off("judge", fiscal(year)[0]), "adjournments"))
        for year, value in ((2006, 47_000), (2015, 72_000))
    ),
)  # fmt: skip

_SAT = "by judges who held a hearing in the three months to the day's"


def _per_judge(id: str, year: int, rule: Rule = PER_JUDGE) -> Target:
    return figure(id, f"completions a judge, FY{year}", fiscal(year)[1], _value(id), rule, How(
        f"removal-type completions of the year, {_SAT}",
        ratio(completed_between(fiscal(year)[0]), judges_sitting(), apart=True),
        "judge-caseload"))  # fmt: skip


LOAD = (
    _per_judge("C15-FY2009 (MPI)", 2009),
    _per_judge("C15-FY2018 (BPC)", 2018),
    _per_judge("C15-FY2021 (MPI)", 2021),
    _per_judge("C15-FY2022 (MPI, 'fewer than')", 2022, AT_MOST),
    *(
        figure(id, f"pending a judge, {day:%Y-%m}", day, _value(id), HEADS, How(
            f"cases pending, {_SAT}", ratio(pending_of(kinds), judges_sitting(), apart=True),
            "judge-caseload"))
        for id, day, kinds in (
            ("C16-2014 (CRS)", date(2014, 9, 30), COUNTED_KINDS),
            ("C16-2017-05", date(2017, 5, 31), ALL_KINDS),
            ("C16-2018-05", date(2018, 5, 31), ALL_KINDS),
            ("C16-2019-04 (892,517/424)", date(2019, 4, 30), ALL_KINDS),
            ("C16-2023 (CRS)", date(2023, 3, 31), COUNTED_KINDS),
            ("C16-2023-12 (TRAC)", date(2023, 12, 31), ALL_KINDS),
        )
    ),
)  # fmt: skip

FURTHER_TIMES: tuple[Target, ...] = (*_waits(), *STAGES, *AGES, *_GAO_AGES, *TIMES, *LOAD)
