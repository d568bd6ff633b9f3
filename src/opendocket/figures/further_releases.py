"""Further figures of whole releases, which only the release of their own month can answer."""

from datetime import date

import polars as pl

from opendocket.figures.rules import COUNT, EXACT_LINES, EXACT_SHARE, How, Rule, figure
from opendocket.figures.targets import Target
from opendocket.figures.whole import lines, whole_count, whole_share

JUNE, JULY = date(2026, 5, 31), date(2026, 6, 30)
NEAR = Rule(0.02, "2 %: readers differ on the hundredth of cases that have no proceeding")
_OWN = "counted by another reader of the same file"

FURTHER_RELEASES: tuple[Target, ...] = (
    figure("G01", "rows of A_TblCase, June 2026", JUNE, 12_610_091, EXACT_LINES, How(
        f"rows kept; {_OWN}", lines("cases"))),
    figure("G02", "rows of B_TblProceeding, June 2026", JUNE, 16_467_602, EXACT_LINES, How(
        f"rows kept; {_OWN}, who dropped 255", lines("proceedings"))),
    figure("G03", "cases with a proceeding, July 2026", JULY, 12_528_057, NEAR, How(
        f"cases that have a proceeding; {_OWN}", whole_count())),
    figure("G05", "cases with an appeal, July 2026", JULY, 8.4, EXACT_SHARE, How(
        f"any row in tblAppeal, of cases with a proceeding; {_OWN}",
        whole_share(pl.col("has_appeal")), "appealed")),
    figure("G06", "last ending overridden by the Board", JULY, 638_534, COUNT, How(
        "closed cases with a decision of the Board on a case appeal after the last completion",
        whole_count(pl.col("is_overridden")), "appealed")),
    figure("G07", "cases with an application, July 2026", JULY, 50.3, EXACT_SHARE, How(
        f"any row in tbl_Court_Appln, of cases with a proceeding; {_OWN}",
        whole_share(pl.col("has_application")), "asylum-filed")),
)  # fmt: skip
