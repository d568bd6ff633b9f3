"""Days on the command line."""

from datetime import date

import click


class Day(click.ParamType):  # type: ignore[type-arg]  # generic only in newer clicks
    """A day, written YYYY-MM-DD and in no other way."""

    name = "date"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Read a day, or say how one is written."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(
                f"{value!r} is not a day; expected YYYY-MM-DD, such as 2022-09-30.", param, ctx
            )
