"""The findings on the Dedicated Docket, in the order in which people ask."""

from dataclasses import dataclass, replace
from datetime import date

from opendocket.docket import Docket
from opendocket.findings.attendance import attendance
from opendocket.findings.counsel import counsel
from opendocket.findings.courts import courts
from opendocket.findings.finding import Section, Sentence
from opendocket.findings.limits import limits
from opendocket.findings.orders import orders
from opendocket.findings.outcomes import outcomes
from opendocket.findings.promise import promise
from opendocket.findings.sources import sources
from opendocket.findings.study import Study, study
from opendocket.findings.years import years
from opendocket.progress import Progress, silent

TITLE = "The Dedicated Docket"
ABOUT = (
    "In May 2021 the U.S. immigration courts opened a docket on which recently arrived families "
    "were to have their cases decided within 300 days of the first master hearing, rather than "
    "after several years."
)
QUESTIONS = (promise, years, outcomes, attendance, counsel, orders, courts, limits)
IN_BRIEF = ("promise", "years", "outcomes")
"""Sections whose answers are the three most important sentences."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything a report says."""

    title: str
    about: str
    study: Study
    sections: tuple[Section, ...]

    @property
    def in_brief(self) -> tuple[Sentence, ...]:
        """Give the three most important sentences."""
        by_slug = {section.slug: section for section in self.sections}
        return tuple(by_slug[slug].answer for slug in IN_BRIEF)


def dedicated_docket(
    docket: Docket, *, as_of: date | None = None, progress: Progress = silent
) -> Findings:
    """Find out what a docket says about the Dedicated Docket.

    Args:
        docket: An open docket.
        as_of: The day to look at it; the last one the release knows of where None.
        progress: Told of sections.

    Raises:
        DateOutOfRange: Before the Dedicated Docket began, or after the release's last day.
        NothingToShow: The Dedicated Docket has no case by then, or no clock has started.
        TooFewCases: Fewer than five cases or families to measure.

    Source:
        docs/reference/findings.md says which measure and which columns each section rests on.
    """
    frozen = study(docket, as_of=as_of)
    sections = []
    for done, question in enumerate(QUESTIONS):
        progress("measuring", done, len(QUESTIONS))
        sections.append(question(frozen))
    progress("measuring", len(QUESTIONS), len(QUESTIONS))
    last = replace(sections[-1], tables=(*sections[-1].tables, sources(sections)))
    return Findings(TITLE, ABOUT, frozen, (*sections[:-1], last))
