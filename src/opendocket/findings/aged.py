"""The same docket on earlier days: why counts of closed cases only fall as it ages."""

import altair as alt
import polars as pl

from opendocket.estimate.shares import Proportion
from opendocket.estimate.survival import Share
from opendocket.findings import theme
from opendocket.findings.finding import Figure, Sentence
from opendocket.findings.study import Study
from opendocket.findings.words import day, percent
from opendocket.measure.population import BEGAN, GOAL_DAYS
from opendocket.measure.vintages import Vintage, half_years, vintages

WAYS = ("of closed cases only", "of all cases, pending ones “not yet”")
WAY_COLOURS = dict(zip(WAYS, (theme.VERMILION, theme.BLUE), strict=True))
WAY_DASHES = dict(zip(WAYS, ([7, 4], [1, 0]), strict=True))


def aged(study: Study) -> Figure | None:
    """Show what the closed-cases-only figure is: it falls as the docket ages.

    None where the docket is too young to have looked two ways.
    """
    seen = vintages(study.con, "dedicated", clock="nta", days=half_years(BEGAN, study.as_of))
    if len(seen) < 2:
        return None
    first, last = seen[0], seen[-1]
    numbers = {
        "first": percent(first.closed_only.share, 0),
        "last": percent(last.closed_only.share, 0),
        "then": day(first.day),
        "now": day(last.day),
    }
    estimates = [vintage.estimated.share for vintage in seen]
    falls = first.closed_only.share - last.closed_only.share
    title = Sentence(
        "Among closed cases only, the same docket went from {first} to {last} within {goal} days",
        {
            "first": numbers["first"],
            "last": numbers["last"],
            "goal": str(GOAL_DAYS),
        },
    )
    if falls > 2 * (max(estimates) - min(estimates)):
        title = Sentence(
            "Of closed cases only, the share closed in time falls from {first} to {last} as the "
            "docket ages; of all cases it stays near {estimate}",
            {
                "first": numbers["first"],
                "last": numbers["last"],
                "estimate": percent(last.estimated.share, 0),
            },
        )
    return Figure(
        slug="promise-aged",
        title=title,
        subtitle=f"Share closed in any way within {GOAL_DAYS} days of the notice to appear, of "
        "cases received by the day the records are frozen. Lines: 95% intervals.",
        alt=Sentence(
            "Two lines over the days on which the records are frozen. Of closed cases only: {first} "
            "on {then}, {last} on {now}. Of all cases: between {low} and {high}.",
            {**numbers, "low": percent(min(estimates)), "high": percent(max(estimates))},
        ),
        data=_points(seen),
        draw=lambda figure, width: _draw(figure, width, study.source),
    )


def _points(seen: tuple[Vintage, ...]) -> pl.DataFrame:
    rows = []
    for vintage in seen:
        shares: tuple[Proportion | Share, ...] = (vintage.closed_only, vintage.estimated)
        for way, share in zip(WAYS, shares, strict=True):
            rows.append(
                {
                    "frozen_on": vintage.day,
                    "way": way,
                    "share": share.share,
                    "lower": share.lower,
                    "upper": share.upper,
                    "case_count": share.n,
                }
            )
    return pl.DataFrame(rows)


def _draw(figure: Figure, width: int, source: str) -> theme.Chart:
    data = figure.data.with_columns(
        day=pl.col("frozen_on").dt.strftime("%Y-%m-%d"),
        label=pl.col("share").map_elements(lambda s: percent(s, 0), return_dtype=pl.String),
        tone=pl.col("way").replace_strict(
            {way: theme.legible(tone) for way, tone in WAY_COLOURS.items()},
            return_dtype=pl.String,
        ),
    )
    x = alt.X(
        "day:T",
        scale=alt.Scale(padding=26),
        axis=alt.Axis(
            title="records frozen on",
            format="%b %Y",
            values=data["day"]
            .unique(maintain_order=True)
            .to_list()[:: 1 if width >= theme.WIDE else 3],
            grid=False,
            labelAngle=0,
        ),
    )
    y = alt.Y("share:Q", scale=alt.Scale(domain=[0, 1]), axis=theme.share_axis())
    colour = theme.coloured("way", WAY_COLOURS)
    base = alt.Chart(data)
    last = data.filter(pl.col("frozen_on") == pl.col("frozen_on").max())
    layers = [
        base.mark_rule(strokeWidth=5, opacity=0.35).encode(
            x=x, y=alt.Y("lower:Q"), y2="upper:Q", color=colour
        ),
        base.mark_line(strokeWidth=2.5).encode(
            x=x, y=y, color=colour, strokeDash=theme.dashed("way", WAY_DASHES)
        ),
        base.mark_point(filled=True, size=55, opacity=1).encode(x=x, y=y, color=colour),
        base.mark_text(dy=-12, fontSize=12, fontWeight="bold").encode(
            x=x, y=y, text="label:N", color=alt.Color("tone:N", scale=None)
        ),
        *(
            alt.Chart(last.filter(pl.col("way") == way))
            .mark_text(align="right", dx=20, dy=dy, fontSize=12, fontWeight="bold")
            .encode(x=x, y=y, text="way:N", color=alt.Color("tone:N", scale=None))
            for way, dy in zip(WAYS, (-34, 20), strict=True)
        ),
    ]
    plot = alt.layer(*layers).properties(
        width=width, height=270 if width >= theme.WIDE else 230
    )
    return theme.dressed(
        plot, title=str(figure.title), subtitle=figure.subtitle, source=source, width=width
    )
