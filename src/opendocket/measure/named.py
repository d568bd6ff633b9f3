"""A measure is a thing with a name: a question, and the rival ways to answer it."""

from dataclasses import dataclass

from opendocket.columns.described import near
from opendocket.errors import UnknownName
from opendocket.measure.estimators import Estimator

ALL = "all"
"""Every definition of a measure, one below the other."""
UNITS = ("_count", "_share", "_days", "_ratio", "_points")
"""What the name of an estimate ends in."""


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """One way to answer a question, by the name of who answers it so."""

    name: str
    """Short, such as ``eoir``."""
    user: str
    """Who, and where it can be read; published figures by their ids."""
    population: str
    """Whom it speaks of, among the cases chosen."""
    numerator: str
    denominator: str
    """Empty for a count."""
    clock: str
    """From when to when, or the day it is counted by."""
    estimator: Estimator
    figures: tuple[str, ...] = ()
    """Published figures that were worked out so; they are compared by `opendocket figures`."""
    caveats: tuple[str, ...] = ()
    """What it does not show, beside the measure's own."""

    @property
    def reads(self) -> tuple[str, ...]:
        """Name the docket's columns that it reads, table first."""
        grain = self.estimator.grain
        columns = dict.fromkeys((*self.estimator.columns, self.estimator.day))
        own = [c for c in columns if c in grain.columns]
        case = [f"out_docket__case.{c}" for c in columns if c not in grain.columns]
        table = grain.reads[0] if grain.reads else ""
        return (*case, *(f"{table}.{c}" for c in own), *grain.reads[1:])


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """A question that is asked of a docket by name.

    Raises:
        ValueError: There is no definition, two have one name, there is no caveat, or the
            estimate's name does not say its unit.
    """

    name: str
    topic: str
    """The file of ``measure`` that answers it."""
    question: str
    estimate: str
    """The column of the answer; its last word says the unit."""
    definitions: tuple[Definition, ...]
    """The first is taken where none is named."""
    assumes: tuple[str, ...]
    source: str
    caveats: tuple[str, ...]
    part: str = ""
    """What the parts of an answer are, such as ``outcome``; empty where it has none."""

    def __post_init__(self) -> None:
        """Refuse a measure that says too little of itself."""
        names = [definition.name for definition in self.definitions]
        if not names or len(set(names)) < len(names):
            raise ValueError(
                f"{self.name}: definitions {names}; expected one or more, each once"
            )
        if not self.caveats:
            raise ValueError(f"{self.name}: no caveat; expected at least one")
        if not self.estimate.endswith(UNITS):
            raise ValueError(f"{self.name}: {self.estimate!r}; expected an end in {UNITS}")

    @property
    def unit(self) -> str:
        """Give the last word of the estimate's name.

        Example:
            >>> from opendocket.measure.catalogue import measure
            >>> measure("in-absentia").unit
            'share'
        """
        return self.estimate.rpartition("_")[2]

    def defined(self, name: str | None) -> tuple[Definition, ...]:
        """Give a definition by name, the first where None, or all.

        Raises:
            UnknownName: No definition of that name.
        """
        if name is None:
            return self.definitions[:1]
        if name == ALL:
            return self.definitions
        names = [definition.name for definition in self.definitions]
        if name not in names:
            raise UnknownName(
                name,
                f"definition of {self.name}",
                near(name, names),
                f"opendocket measures {self.name}",
            )
        return (self.definitions[names.index(name)],)
