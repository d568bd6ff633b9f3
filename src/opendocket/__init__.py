"""Load, measure and publish the U.S. immigration courts' records.

A release of the courts' records becomes a docket, a DuckDB file; a measure asks it one
question on one day, by name and by anybody's definition. ::

    import opendocket as od

    made = od.synthesize(Path("made-up.zip"), cases=20_000, seed=1)
    od.load_release(made.path, Path("made-up.duckdb"))
    with od.open_docket(Path("made-up.duckdb")) as docket:
        od.answer(docket, "in-absentia", where={"docket": "dedicated"}, by="court")

The names here are those that most work needs; each comes from the package that documents
it, and is imported when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opendocket.docket.load import load_release
    from opendocket.docket.opened import open_docket
    from opendocket.errors import DocketError
    from opendocket.estimate.survival import cumulative_incidence, kaplan_meier, median_days
    from opendocket.figures.published import published
    from opendocket.measure.answers import answer
    from opendocket.measure.attendance import absence
    from opendocket.measure.contrasting import contrast
    from opendocket.measure.counsel import counsel
    from opendocket.measure.courts import by_court
    from opendocket.measure.outcomes import endings
    from opendocket.measure.population import cases
    from opendocket.measure.promise import kept_promise, pace
    from opendocket.release.fetch import fetch_release
    from opendocket.synthetic.make import synthesize

__all__ = [
    "DocketError",
    "absence",
    "answer",
    "by_court",
    "cases",
    "contrast",
    "counsel",
    "cumulative_incidence",
    "endings",
    "fetch_release",
    "kaplan_meier",
    "kept_promise",
    "load_release",
    "median_days",
    "open_docket",
    "pace",
    "published",
    "synthesize",
]

_HOMES = {
    "DocketError": "errors",
    "absence": "measure.attendance",
    "answer": "measure.answers",
    "by_court": "measure.courts",
    "cases": "measure.population",
    "contrast": "measure.contrasting",
    "counsel": "measure.counsel",
    "cumulative_incidence": "estimate.survival",
    "endings": "measure.outcomes",
    "fetch_release": "release.fetch",
    "kaplan_meier": "estimate.survival",
    "kept_promise": "measure.promise",
    "load_release": "docket.load",
    "median_days": "estimate.survival",
    "open_docket": "docket.opened",
    "pace": "measure.promise",
    "published": "figures.published",
    "synthesize": "synthetic.make",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Import a public name from its home."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """Name what can be asked for."""
    return sorted({*globals(), *__all__})
