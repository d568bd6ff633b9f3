"""Courts, places and judges of the synthetic release.

Courts and hearing places are the real ones, from the release's own lists. Judges are not:
made-up decisions must not stand beside a real judge's code, so codes here have a form that
real ones do not have (letter, digit, letter or digit).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from opendocket.columns import code_list

# Rough shares of new cases of people not detained; assumed.
OPEN_COURTS = {
    "MIA": 0.085, "NYC": 0.075, "ORL": 0.055, "CHI": 0.05, "NEW": 0.05, "BOS": 0.05,
    "DAL": 0.045, "HOU": 0.045, "SFR": 0.045, "LOS": 0.04, "NLA": 0.035, "WAS": 0.04,
    "BAL": 0.03, "HYA": 0.02, "ATL": 0.035, "ATD": 0.02, "CHL": 0.03, "DEN": 0.025,
    "SNA": 0.03, "PHI": 0.025, "NYB": 0.02, "NYV": 0.02, "SEA": 0.02, "SND": 0.03,
    "SNC": 0.015, "VNS": 0.015, "SMO": 0.01, "MEM": 0.02, "NOL": 0.02, "CLE": 0.015,
    "DET": 0.012, "ELP": 0.015, "PHO": 0.015, "LVG": 0.012, "HAR": 0.01, "BLM": 0.015,
    "KAN": 0.01, "OMA": 0.012, "POO": 0.01, "SLC": 0.01, "BUF": 0.007, "RIC": 0.01,
    "HLG": 0.012, "LRO": 0.004, "TUC": 0.005, "IMP": 0.005, "HON": 0.002, "SAJ": 0.003,
    "AGA": 0.001, "SAI": 0.001, "LOU": 0.006, "FTW": 0.005, "HSG": 0.015, "HGP": 0.01,
    "WLA": 0.005, "CCC": 0.005, "LOW": 0.005, "STE": 0.008,
}  # fmt: skip

DETAINED_COURTS = {
    "ELO": 0.07, "TAC": 0.05, "KRO": 0.06, "SDC": 0.05, "JNA": 0.06, "OAK": 0.05,
    "PSD": 0.05, "PIS": 0.06, "HLG": 0.05, "ADL": 0.05, "AUR": 0.04, "ELC": 0.02,
    "OTM": 0.04, "OTO": 0.02, "BTV": 0.02, "YOR": 0.03, "ELZ": 0.03, "FLO": 0.05,
    "EPD": 0.05, "CIC": 0.05, "LAN": 0.03, "IMP": 0.02, "NYV": 0.02, "ULS": 0.01,
    "LAD": 0.02, "HOD": 0.02, "SPD": 0.01, "CHI": 0.02,
}  # fmt: skip

# The court that each Dedicated Docket place belongs to, and its share of the docket.
# Boston: published figures A29, A30; Miami and Los Angeles fitted to A24 and A40; the
# others are assumed.
DEDICATED_PLACES = {
    "BDD": ("BOS", 0.187), "MAT": ("MIA", 0.170), "NLT": ("NLA", 0.075),
    "NAT": ("NEW", 0.122), "VAT": ("NYC", 0.110), "NDD": ("NYB", 0.090),
    "SAT": ("SFR", 0.090), "DAT": ("DEN", 0.045), "SDT": ("SND", 0.045),
    "ATS": ("SEA", 0.035), "EAT": ("ELP", 0.018), "TAD": ("DET", 0.013),
}  # fmt: skip

JUDGES_AT_LARGEST, JUDGES_ON_A_DEDICATED_PLACE = 40, 3


@dataclass(frozen=True)
class Courts:
    """Courts by number, with the judges who sit there."""

    codes: tuple[str, ...]
    open_shares: NDArray[np.float64]
    detained_shares: NDArray[np.float64]
    judge_codes: tuple[str, ...]
    first_judge: NDArray[np.int32]
    judge_count: NDArray[np.int32]
    place_codes: tuple[str, ...]
    """Codes of the places of the Dedicated Docket."""
    place_court: NDArray[np.int32]
    place_shares: NDArray[np.float64]

    def number(self, code: str) -> int:
        """Give a court's number."""
        return self.codes.index(code)


def made_up_judges(n: int) -> tuple[str, ...]:
    """Give judge codes of a form that real ones do not have.

    Example:
        >>> made_up_judges(3)
        ('A00', 'A01', 'A02')
    """
    last = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return tuple(f"{letters[i // 360 % 26]}{i // 36 % 10}{last[i % 36]}" for i in range(n))


@cache
def courts() -> Courts:
    """Lay out the courts of the synthetic release."""
    codes = tuple(c for c in code_list("base_city").codes if c not in ("OIT", "OIN", "FCI"))
    open_shares = np.array([OPEN_COURTS.get(c, 0.0) for c in codes])
    detained = np.array([DETAINED_COURTS.get(c, 0.0) for c in codes])
    busiest = np.maximum(open_shares / open_shares.max(), detained / detained.max())
    counts = np.maximum(1, np.ceil(JUDGES_AT_LARGEST * busiest)).astype(np.int32)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int32)
    shares = np.array([share for _, share in DEDICATED_PLACES.values()])
    return Courts(
        codes=codes,
        open_shares=open_shares / open_shares.sum(),
        detained_shares=detained / detained.sum(),
        judge_codes=made_up_judges(int(counts.sum())),
        first_judge=first,
        judge_count=counts,
        place_codes=tuple(DEDICATED_PLACES),
        place_court=np.array(
            [codes.index(court) for court, _ in DEDICATED_PLACES.values()], dtype=np.int32
        ),
        place_shares=shares / shares.sum(),
    )
