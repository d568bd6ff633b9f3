"""Further figures of the Dedicated Docket and of the two family dockets before it."""

from datetime import date

import polars as pl

from opendocket.figures.flows import COUNTED_KINDS, share
from opendocket.figures.held import Held, Read, Reading
from opendocket.figures.predecessors import (
    ABSENT as FIRST_ABSENT,
)
from opendocket.figures.predecessors import (
    APPLIED,
    AT_FIRST_MASTER,
    CHILDREN_ALONE,
    DECIDED,
    HEARD,
    MISSED,
    NOT_DETAINED_WITH_CHILDREN,
    WITH_CHILDREN,
    WITH_COUNSEL_AT_FIRST,
    Group,
    group_count,
    group_share,
)
from opendocket.figures.predecessors import (
    ORDERED as FIRST_ORDERED,
)
from opendocket.figures.predecessors import (
    REPRESENTED as REPRESENTED_AT_FIRST,
)
from opendocket.figures.readings import (
    ABSENT,
    CLOSED,
    EVERYBODY,
    NO_NTA,
    ORDERED,
    RELIEF,
    REPRESENTED,
    busy_judges,
    coming_from,
    days_to_decision,
    dedicated_count_of,
    dedicated_share_of,
    family_size,
    in_courts,
    share_of_children,
)
from opendocket.figures.rules import (
    AT_LEAST_SHARE,
    AT_MOST,
    BUSY,
    COUNT,
    FEW,
    FEW_SHARE,
    MARKED,
    ROUND,
    SHARE,
    SIZE,
    WORDS,
    How,
    Rule,
    figure,
)
from opendocket.figures.tallies import ASYLUM_DECIDED, RECEIVED
from opendocket.figures.targets import Target

JULY, AUGUST = date(2021, 7, 31), date(2021, 8, 31)
NOVEMBER, NEW_YEAR = date(2021, 11, 30), date(2021, 12, 31)
BEGIN, LEAP_DAY, MAY = date(2021, 6, 1), date(2024, 2, 29), date(2019, 5, 31)
LOS_ANGELES_DAY, BOSTON_DAY, AUTUMN = date(2022, 2, 1), date(2022, 8, 31), date(2022, 10, 31)
BOSTON, LOS_ANGELES, MIAMI = in_courts("BOS"), in_courts("LOS", "NLA"), in_courts("MIA")
_TAGGED = "cases with the tag DD received by the day"
_SINCE_FY2021 = pl.col("received_date") >= date(2020, 10, 1)
_RECEIVED_IN_JUNE = pl.col("received_date").is_between(BEGIN, date(2021, 6, 30))
_IN_A_YEAR = Rule(0.25, "a quarter: it is published as 'about one year'")
_INFLOW = Rule(1 / 7, "the half of the range that is published, 12,000 to 16,000")
_BY_NTA = pl.col("nta_date").is_not_null()


def _received_between(first: date, months: int = 1) -> Read:
    """Count people with the tag received from a day on, a month."""
    counted = dedicated_count_of(pl.col("received_date") >= first)

    def read(held: Held, as_of: date) -> Reading:
        found = counted(held, as_of)
        return Reading(found.value / months, found.chance / months, small=found.small)

    return read


EARLY = (
    figure("A06", "people in the first two months", JULY, 4_866, COUNT, How(
        f"{_TAGGED}; TRAC dates them by the NTA, which the record has beside",
        dedicated_count_of(EVERYBODY, also=(("with an NTA by then", _BY_NTA),)),
        "received", "trac")),
    figure("A09", "people a family", AUGUST, 2.8, SIZE, How(
        "people with the tag by families, those alone being one each", family_size,
        "family-size")),
    figure("A11", "from Ecuador, of the first", JULY, 41, SHARE, How(
        "nationality of people with the tag", coming_from(("EC",)), "received", "trac")),
    figure("A13", "people a month, August to November", NOVEMBER, 14_000, _INFLOW, How(
        "people with the tag received in four months, by four",
        _received_between(date(2021, 8, 1), 4), "received", "trac")),
    figure("A13", "people in December", NEW_YEAR, 10_000, ROUND, How(
        "people with the tag received in the month", _received_between(date(2021, 12, 1)),
        "received", "trac")),
    figure("A14", "the docket's share of new cases", NEW_YEAR, 18, SHARE, How(
        "cases with the tag, of removal-type cases received from June to December",
        share(RECEIVED, BEGIN, pl.col("is_tagged"), COUNTED_KINDS), "received", "trac")),
    figure("A15", "completed, of assigned", NEW_YEAR, 12, SHARE, How(
        "first ended in any way, no-NTA dismissals included",
        dedicated_share_of(CLOSED, also=(("without no-NTA dismissals", CLOSED & ~NO_NTA),)),
        "outcomes", "closed-only")),
    figure("A18", "represented, of all assigned", NEW_YEAR, 15.5, SHARE, How(
        "counsel entered by the day; when counsel left is not recorded",
        dedicated_share_of(REPRESENTED), "counsel", "trac-now")),
    figure("A19", "represented, of June's arrivals", NEW_YEAR, 45, SHARE, How(
        "counsel entered by the day, of those received in June 2021",
        dedicated_share_of(REPRESENTED, _RECEIVED_IN_JUNE), "counsel-over-time")),
    figure("A20", "granted relief", NEW_YEAR, 13, FEW, How(
        "first ending relief or protection", dedicated_count_of(RELIEF), "outcomes",
        "closed-only")),
    figure("A21", "from Brazil, Ecuador or Honduras", NEW_YEAR, 50, WORDS, How(
        "nationality of people with the tag; 'fully half'", coming_from(("BR", "EC", "HO")),
        "received", "trac")),
    figure("A22", "represented, of other asylum decisions", NEW_YEAR, 90, SHARE, How(
        "asylum granted or denied from June to December to people without the tag, with"
        " counsel by the day of the decision",
        share(ASYLUM_DECIDED, BEGIN, pl.col("has_counsel"), ~pl.col("is_tagged")),
        "asylum-decided", "trac")),
    figure("A23", "neither removal nor relief, of completed", NEW_YEAR, 82, WORDS, How(
        "first endings that are neither; most are dismissals for want of an NTA",
        dedicated_share_of(
            ~ORDERED & ~RELIEF, CLOSED, also=(("no NTA filed", NO_NTA),)),
        "outcomes", "closed-only")),
)  # fmt: skip

PLACES = (
    figure("A27", "Los Angeles: children, of orders in absentia", LOS_ANGELES_DAY, 48.4,
        FEW_SHARE, How(
            "under 18 on the day, by the month of birth, which half of the records have",
            share_of_children("LOS", "NLA"), "in-absentia", "advocates")),
    figure("A28", "Los Angeles: not represented", LOS_ANGELES_DAY, 70.1, SHARE, How(
        "no counsel entered by the day", dedicated_share_of(~REPRESENTED, LOS_ANGELES),
        "counsel", "closed")),
    figure("A29", "Boston: people assigned", NEW_YEAR, 15_000, ROUND, How(
        "tag DD, first court BOS", dedicated_count_of(BOSTON), "received", "trac")),
    figure("A33", "Boston: completed", BOSTON_DAY, 4_000, AT_MOST, How(
        "tag DD, first court BOS, first ended by the day", dedicated_count_of(BOSTON, CLOSED),
        "completed", "trac")),
    figure("A34", "Boston: in absentia, of ordered removed", BOSTON_DAY, 75, WORDS, How(
        "divided by removal orders, the likelier reading",
        dedicated_share_of(ABSENT, BOSTON, ORDERED), "in-absentia", "advocates")),
    figure("A38", "judges with 100 asylum decisions on it", AUTUMN, 37, BUSY, How(
        "judges' codes by asylum granted or denied to people with the tag", busy_judges(100),
        "asylum-decided", "trac")),
    figure("A39", "represented, of pending", AUTUMN, 56, SHARE, How(
        "counsel entered by the day, of cases with the tag not closed then",
        dedicated_share_of(REPRESENTED, pl.col("is_pending")), "counsel", "eoir-pending")),
    figure("A41", "Miami: no NTA filed, since FY2021", LEAP_DAY, 50, AT_LEAST_SHARE, How(
        "first ended for want of an NTA, of cases with the tag and first court MIA; Houston, of"
        " which the same is said, has four courts and is left alone",
        dedicated_share_of(NO_NTA, MIAMI, _SINCE_FY2021), "outcomes", "closed-only")),
    figure("A50", "asylum granted, other dockets, FY2022", date(2022, 9, 30), 52, SHARE, How(
        "asylum granted, of granted or denied to people without the tag",
        share(ASYLUM_DECIDED, date(2021, 10, 1), pl.col("is_granted"), ~pl.col("is_tagged")),
        "asylum-granted", "trac")),
    figure("A51", "asylum granted 3 to 18 months after the NTA", AUTUMN, 31, SHARE, How(
        "decided July to October 2022, 91 to 548 days from the NTA",
        share(ASYLUM_DECIDED, date(2022, 7, 1), pl.col("is_granted"), pl.col("is_fast")),
        "asylum-granted", "trac")),
    figure("A52", "mean days to the first decision", date(2023, 9, 30), 365, _IN_A_YEAR, How(
        "from receipt, of people with the tag first decided in FY2021 to 2023; completed cases"
        " only, which are the fast ones", days_to_decision(date(2020, 10, 1)),
        "time-to-decision", "gao")),
)  # fmt: skip

AWC_BEGINS, AWC_ENDS = date(2014, 7, 18), date(2016, 9, 30)
AWC = Group(WITH_CHILDREN, AWC_BEGINS, AWC_ENDS, decided_from=AWC_BEGINS)
AWC_FIRST = Group(NOT_DETAINED_WITH_CHILDREN, AWC_BEGINS, date(2014, 10, 28))
AWC_ALL = Group(WITH_CHILDREN, AWC_BEGINS, date(2017, 1, 31))
FAMU = Group((), date(2018, 9, 1), date(2019, 6, 30))
FAMU_MAY = Group((), date(2018, 9, 1), MAY)
UC = Group(CHILDREN_ALONE, date(2014, 7, 18), date(2015, 5, 26))
UC_DAY = date(2015, 5, 26)
_AWC = "priority AWC/ATD or AWC/D, as far as the release has kept it"
_FA = "tag FA (family unit), received from September 2018"
_COUNSEL_BY_THEN = "counsel by the day of the decision"

PREDECESSORS = (
    figure("A54", "adults with children: decided", AWC_ENDS, 38_601, MARKED, How(
        f"{_AWC}; first decided from 18 July 2014", group_count(AWC, DECIDED),
        "completed", "trac")),
    figure("A55", "adults with children: not represented", AWC_ENDS, 70, SHARE, How(
        f"{_AWC}; no {_COUNSEL_BY_THEN}",
        group_share(AWC, ~REPRESENTED_AT_FIRST.fill_null(False), DECIDED), "counsel",
        "closed")),
    figure("A56", "of those, applied for relief", AWC_ENDS, 6.5, SHARE, How(
        f"{_AWC}; any application on record",
        group_share(AWC, APPLIED, DECIDED & ~REPRESENTED_AT_FIRST.fill_null(False)),
        "asylum-filed", "trac")),
    figure("A56", "represented: applied for relief", AWC_ENDS, 70, SHARE, How(
        f"{_AWC}; any application on record",
        group_share(AWC, APPLIED, DECIDED & REPRESENTED_AT_FIRST), "asylum-filed", "trac")),
    figure("A57", "not represented: removed at the first master", AWC_ENDS, 43.4, SHARE, How(
        f"{_AWC}; ordered removed no later than the first master hearing held",
        group_share(AWC, FIRST_ORDERED & AT_FIRST_MASTER,
                    DECIDED & ~REPRESENTED_AT_FIRST.fill_null(False)),
        "time-to-decision", "trac")),
    figure("A57", "represented: removed at the first master", AWC_ENDS, 4.4, SHARE, How(
        f"{_AWC}; the same",
        group_share(AWC, FIRST_ORDERED & AT_FIRST_MASTER, DECIDED & REPRESENTED_AT_FIRST),
        "time-to-decision", "trac")),
    figure("A58", "first 100 days: in absentia, of ordered", date(2014, 10, 28), 96, SHARE, How(
        "priority AWC/ATD, received from 18 July 2014; of removal orders by the day",
        group_share(AWC_FIRST, FIRST_ABSENT, FIRST_ORDERED), "in-absentia", "advocates")),
    figure("A59", "adults with children: in absentia", date(2018, 5, 31), 51, WORDS, How(
        f"{_AWC}; received to January 2017, of all: the denominator is not published",
        group_share(AWC_ALL, FIRST_ABSENT.fill_null(False), pl.lit(True),
                    also=(("of decided", DECIDED),)),
        "in-absentia", "eagly-shafer")),
    figure("A60", "family units 2018-19: in absentia", date(2019, 7, 31), 80, WORDS, How(
        f"{_FA} to June 2019, of those decided",
        group_share(FAMU, FIRST_ABSENT, DECIDED,
                    also=(("of all", pl.lit(True)),)), "in-absentia", "eoir")),
    figure("A63", "family units: came to the first hearing", MAY, 85.7, SHARE, How(
        f"{_FA}; no order in absentia by the first hearing held. Who came is not recorded",
        group_share(FAMU_MAY, ~MISSED.fill_null(False), HEARD), "missed-hearings", "trac")),
    figure("A63", "the same, represented", MAY, 99.9, SHARE, How(
        f"{_FA}; counsel by the first hearing",
        group_share(FAMU_MAY, ~MISSED.fill_null(False), HEARD & WITH_COUNSEL_AT_FIRST),
        "missed-hearings", "trac")),
    figure("A63", "the same, not represented", MAY, 81.6, SHARE, How(
        f"{_FA}; no counsel by the first hearing",
        group_share(FAMU_MAY, ~MISSED.fill_null(False),
                    HEARD & ~WITH_COUNSEL_AT_FIRST.fill_null(False)),
        "missed-hearings", "trac")),
    figure("A64", "family units: did not come, of completed", date(2019, 6, 30), 90, WORDS, How(
        f"{_FA}; in absentia, of those decided", group_share(FAMU, FIRST_ABSENT, DECIDED),
        "in-absentia", "eoir")),
    figure("D20", "children alone: received", UC_DAY, 31_987, MARKED, How(
        "priority UC, received from 18 July 2014, as far as the release has kept it",
        group_count(UC, pl.lit(True)), "received", "eoir")),
    figure("D20", "children alone: ordered removed", UC_DAY, 6_248, MARKED, How(
        "of those, first decision a removal order", group_count(UC, FIRST_ORDERED),
        "removal-orders", "eoir")),
    figure("D20", "of those, in absentia", UC_DAY, 87, SHARE, How(
        "divided by removal orders", group_share(UC, FIRST_ABSENT, FIRST_ORDERED),
        "in-absentia", "advocates")),
)  # fmt: skip

FURTHER_DEDICATED: tuple[Target, ...] = (*EARLY, *PLACES, *PREDECESSORS)
