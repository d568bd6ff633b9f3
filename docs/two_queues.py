"""Make the figures and numbers of docs/explanation/two-queues.md.

Run it by `python docs/two_queues.py`.

Small courts, built by hand, in which two dockets do better than one and in which they do
worse, run by the engine and worked out as a fluid beside it. SIMULATED, from made-up tables.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import erf, sqrt
from pathlib import Path

import altair as alt
import numpy as np
import polars as pl
from numpy.typing import NDArray

from opendocket.findings.finding import Figure, Sentence
from opendocket.findings.theme import (
    BLUE,
    GREY,
    INK,
    RULE,
    VERMILION,
    WIDE,
    coloured,
    dressed,
    legible,
)
from opendocket.report.pictures import drawn
from opendocket.simulate.run import run
from opendocket.simulate.tables import (
    DECISIONS,
    FIRST_MASTER,
    GAPS,
    INDIVIDUAL,
    RESULTS,
    SET,
    WAYS,
    Tables,
    quantiles,
)
from opendocket.simulate.world import NEVER, UNIT, Bench, Rules, World

PICTURES = Path(__file__).parent / "pictures"
SOURCE = (
    "SIMULATED, from made-up tables: one court of {slots} individual hearings a day and "
    "{families} new families a day. Families received in days {first} to {last} of the run."
)

FAMILIES, SLOTS = 8, 9
"""A day: new families, and individual hearings."""
DAYS, LAST_ARRIVAL, HORIZON = 2_600, 1_800, 4_400
FOLLOWED = (500, 1_300)
"""Days of receipt of those who are followed."""
GOOD_SHARE = 0.5
WOULD_SEEK = 0.95
RELIEF = (0.25, 0.90)
"""Of people with a good claim at an individual hearing: without and with counsel."""
REMANDED = (0.35, 0.08)
"""Orders of removal that the Board sends back: of people with a good claim, of others."""
POPULATIONS = ("good, routed", "other, routed", "good", "other")
REMOVAL, GRANTED = RESULTS.index("removal"), RESULTS.index("relief")


@dataclass(frozen=True, slots=True)
class Setting:
    """One court, and how it is split."""

    wait: int
    """Days from receipt to the individual hearing while there is one docket."""
    counsel: tuple[int, int]
    """Days it takes to find counsel where a lawyer is free: mean and standard deviation."""
    lawyers: int = -1
    """Families that lawyers can have at a time; -1 for no limit."""
    routed: float = 0.0
    """Share of new families on the dedicated docket; 0 for one docket."""
    target: int = 0
    """Days from receipt for which its hearings are wanted."""
    held: float = 0.0
    """Share of the hearings held for it, let go ``release`` days before."""
    release: int = 0


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a setting, for those followed."""

    days: float
    """Mean days from receipt until the case had ended for good."""
    accuracy: float
    """Share of people with a good claim who got relief."""
    represented: float
    """Share who had counsel at their first individual hearing."""
    hearings: float
    """Individual hearings a family."""
    families: int
    open: int
    """Of them still open when the run ends."""


def tables(setting: Setting) -> Tables:
    """Lay out what happens at hearings: counsel changes outcomes, and nothing else does."""
    c, n, k = 1, len(POPULATIONS), 2
    result = np.zeros((c, n, 3, 2, 2, len(RESULTS) - 1))
    result[:, :, :INDIVIDUAL, :, :, SET] = 1.0
    for population in range(n):
        for represented in range(2):
            relief = RELIEF[represented] if population % 2 == 0 else 0.0
            result[:, population, INDIVIDUAL, represented, :, GRANTED] = relief
            result[:, population, INDIVIDUAL, represented, :, REMOVAL] = 1 - relief
    gap = np.ones((k, 2, len(GAPS), 256), dtype=np.int16)
    gap[1, 0, SET] = max(setting.target - 1, 1)
    gap[1, 1, GAPS.index("returned")] = max(setting.target, 1)
    follow = np.zeros((n, len(DECISIONS), len(WAYS)))
    follow[:, DECISIONS.index("removal"), WAYS.index("remand")] = REMANDED * 2
    a_year = quantiles(np.linspace(120, 300, 1_000))
    family = np.zeros((n, 12))
    family[:, 0] = 1.0
    return Tables(
        courts=("AAA",),
        populations=POPULATIONS,
        dockets=("ordinary", "dedicated"),
        result=result,
        gap=gap,
        counsel_share=np.full((c, n), WOULD_SEEK),
        counsel_days=np.tile(quantiles(_days_to_counsel(setting)), (n, 1)),
        application_share=np.zeros(n),
        application_days=np.zeros((n, 256), dtype=np.int16),
        follow_share=follow,
        follow_days=np.tile(a_year, (n, len(WAYS), 1)),
        removal_share=np.zeros((n, len(DECISIONS))),
        removal_days=np.zeros((n, 256), dtype=np.int16),
        family_share=family,
        arrivals=np.full((c, n), FAMILIES / n),
        season=np.ones((n, 12)),
        dispersion=np.zeros(n),
    )


def _days_to_counsel(setting: Setting) -> NDArray[np.float64]:
    mean, spread = setting.counsel
    return np.maximum(np.random.default_rng(1).normal(mean, spread, 4_000), 5)


def world(setting: Setting, *, seed: int) -> World:
    """Build the court: people, luck and calendar are the same for every split of a seed."""
    rng = np.random.default_rng(seed)
    before, after = setting.wait * SLOTS, FAMILIES * LAST_ARRIVAL
    units = np.zeros(before + after, dtype=UNIT)
    units["key"] = np.arange(len(units))
    units["wanted"][:before] = np.arange(before) // SLOTS
    units["filed"][:before] = units["wanted"][:before] - setting.wait
    units["filed"][before:] = units["enters"][before:] = np.arange(after) // FAMILIES
    is_good, is_routed, seeks = rng.random((3, len(units)))
    routed = (np.arange(len(units)) >= before) & (is_routed < setting.routed)
    units["population"] = 2 * ~routed + (is_good >= GOOD_SHARE)
    found = np.maximum(rng.normal(*setting.counsel, len(units)), 5).astype(np.int64)
    sought = np.maximum(units["filed"] + found, 0)
    units["seeks"] = np.where(seeks < WOULD_SEEK, np.minimum(sought, NEVER), NEVER)
    units["applies"] = units["counsel"] = NEVER
    units["booked"] = units["decided"] = units["judge"] = -1
    units["docket"][before:] = 255
    units["stage"][:before] = INDIVIDUAL
    units["stage"][before:] = FIRST_MASTER
    units["size"] = 1
    units["pool"] = 255
    slots = np.full((2, 1, HORIZON), 255, dtype=np.uint8)
    slots[1] = SLOTS
    return World(
        start=date(2030, 1, 1),
        days=DAYS,
        units=units,
        bench=Bench(
            ("AAA",), ("AAA-1",), np.zeros(1, np.uint8), np.full(1, 10.0),
            np.ones((1, 2), dtype=bool), np.ones(1, np.uint8), slots,
        ),
        tables=tables(setting),
        rules=Rules(
            dockets=("ordinary", "dedicated"),
            like=(0, 1),
            share=(0.0, setting.held),
            release_days=setting.release,
            order=("oldest", "oldest"),
            target_days=(0, 0),
            placement=np.array([[1, 1, 0, 0]], dtype=np.uint8),
            lawyers=np.array([setting.lawyers], dtype=np.int32),
        ),
        seed=seed,
    )  # fmt: skip


def came(setting: Setting, *, seed: int = 1) -> dict[str, Came]:
    """Run a setting and say what came of it: for everyone, and by docket."""
    done = run(world(setting, seed=seed))
    units, log = done.units, done.log
    first, last = FOLLOWED
    followed = (units["filed"] >= first) & (units["filed"] < last)
    held = log.is_individual()
    individual = np.bincount(log.unit[held], minlength=len(units))
    unit, row = np.unique(log.unit[held], return_index=True)
    had_counsel = np.zeros(len(units), dtype=bool)
    had_counsel[unit] = log.is_represented()[held][row]
    dedicated = units["population"] < 2
    return {
        name: _told(units[chosen], individual[chosen], had_counsel[chosen])
        for name, chosen in (
            ("everyone", followed),
            ("dedicated", followed & dedicated),
            ("ordinary", followed & ~dedicated),
        )
        if chosen.any()
    }


def _told(
    units: NDArray[np.void], individual: NDArray[np.int64], had_counsel: NDArray[np.bool_]
) -> Came:
    closed, good = units["decided"] >= 0, units["population"] % 2 == 0
    days = np.where(closed, units["decided"], DAYS) - units["filed"].astype(np.int64)
    return Came(
        days=float(days.mean()),
        accuracy=float((units["outcome"][good & closed] == GRANTED).sum() / good.sum()),
        represented=float(had_counsel.mean()),
        hearings=float(individual.mean()),
        families=len(units),
        open=int((~closed).sum()),
    )


def waits(setting: Setting) -> tuple[float, float]:
    """Give the wait on each docket as a fluid: what one is spared, the other bears.

    Families a day times their mean wait are those pending, and a split neither makes any nor
    ends any.
    """
    f, whole = setting.routed, float(setting.wait)
    dedicated = float(setting.target) if f else 0.0
    return (whole - f * dedicated) / (1 - f), dedicated


def represented(setting: Setting) -> float:
    """Work out the share with counsel at their first individual hearing, as a fluid.

    Where lawyers have time for all, counsel has come if it takes less time than the wait.
    """
    ordinary, dedicated = waits(setting)
    mean, spread = setting.counsel
    found = [
        (1 + erf((wait - mean) / (spread * sqrt(2)))) / 2 for wait in (ordinary, dedicated)
    ]
    return WOULD_SEEK * ((1 - setting.routed) * found[0] + setting.routed * found[1])


SHORT = Setting(wait=170, counsel=(220, 40))
"""Hearings come sooner than counsel does."""
FEW = replace(SHORT, lawyers=200)
"""The same with lawyers for fewer families than seek one."""
LONG = Setting(wait=300, counsel=(120, 40), lawyers=800)
"""Counsel comes well before the hearing."""
COURTS = {
    "counsel slower than court, lawyers for all": SHORT,
    "counsel slower than court, few lawyers": FEW,
    "counsel faster than court, lawyers for all": LONG,
}
ROUTED = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
SEEDS = (1, 2, 3, 4, 5, 6)


def split(one: Setting, routed: float, target: int = 30) -> Setting:
    """Split a court in two: a tenth more hearings held than the share that is routed."""
    return replace(one, routed=routed, target=target, held=1.1 * routed, release=14)


TOLD = {
    "short": SHORT,
    "short-fifth": split(SHORT, 0.2),
    "short-half": split(SHORT, 0.5),
    "short-most": split(SHORT, 0.65, 90),
    "few": FEW,
    "few-half": split(FEW, 0.5),
    "long": LONG,
    "long-fifth": split(LONG, 0.2),
    "long-half": split(LONG, 0.5),
    "long-most": split(LONG, 0.65, 250),
}
"""Settings of the page's table, in its order."""
ONE = {name: name.partition("-")[0] for name in TOLD}
"""The one docket each is set beside."""


def many(setting: Setting, seeds: Sequence[int] = SEEDS) -> list[dict[str, Came]]:
    """Run a setting with several seeds."""
    return [came(setting, seed=seed) for seed in seeds]


def table() -> str:
    """Write the page's table: means over seeds, differences from one docket, two errors."""
    lines = [
        "| court and split | routed | target | mean days | with relief | by docket |",
        "| --- | --: | --: | --: | --: | --- |",
    ]
    runs = {name: many(setting) for name, setting in TOLD.items()}
    for name, setting in TOLD.items():
        one = runs[ONE[name]] if ONE[name] != name else None
        cells = [
            WORDS[ONE[name]] if one is None else "split",
            f"{setting.routed:.0%}" if one else "",
            f"{setting.target} days" if one else "",
            _cell(runs[name], one, "days", 1),
            _cell(runs[name], one, "accuracy", 100),
            _by_docket(runs[name]) if one else "",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


WORDS = {
    "short": "**counsel slower than court**, lawyers for all: one docket",
    "few": "**the same, few lawyers**: one docket",
    "long": "**counsel faster than court**, lawyers for all: one docket",
}


def _cell(
    runs: list[dict[str, Came]], one: list[dict[str, Came]] | None, what: str, by: float
) -> str:
    found = np.array([getattr(r["everyone"], what) for r in runs]) * by
    unit = "%" if by == 100 else ""
    if one is None:
        return f"{found.mean():.0f}{unit}"
    apart = found - np.array([getattr(r["everyone"], what) for r in one]) * by
    error = 2 * apart.std(ddof=1) / sqrt(len(apart))
    return f"{found.mean():.0f}{unit} ({apart.mean():+.0f} ± {error:.0f})"


def _by_docket(runs: list[dict[str, Came]]) -> str:
    return "; ".join(
        f"{name} {np.mean([r[name].days for r in runs]):.0f} days, "
        f"{np.mean([r[name].accuracy for r in runs]):.0%}"
        for name in ("dedicated", "ordinary")
    )


def paths() -> pl.DataFrame:
    """Give how each court's splits differ from one docket: days, and points of accuracy."""
    rows: list[dict[str, object]] = []
    for name, one in COURTS.items():
        before = [r["everyone"] for r in many(one)]
        for routed in (0.0, *ROUTED):
            after = [r["everyone"] for r in many(split(one, routed))] if routed else before
            pairs = list(zip(before, after, strict=True))
            days = float(np.mean([a.days - b.days for b, a in pairs]))
            accuracy = float(100 * np.mean([a.accuracy - b.accuracy for b, a in pairs]))
            rows.append({"court": name, "routed": routed, "days": days, "accuracy": accuracy})
    return pl.DataFrame(rows)


def shares() -> pl.DataFrame:
    """Give who has counsel by the share routed: the engine's dots and the fluid's line."""
    rows: list[dict[str, object]] = []
    for name, one in (("slower", SHORT), ("faster", replace(LONG, lawyers=-1))):
        for routed in np.linspace(0, 0.65, 27):
            line = {"court": name, "routed": float(routed), "engine": None}
            rows.append({**line, "fluid": represented(split(one, float(routed)))})
        for routed in (0.0, *ROUTED):
            runs = many(split(one, routed) if routed else one)
            engine = float(np.mean([r["everyone"].represented for r in runs]))
            rows.append({"court": name, "routed": routed, "engine": engine, "fluid": None})
    return pl.DataFrame(rows, infer_schema_length=None)


TONES = dict(zip(COURTS, (BLUE, GREY, VERMILION), strict=True))
SHORTER = {name: name.removesuffix(", lawyers for all") for name in COURTS}
BESIDE = [
    ("counsel slower than court, lawyers for all", 0.2, 3, 1.0),
    ("counsel slower than court, lawyers for all", 0.4, -3, 1.2),
    ("counsel slower than court, lawyers for all", 0.6, 0, -2.0),
    ("counsel slower than court, few lawyers", 0.6, 4, 0.0),
    ("counsel faster than court, lawyers for all", 0.2, 4, 0.4),
    ("counsel faster than court, lawyers for all", 0.6, -5, -0.8),
]
"""Dots that say what share they route, and how far from the dot it is written."""
DASHES = dict(zip(COURTS, ([1, 0], [2, 3], [7, 3]), strict=True))


def source() -> str:
    """Say where the pictures' numbers come from."""
    first, last = FOLLOWED
    told = {"slots": SLOTS, "families": FAMILIES, "first": f"{first:,}", "last": f"{last:,}"}
    return SOURCE.format(**told) + f" Means of {len(SEEDS)} runs."


def _draw_paths(figure: Figure, width: int) -> alt.VConcatChart:
    data = figure.data
    x = alt.X(
        "days:Q",
        scale=alt.Scale(domain=[-50, 95], nice=False),
        axis=alt.Axis(title="mean days to the last ending, against one docket", format="+d"),
    )
    y = alt.Y(
        "accuracy:Q",
        scale=alt.Scale(domain=[-36, 20], nice=False),
        axis=alt.Axis(title="percentage points of accuracy, against one docket", format="+d"),
    )
    colour = coloured("court", TONES)
    zero = alt.Chart(pl.DataFrame({"at": [0.0]}))
    rules = [
        zero.mark_rule(color=RULE, strokeWidth=1.5).encode(x="at:Q"),
        zero.mark_rule(color=RULE, strokeWidth=1.5).encode(y="at:Q"),
    ]
    line = alt.Chart(data).encode(x=x, y=y, color=colour, order="routed:Q")
    dash = alt.StrokeDash(
        "court:N",
        scale=alt.Scale(domain=list(DASHES), range=list(DASHES.values())),
        legend=None,
    )
    corners = pl.DataFrame(
        {
            "days": [-49.0, 94.0],
            "accuracy": [18.0, -34.5],
            "text": ["faster and more accurate", "slower and less accurate"],
            "align": ["left", "right"],
        }
    )
    names = pl.DataFrame(
        {
            "days": [-49.0, -49.0, 30.0],
            "accuracy": [3.4, -3.0, -9.0],
            "text": list(SHORTER.values()),
            "tone": [legible(tone) for tone in TONES.values()],
        }
    )
    beside = pl.DataFrame(BESIDE, schema=["court", "routed", "right", "up"], orient="row")
    ends = data.join(beside, on=["court", "routed"]).select(
        days=pl.col("days") + pl.col("right"),
        accuracy=pl.col("accuracy") + pl.col("up"),
        text=pl.format("{}%", (pl.col("routed") * 100).round().cast(pl.Int64)),
    )
    layers = [
        *rules,
        line.mark_line(strokeWidth=2.2).encode(strokeDash=dash),
        line.mark_circle(size=42, opacity=1),
        alt.Chart(ends)
        .mark_text(dy=-9, fontSize=11, color=INK)
        .encode(x=x, y=y, text="text:N"),
    ]
    for align in ("left", "right"):
        part = corners.filter(pl.col("align") == align)
        layers.append(
            alt.Chart(part)
            .mark_text(align=align, fontSize=12, fontStyle="italic", color=GREY)
            .encode(x=x, y=y, text="text:N")
        )
    layers.append(
        alt.Chart(names)
        .mark_text(align="left", fontSize=12 if width >= WIDE else 11, fontWeight="bold")
        .encode(x=x, y=y, text="text:N", color=alt.Color("tone:N", scale=None))
    )
    plot = alt.layer(*layers).properties(width=width, height=360)
    return dressed(
        plot,
        title=str(figure.title),
        subtitle=figure.subtitle,
        source=source(),
        width=width,
    )


def _draw_shares(figure: Figure, width: int) -> alt.VConcatChart:
    tones = {"slower": BLUE, "faster": VERMILION}
    x = alt.X(
        "routed:Q",
        scale=alt.Scale(domain=[0, 0.65], nice=False),
        axis=alt.Axis(title="families on the dedicated docket", format=".0%", grid=False),
    )
    axis = alt.Axis(title="with counsel at the first individual hearing", format=".0%")
    scale = alt.Scale(domain=[0, 1])
    base = alt.Chart(figure.data).encode(x=x, color=coloured("court", tones))
    texts = pl.DataFrame(
        {
            "routed": [0.03, 0.15],
            "share": [0.42, 0.9],
            "text": ["counsel slower than court", "counsel faster than court"],
            "tone": [legible(tone) for tone in tones.values()],
        }
    )
    plot = alt.layer(
        base.transform_filter("isValid(datum.fluid)")
        .mark_line(strokeWidth=2.2)
        .encode(y=alt.Y("fluid:Q", scale=scale, axis=axis)),
        base.transform_filter("isValid(datum.engine)")
        .mark_circle(size=60, opacity=1)
        .encode(y=alt.Y("engine:Q", scale=scale, axis=axis)),
        alt.Chart(texts)
        .mark_text(align="left", fontSize=12, fontWeight="bold")
        .encode(x=x, y=alt.Y("share:Q"), text="text:N", color=alt.Color("tone:N", scale=None)),
    ).properties(width=width, height=300)
    return dressed(
        plot,
        title=str(figure.title),
        subtitle=figure.subtitle,
        source=source(),
        width=width,
    )


def figures() -> tuple[Figure, Figure]:
    """Make the page's two figures, titles saying what was found."""
    return (
        Figure(
            "two-queues-splits",
            Sentence(
                "Two dockets beat one in speed and accuracy, or lose in both: it depends on "
                "the split and on lawyers' time"
            ),
            "Each line starts at one docket; its dots route 10% to 60% of families to a "
            "dedicated docket with a target of 30 days.",
            Sentence(
                "Three lines from the point of one docket. Where counsel is slower than the "
                "court the line goes to faster and more accurate, and turns back when most "
                "are routed. With few lawyers it hardly moves. Where counsel is faster than "
                "the court it goes to slower and less accurate."
            ),
            paths(),
            _draw_paths,
        ),
        Figure(
            "two-queues-counsel",
            Sentence(
                "Sparing some people the wait gives others the time to find counsel, where "
                "time was short; where there was enough it only takes"
            ),
            "Share with counsel by the share routed: dots are the engine's, lines the fluid's.",
            Sentence(
                "Two lines with dots near them. Where counsel is slower than the court the "
                "share with counsel rises steeply, peaks and falls. Where counsel is faster it "
                "falls from the start."
            ),
            shares(),
            _draw_shares,
        ),
    )


START, END = "<!-- table by docs/two_queues.py -->", "<!-- end of table -->"


def main() -> None:
    """Write the pictures, and the page's table in its place."""
    PICTURES.mkdir(exist_ok=True)
    for figure in figures():
        path = PICTURES / f"{figure.slug}.svg"
        path.write_text(drawn(figure).wide + "\n", "utf-8")
        sys.stdout.write(f"{path}\n")
    page = Path(__file__).parent / "explanation" / "two-queues.md"
    before, _, rest = page.read_text("utf-8").partition(START)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{START}\n{table()}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
