"""Shares of rows counted inside the docket: for tables too long to fetch row by row."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from opendocket.arrow import fetched
from opendocket.estimate.ratios import ratios_of_sums
from opendocket.measure.estimators import stacked
from opendocket.measure.grains import CASES, Asked, Grain
from opendocket.quoting import quoted

FAMILY = "lead_case_id"
Conditions = Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Summed:
    """Rows of which something is so, among others, by group; as ``estimators.Ratio``.

    Only sums over families leave the docket. ``n`` is how many are below, ``count`` how many
    above; ``people`` are the families there are, and ``behind`` how many at least have some
    above: by these small groups are held back.
    """

    numerator: str | Conditions
    """What is so of a row, as SQL over the columns; several by name."""
    denominator: str
    """What is so of the rows it is counted among."""
    columns: tuple[str, ...]
    is_share: bool = True
    """Whether what is above is part of what is below."""
    grain: Grain = CASES
    day: str = "received_date"
    is_whole: bool = False

    @property
    def parts(self) -> Conditions:
        """Name what is above."""
        return self.numerator if isinstance(self.numerator, Mapping) else {"": self.numerator}

    def rows(self, asked: Asked) -> pl.DataFrame:
        """Give the rows of an answer."""
        query = self.query(asked)
        sums = fetched(asked.con, query, {"as_of": asked.as_of})
        if asked.by:
            sums = sums.sort(asked.by, nulls_last=True)
        found = [
            row.with_columns(part=pl.lit(part)) if part else row
            for part, row in (
                (part, self._row(sums, asked, number)) for number, part in enumerate(self.parts)
            )
        ]
        return stacked(found)

    def query(self, asked: Asked) -> str:
        """Write what :meth:`rows` runs: rows to families' sums, and those to groups' sums."""
        inner = asked.query(self.columns, grain=self.grain, day=self.day)
        by = "".join(f"{quoted(name)}, " for name in asked.by)
        above = ", ".join(
            f"(count(*) filter ({sql}))::double as above_{number}"
            for number, sql in enumerate(self.parts.values())
        )
        sums = ", ".join(
            f"sum(above_{at}) as above_{at}, sum(above_{at} * above_{at}) as square_{at}, "
            f"sum(above_{at} * below) as product_{at}"
            for at in range(len(self.parts))
        )
        return f"""
with family as (
    select {by}{FAMILY}, (count(*) filter ({self.denominator}))::double as below, {above}
    from ({inner})
    group by all
)
select {by}count(*) as families, sum(below) as below, sum(below * below) as below_square, {sums}
from family
group by all
"""

    def _row(self, sums: pl.DataFrame, asked: Asked, at: int) -> pl.DataFrame:
        """Give a part's rows, one a group."""

        def numbers(name: str) -> NDArray[np.float64]:
            return sums[name].cast(pl.Float64).fill_null(0.0).to_numpy()

        above, below = numbers(f"above_{at}"), numbers("below")
        with np.errstate(all="ignore"):
            ratio = above / below
            squares = (
                numbers(f"square_{at}")
                - 2 * ratio * numbers(f"product_{at}")
                + ratio**2 * numbers("below_square")
            )
        found = ratios_of_sums(
            above,
            below,
            np.maximum(squares, 0),
            sums["families"].to_numpy().astype(np.int64),
            is_share=self.is_share,
        )
        columns: dict[str, ArrayLike] = {
            "count": above.round().astype(np.int64),
            "n": below.round().astype(np.int64),
            "families": found.families,
            "people": found.families,
            "behind": _behind(above, numbers(f"square_{at}")),
            "value": found.ratio,
            "lower": found.lower,
            "upper": found.upper,
        }
        keys = [sums[name] for name in asked.by]
        values = [pl.Series(name, np.asarray(of)) for name, of in columns.items()]
        return pl.DataFrame([*keys, *values]).with_columns(
            pl.col("value", "lower", "upper").fill_nan(None)
        )


def _behind(sums: NDArray[np.float64], squares: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give how many families a sum comes from, at the least: Cauchy's inequality.

    Where all that have any have as many, it is their number; where few have most, less.
    """
    least = sums**2 / np.where(squares > 0, squares, 1.0)
    return np.floor(least + 1e-9).astype(np.int64)
