"""A release's next edition: its zip written again, with edits planted in it.

Works on bytes and lines alone, as the courts' own export would, and knows nothing of the
loader.
"""

import zipfile


class Later:
    """A release to be edited; `write` makes the zip."""

    def __init__(self, path, *, folder="EOIR Case Data 2026-0801 SYNTHETIC"):
        self.folder = folder
        with zipfile.ZipFile(path) as zipped:
            names = [name for name in zipped.namelist() if name.lower().endswith(".csv")]
            self.members = {self._inner(name): zipped.read(name) for name in names}
        self.at = {
            inner.rpartition("/")[2].removesuffix(".csv"): inner for inner in self.members
        }

    @staticmethod
    def _inner(name):
        """Drop the top folder, which names the release."""
        return name.partition("/")[2] if name.count("/") > 1 else name

    def lines(self, table):
        """Give the header and the rows of a table, each a list of fields."""
        text = self.members[self.at[table]]
        header, *rows = text.removesuffix(b"\r\n").split(b"\r\n")
        return header.split(b"\t"), [row.split(b"\t") for row in rows]

    def put(self, table, header, rows):
        """Put a header and rows in a table's place."""
        lines = [header, *rows]
        self.members[self.at[table]] = b"".join(b"\t".join(row) + b"\r\n" for row in lines)

    def drop_rows(self, table, places):
        """Take rows out by their places; give them."""
        header, rows = self.lines(table)
        self.put(table, header, [row for at, row in enumerate(rows) if at not in places])
        return [rows[at] for at in places]

    def set_cells(self, table, column, values):
        """Write values into a column, by the places of the rows."""
        header, rows = self.lines(table)
        at = [name.decode().lower() for name in header].index(column.lower())
        for place, value in values.items():
            rows[place][at] = value.encode()
        self.put(table, header, rows)

    def add_rows(self, table, rows):
        """Add rows at the end."""
        header, there = self.lines(table)
        self.put(table, header, [*there, *rows])

    def add_column(self, table, name, value):
        """Add a column at the end, with one value in every row."""
        header, rows = self.lines(table)
        self.put(table, [*header, name.encode()], [[*row, value.encode()] for row in rows])

    def drop_column(self, table, name):
        """Take a column out."""
        header, rows = self.lines(table)
        at = [each.decode().lower() for each in header].index(name.lower())
        header, *rows = (row[:at] + row[at + 1 :] for row in [header, *rows])
        self.put(table, header, rows)

    def drop_table(self, table):
        """Take a table out."""
        del self.members[self.at.pop(table)]

    def write(self, path, *, announced=()):
        """Write the zip; give its path.

        Count.txt is in line with what the zip holds, but for the tables in ``announced``.
        """
        counts = {
            name: self.members[inner].count(bytes([13, 10])) - 1
            for name, inner in self.at.items()
        } | dict(announced)
        listed = "".join(f"{name}\t{rows}\r\n" for name, rows in counts.items())
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
            for inner, text in self.members.items():
                zipped.writestr(f"{self.folder}/{inner}", text)
            zipped.writestr(f"{self.folder}/Count.txt", listed)
        return path
