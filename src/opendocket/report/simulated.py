"""Write a comparison of scenarios to a folder: a page, pictures and numbers, all SIMULATED."""

import shutil
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined

from opendocket.errors import AlreadyThere
from opendocket.findings.finding import Figure
from opendocket.findings.words import day
from opendocket.outputs import written_aside
from opendocket.progress import Progress, silent
from opendocket.report.differences import COLUMNS, notes, rows_of
from opendocket.report.pictures import Drawn, drawn
from opendocket.report.simulated_figures import figures_of
from opendocket.simulate.answers import MEASURES
from opendocket.simulate.comparing import Compared, Origin
from opendocket.simulate.posing import Answered, Question, answer
from opendocket.simulate.sweep import Design, Executor

PAGE = "index.html"
FIGURES, DATA = "figures", "data"
GENERATOR = '<meta name="generator" content="OpenDocket simulate">'
PREFIX = "simulated-"
"""Begins the name of every file of courts that never were."""
PLACES = 4

CAVEATS = (
    "A simulation says what follows from its chances, gaps and calendars, not what will "
    "happen: laws, practice and who comes change in ways that no past record holds.",
    "Chances at a hearing stay as they were fitted, whatever the policy. That a person decided "
    "sooner has less time to find counsel or to apply is in it; that a hurried hearing is "
    "decided otherwise is not.",
    "Medians are of people received during the run, pending ones not yet. A run that begins "
    "with a backlog is not in balance.",
    "Groups of fewer than eleven people are held back, and what would give them away.",
)


@dataclass(frozen=True, slots=True)
class WrittenComparison:
    """A comparison, written."""

    folder: Path
    page: Path
    figures: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page says beside the numbers."""

    scenarios: Mapping[str, str]
    """Title and assumptions by name, the base first."""
    command: str


def write_comparison(
    compared: Compared,
    origin: Origin,
    shown: Shown,
    folder: Path,
    *,
    progress: Progress = silent,
) -> WrittenComparison:
    """Write a comparison as a page, with every figure as SVG and PNG and all numbers as CSV.

    Args:
        compared: What draws of the scenarios say.
        origin: What they start from.
        shown: What the page says of the scenarios, and how it was made.
        folder: Where; ``index.html``, ``figures/`` and ``data/`` are written in it.
        progress: Told of figures drawn.
    """
    figures = figures_of(compared, origin)
    for name in (FIGURES, DATA):
        (folder / name).mkdir(parents=True, exist_ok=True)
    pictures: dict[str, Drawn] = {}
    for done, figure in enumerate(figures):
        progress("drawing figures", done, len(figures))
        pictures[figure.slug] = drawn(figure)
        _write_figure(figure, pictures[figure.slug], folder, origin)
    progress("drawing figures", len(figures), len(figures))
    for name, data in (("levels", compared.levels), ("differences", compared.differences)):
        _write_numbers(data, folder / DATA / f"{PREFIX}{name}.csv", origin)
    page = _page(compared, origin, shown, figures, pictures)
    (folder / PAGE).write_text(page, encoding="utf-8")
    return WrittenComparison(folder, folder / PAGE, len(figures))


def is_comparison(folder: Path) -> bool:
    """Tell whether a folder holds an earlier comparison, which may be replaced.

    Example:
        >>> is_comparison(Path("nowhere"))
        False
    """
    page = folder / PAGE
    return page.is_file() and GENERATOR in page.read_text(encoding="utf-8", errors="replace")


def _write_figure(figure: Figure, picture: Drawn, folder: Path, origin: Origin) -> None:
    name = PREFIX + figure.slug
    (folder / FIGURES / f"{name}.svg").write_text(picture.wide, encoding="utf-8")
    (folder / FIGURES / f"{name}.png").write_bytes(picture.png)
    _write_numbers(figure.data, folder / DATA / f"{name}.csv", origin)


def _write_numbers(data: pl.DataFrame, path: Path, origin: Origin) -> None:
    """Write numbers with what kind they are: simulated, of whom, by which chances."""
    labelled(data, origin).with_columns(pl.selectors.float().round(PLACES)).write_csv(path)


def labelled(data: pl.DataFrame, origin: Origin) -> pl.DataFrame:
    """Put what kind of numbers they are beside numbers.

    Args:
        data: Any.
        origin: What they start from.
    """
    return data.with_columns(
        run_first_date=pl.lit(origin.first),
        run_last_date=pl.lit(origin.last),
        is_simulated=pl.lit(value=True),
        is_synthetic=pl.lit(value=origin.is_synthetic),
        is_illustrative=pl.lit(value=origin.is_illustrative),
    )


def _page(
    compared: Compared,
    origin: Origin,
    shown: Shown,
    figures: list[Figure],
    pictures: dict[str, Drawn],
) -> str:
    environment = Environment(
        loader=PackageLoader("opendocket.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["uri"] = _uri
    base, *others = compared.scenarios
    return environment.get_template("simulated.html.jinja").render(
        generator=GENERATOR,
        title=f"{', '.join(others)} against {base}",
        banner=banner(origin),
        first=day(origin.first),
        last=day(origin.last),
        figures=figures,
        pictures=pictures,
        notes=notes(compared),
        scenarios=list(shown.scenarios.items()),
        base=base,
        tables=[(name, COLUMNS, rows_of(compared, name)) for name in others],
        measures=[(told.words, told.meaning) for told in MEASURES.values()],
        caveats=CAVEATS,
        command=shown.command,
        provenance=_provenance(origin),
        prefix=PREFIX,
    )


def banner(origin: Origin) -> str:
    """Say at the top of a page what kind of numbers it shows."""
    if origin.is_illustrative:
        return (
            "These courts are made up, and so are their chances: an illustration of how the "
            "simulation works, which says nothing of any court."
        )
    if origin.is_synthetic:
        return (
            "These courts never were: they start from synthetic data, made up by OpenDocket. "
            "No number is about real people."
        )
    return (
        "These courts never were: they start from the record and go on by chances fitted to "
        "it. No number past the first day is of anything that happened."
    )


def _provenance(origin: Origin) -> str:
    begun = f"Cases pending at the start are those of {origin.docket}." if origin.docket else ""
    kind = "made up" if origin.is_illustrative else f"of the fit {origin.fit[:12]}"
    return f"{begun} Chances: {kind}. Seed {origin.seed}."


def _uri(svg: str) -> str:
    """Put a picture into an address, so that a page needs no file beside it."""
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()


def draws_beside(folder: Path) -> Path:
    """Name the place beside a comparison where finished draws are kept until it is written.

    Example:
        >>> draws_beside(Path("out"))
        PosixPath('.out.draws')
    """
    return folder.with_name(f".{folder.name}.draws")


def answer_into(
    folder: Path,
    asked: Question,
    design: Design,
    *,
    command: str,
    executor: Executor | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> tuple[Answered, WrittenComparison]:
    """Answer a question, and write the answer to a folder that appears whole or not at all.

    Finished draws are kept beside the folder until then, so that a sweep that was stopped, in
    whatever way, is gone on with.

    Args:
        folder: Where.
        asked: Scenarios, docket and fit.
        design: How many draws.
        command: How it was made, for the page's last lines.
        executor: Where to run the draws.
        overwrite: Replace a comparison that is there; no other folder is ever replaced.
        progress: Told of draws done and figures drawn.

    Raises:
        AlreadyThere: The folder exists, and ``overwrite`` is off or it holds something else.
        DocketError: What a file or a draw raised.
    """
    if folder.exists() and not overwrite:
        raise AlreadyThere(folder)
    if folder.exists() and not is_comparison(folder):
        raise AlreadyThere(folder, "name another folder: this one is not a comparison")
    kept = draws_beside(folder)
    found = answer(asked, design, executor=executor, kept=kept, progress=progress)
    with written_aside(folder, overwrite=overwrite) as aside:
        written = write_comparison(
            found.compared,
            found.origin,
            Shown(found.told, command),
            aside,
            progress=progress,
        )
    shutil.rmtree(kept, ignore_errors=True)
    return found, WrittenComparison(folder, folder / PAGE, written.figures)
