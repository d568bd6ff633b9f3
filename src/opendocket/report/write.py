"""Write findings to a folder: one page that needs no network, pictures, and numbers."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined

from opendocket.errors import AlreadyThere
from opendocket.findings import Figure, Findings, Table
from opendocket.findings.words import day
from opendocket.outputs import written_aside
from opendocket.progress import Progress, silent
from opendocket.report.pictures import Drawn, drawn

PAGE = "index.html"
FIGURES, DATA = "figures", "data"
GENERATOR = '<meta name="generator" content="OpenDocket">'
PLACES = 4
"""Of shares in a CSV; more would give back the counts they come from."""


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """A report, written."""

    folder: Path
    page: Path
    figures: int
    tables: int


def write_report(
    findings: Findings,
    folder: Path,
    *,
    command: str,
    overwrite: bool = False,
    progress: Progress = silent,
) -> WrittenReport:
    """Write findings as a page, with every figure as SVG and PNG and every number as CSV.

    The folder appears whole or not at all.

    Args:
        findings: What to say.
        folder: Where; ``index.html``, ``figures/`` and ``data/`` are written in it.
        command: How the report was made, for its last lines.
        overwrite: Replace a report that is there; no other folder is ever replaced.
        progress: Told of figures drawn.

    Raises:
        AlreadyThere: The folder exists, and ``overwrite`` is off or it holds other things
            than a report.
        CannotWrite: The folder cannot be made.
        NoRoom: The disk filled up.
    """
    if overwrite and not _is_replaceable(folder):
        raise AlreadyThere(folder, "name another folder: this one is not a report")
    word = findings.study.docket.word
    prefix = f"{word}-" if word else ""
    figures = [figure for section in findings.sections for figure in section.figures]
    tables = [table for section in findings.sections for table in section.tables]
    with written_aside(folder, overwrite=overwrite) as aside:
        for name in (FIGURES, DATA):
            (aside / name).mkdir(parents=True)
        pictures = dict(_drawn(figures, progress))
        for figure in figures:
            name = _name(figure, prefix)
            picture = pictures[figure.slug]
            (aside / FIGURES / f"{name}.svg").write_text(picture.wide, encoding="utf-8")
            (aside / FIGURES / f"{name}.png").write_bytes(picture.png)
            _write_numbers(figure, aside / DATA / f"{name}.csv", findings)
        for table in tables:
            _write_numbers(table, aside / DATA / f"{_name(table, prefix)}.csv", findings)
        page = _page(findings, pictures, command=command, prefix=prefix)
        (aside / PAGE).write_text(page, encoding="utf-8")
    return WrittenReport(folder, folder / PAGE, len(figures), len(tables))


def _is_replaceable(folder: Path) -> bool:
    """Tell whether nothing would be lost with a folder but an older report."""
    if not folder.is_dir():
        return True  # what is there, if anything, is refused where it is written
    held = [path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir()]
    if not held:
        return True
    page = folder / PAGE
    return (
        all(_is_ours(path) for path in held)
        and page.is_file()
        and GENERATOR in page.read_text(encoding="utf-8", errors="replace")
    )


def _is_ours(path: Path) -> bool:
    """Tell whether a report would write a file of this name."""
    kinds = {FIGURES: (".svg", ".png"), DATA: (".csv",)}
    return path == Path(PAGE) or (
        len(path.parts) == 2 and path.suffix in kinds.get(path.parts[0], ())
    )


def _name(part: Figure | Table, prefix: str) -> str:
    """Give a file's name; what others published is about real people."""
    slug = part.slug if isinstance(part, Figure) else f"table-{part.slug}"
    return slug if part.is_published else prefix + slug


def _drawn(figures: list[Figure], progress: Progress) -> Iterator[tuple[str, Drawn]]:
    for done, figure in enumerate(figures):
        progress("drawing figures", done, len(figures))
        yield figure.slug, drawn(figure)
    progress("drawing figures", len(figures), len(figures))


def _write_numbers(part: Figure | Table, path: Path, findings: Findings) -> None:
    """Write numbers with the day they were measured and whether they are made up."""
    data = part.data.with_columns(pl.selectors.float().round(PLACES))
    if not part.is_published:
        labels = {
            "measured_as_of": pl.lit(findings.study.as_of),
            "is_synthetic": pl.lit(findings.study.is_synthetic),
        }
        if findings.study.docket.is_simulated:
            labels["is_simulated"] = pl.lit(value=True)
        data = data.with_columns(**{k: v for k, v in labels.items() if k not in data.columns})
    data.write_csv(path)


def _page(findings: Findings, pictures: dict[str, Drawn], *, command: str, prefix: str) -> str:
    environment = Environment(
        loader=PackageLoader("opendocket.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["uri"] = _uri
    return environment.get_template("report.html.jinja").render(
        findings=findings,
        study=findings.study,
        as_of=day(findings.study.as_of),
        generator=GENERATOR,
        pictures=pictures,
        command=command,
        name=lambda part: _name(part, prefix),
    )


def _uri(svg: str) -> str:
    """Put a picture into an address, so that a page needs no file beside it."""
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()
