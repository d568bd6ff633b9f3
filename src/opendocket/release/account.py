"""Where every row read went."""

from dataclasses import dataclass, field

from opendocket.errors import RowsUnaccounted


@dataclass(frozen=True, slots=True)
class TableAccount:
    """One table's rows: read, kept, set aside, and what had to be mended on the way.

    Raises:
        RowsUnaccounted: Rows read are not rows kept plus rows set aside.

    Example:
        >>> TableAccount("A_TblCase", 3, 3, 2, {"too many fields": 1}).balance
        0
    """

    table: str
    expected: int | None
    """Rows by the release's own Count.txt; None where it does not say."""
    read: int
    kept: int
    set_aside: dict[str, int] = field(default_factory=dict)
    """Rows by reason."""
    mended: dict[str, int] = field(default_factory=dict)
    """Rows kept that were not whole, by what was done; nothing of them is lost."""
    repaired: int = 0
    """Of these, rows written down before and after in ``aside_eoir__repair``."""
    passed_over: dict[str, int] = field(default_factory=dict)
    """Lines that are no rows, by what they are."""
    cells_aside: int = 0
    """Values that are not of their column's type; kept as text in ``aside_eoir__cell``."""
    is_accepted: bool = False
    """A mismatch was accepted by hand."""

    def __post_init__(self) -> None:
        """Refuse an account that does not balance."""
        if self.read != self.kept + self.set_aside_count:
            raise RowsUnaccounted(self.table, self.read, self.kept, self.set_aside_count)

    @property
    def set_aside_count(self) -> int:
        """Rows set aside for any reason."""
        return sum(self.set_aside.values())

    @property
    def balance(self) -> int | None:
        """Rows read less rows the release says it holds; None where it does not say."""
        return None if self.expected is None else self.read - self.expected
