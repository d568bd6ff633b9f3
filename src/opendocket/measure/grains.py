"""What is counted: cases, decisions, hearings and the rest, frozen on a day and cut to size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import duckdb
import polars as pl

from opendocket.arrow import fetched
from opendocket.measure.cut import Where, condition, grouping
from opendocket.measure.population import COLUMNS, LATER


@dataclass(frozen=True, slots=True)
class Grain:
    """One row per what, and what is known of it at the end of a day.

    Every grain has the columns of its case as well (``population.COLUMNS``).
    """

    name: str
    """Of one thing counted, such as ``decision``."""
    source: str = ""
    """Tables joined to the case ``c``, as SQL; may ask for ``$as_of``."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """SQL by name, beside those of the case."""
    condition: str = "true"
    """What must have happened by ``$as_of``."""
    court: str = "c.court_code"
    """The court it is counted at."""
    reads: tuple[str, ...] = ()
    """The docket's tables it comes from, beside ``out_docket__case``."""

    @property
    def count(self) -> str:
        """Name the column that counts it."""
        return f"{self.name}_count"

    def sql(self, column: str) -> str:
        """Give a column as SQL.

        Raises:
            KeyError: No column of that name.
        """
        return self.columns[column] if column in self.columns else COLUMNS[column]


CASES = Grain("case")
DECISIONS = Grain(
    "decision",
    """join out_docket__decision as d on d.case_id = c.case_id
left join (
    select case_id, min(ending_count) as ending_count
    from out_docket__decision
    where ending_count > 1 and is_decision
    group by case_id
) as later_decision on later_decision.case_id = c.case_id""",
    {
        "completed_date": "d.completed_date",
        "outcome": "d.outcome",
        "is_decision": "d.is_decision",
        "is_first_decision": """d.is_decision and d.ending_count = case
            when c.is_first_outcome_decided then 1
            else later_decision.ending_count
        end""",
        "ending_count": "d.ending_count",
        "until_date": "case when d.until_date <= $as_of then d.until_date end",
        "judge_code": "d.judge_code",
    },
    condition="d.completed_date <= $as_of",
    court="d.court_code",
    reads=("out_docket__decision",),
)
"""Endings of cases: decisions, and what takes a case off the docket without one."""
HEARINGS = Grain(
    "hearing",
    "join out_docket__hearing as h on h.case_id = c.case_id",
    {
        "hearing_id": "h.hearing_id",
        "hearing_date": "h.hearing_date",
        "is_held": "h.is_held",
        "is_master": "coalesce(h.is_master, false)",
        "is_individual": "coalesce(h.is_individual, false)",
        "adjourned_code": "h.adjourned_code",
        "adjourned_by_name": "h.adjourned_by_name",
        "judge_code": "h.judge_code",
    },
    condition="h.hearing_date <= $as_of and h.is_possible",
    court="h.court_code",
    reads=("out_docket__hearing",),
)
"""Hearings of cases whose day has come, held or not; bond hearings are none.

A reason of adjournment has no day of its own: it is taken as known on the hearing's.
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, put to a docket: which cases, by what, on which day."""

    con: duckdb.DuckDBPyConnection
    as_of: date
    where: Where = field(default_factory=dict)
    by: tuple[str, ...] = ()
    days: tuple[int, ...] = ()
    """Days at which shares over time are read; none where the measure chooses."""
    strata: tuple[str, ...] = ()
    """Further groupings, fetched beside ``by`` for an adjustment."""

    def fetch(
        self, columns: Sequence[str], *, grain: Grain = CASES, day: str = "received_date"
    ) -> pl.DataFrame:
        """Give what was asked for, one row per what the grain counts.

        Args:
            columns: Names in the grain's columns, or in ``population.COLUMNS``.
            grain: What there is one row of.
            day: The column that ``year`` and ``month`` look at.

        Returns:
            The columns of ``by`` and ``strata`` under their own names, ``case_id``,
            ``lead_case_id``, and those asked for.

        Raises:
            KeyError: No column of that name.
            UnknownName: A filter or code that there is not.
            BadCut: A filter that cannot be one.
        """
        return fetched(
            self.con, self.query(columns, grain=grain, day=day), {"as_of": self.as_of}
        )

    def query(self, columns: Sequence[str], *, grain: Grain, day: str) -> str:
        """Write what :meth:`fetch` runs."""
        on = grain.sql(day)
        chosen = {
            **{n: grouping(n, day=on, court=grain.court) for n in (*self.by, *self.strata)},
            "case_id": "c.case_id",
            "lead_case_id": "c.lead_case_id",
            **{name: grain.sql(name) for name in columns},
        }
        where = condition(self.con, self.where, day=on, court=grain.court)
        uses_later = any("later." in sql for sql in (*chosen.values(), where, on))
        written = ",\n    ".join(f"{sql} as {name}" for name, sql in chosen.items())
        return f"""
select
    {written}
from out_docket__case as c
{LATER if uses_later else ""}
{grain.source}
where c.has_proceeding
    and c.received_date <= $as_of
    and ({grain.condition})
    and ({where})
"""
