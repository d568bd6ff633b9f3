"""One pass over a table's records, compiled: fields to values in Arrow's layouts.

Numba works out the types of what stands here, so nothing is annotated. See
:mod:`opendocket.docket.cells`, which calls it.
"""

import numpy as np

from opendocket.compiled import compiled

NUMBER, TEXT, DATE, INSTANT, FLAG, MONEY = range(6)

NOT_OF_TYPE, TIME_CUT, FINER_CUT, IMPOSSIBLE, WRONG_KEY = range(5)
"""What is said of a field: emptied, cut to its day or its microsecond, kept though impossible,
row set aside."""

CLEANED, RECODED, LOST = 1, 2, 4
"""What was done with a record, as bits."""

TAB, BLANK, DELETE, MINUS, PLUS, POINT, ZERO, NINE, COLON, LETTER_T = (
    9, 32, 127, 45, 43, 46, 48, 57, 58, 84,
)  # fmt: skip
INLINE = 12
NO_DAY = -(2**31)
NO_INSTANT = -(2**63)
DAY_MICROSECONDS = 86_400_000_000
MONEY_SCALE = 10_000
MOST_DIGITS, MOST_MONEY_DIGITS = 18, 14


@compiled
def read(
    text, starts, ends, kinds, slots, na_is_empty, first_days, last_days, key, is_ragged,
    windows, scratch, extra, numbers, views, days, instants, flags, money, valid, said,
    recoded, cleaned, done,
):  # fmt: skip
    """Read every record; the first number given back is -1 where room ran out."""
    width = len(kinds)
    fields = width - 1 if is_ragged else width
    view_bytes = views.view(np.uint8)
    row, said_count, extra_count = 0, 0, 0
    for record in range(len(starts)):
        end = ends[record]
        if key >= 0:
            start, stop, is_odd = _field(text, starts[record], end, key)
            if start <= end:
                source, a, b, how = _clear(text, start, stop, is_odd, scratch, windows)
                if a < b and not _number(source, a, b)[1]:
                    if said_count == len(said):
                        return -1, 0, 0
                    _say(said, said_count, WRONG_KEY, record, -1, key, start, stop)
                    said_count += 1
                    done[record] = LOST
                    continue
        bit, byte = np.uint8(1 << (row & 7)), row >> 3
        done[record] = 0
        position = starts[record]
        for column in range(width):
            if position > end:
                _write_empty(kinds[column], slots[column], row, views)
                continue
            start = position
            is_odd = False
            if column < fields:
                while position < end:
                    c = text[position]
                    if c == TAB:
                        break
                    if c < BLANK or c >= DELETE:
                        is_odd = True
                    position += 1
            else:
                position = end
                is_odd = True
            stop = position
            position += 1
            a, b = start, stop
            source = text
            if is_odd:
                source, a, b, how = _clear(text, start, stop, True, scratch, windows)
                if how & 1:
                    cleaned[column] += 1
                    done[record] |= CLEANED
                if how & 2:
                    recoded[column] += 1
                    done[record] |= RECODED
            else:
                while a < b and source[a] == BLANK:
                    a += 1
                while b > a and source[b - 1] == BLANK:
                    b -= 1
            kind, slot = kinds[column], slots[column]
            is_empty = a == b or (
                na_is_empty[column]
                and b - a == 3
                and source[a] == 78
                and source[a + 1] == 47
                and source[a + 2] == 65
            )
            if is_empty:
                _write_empty(kind, slot, row, views)
                continue
            what, is_impossible = -1, False
            if kind == TEXT:
                size = b - a
                views[slot, row, 0] = size
                if size <= INLINE:
                    for i in range(size):
                        view_bytes[slot, row, 4 + i] = source[a + i]
                    for i in range(size, INLINE):
                        view_bytes[slot, row, 4 + i] = 0
                else:
                    for i in range(4):
                        view_bytes[slot, row, 4 + i] = source[a + i]
                    views[slot, row, 2] = 0
                    if is_odd:
                        if extra_count + size > len(extra):
                            return -1, 0, 0
                        for i in range(size):
                            extra[extra_count + i] = source[a + i]
                        views[slot, row, 3] = len(text) + extra_count
                        extra_count += size
                    else:
                        views[slot, row, 3] = a
                valid[column, byte] |= bit
            elif kind == NUMBER:
                value, is_one = _number(source, a, b)
                if is_one:
                    numbers[slot, row] = value
                    valid[column, byte] |= bit
                else:
                    what = NOT_OF_TYPE
            elif kind == DATE:
                day = _day(source, a, b)
                rest = _rest(source, a, b)
                if day == NO_DAY or rest < 0:
                    what = NOT_OF_TYPE
                else:
                    days[slot, row] = day
                    valid[column, byte] |= bit
                    is_impossible = day < first_days[column] or day > last_days[column]
                    if rest > 0 or _is_finer(source, a, b):
                        what = TIME_CUT
            elif kind == FLAG:
                if b - a == 1 and (source[a] == ZERO or source[a] == ZERO + 1):
                    if source[a] == ZERO + 1:
                        flags[slot, byte] |= bit
                    valid[column, byte] |= bit
                else:
                    what = NOT_OF_TYPE
            elif kind == INSTANT:
                instant = _instant(source, a, b)
                if instant == NO_INSTANT:
                    what = NOT_OF_TYPE
                else:
                    instants[slot, row] = instant
                    valid[column, byte] |= bit
                    day = np.int64(np.floor_divide(instant, DAY_MICROSECONDS))
                    is_impossible = day < first_days[column] or day > last_days[column]
                    if _is_finer(source, a, b):
                        what = FINER_CUT
            else:
                amount, is_one = _amount(source, a, b)
                if is_one:
                    money[slot, row, 0] = amount
                    money[slot, row, 1] = -1 if amount < 0 else 0
                    valid[column, byte] |= bit
                else:
                    what = NOT_OF_TYPE
            if said_count + 2 > len(said):
                return -1, 0, 0
            if what >= 0:
                _say(said, said_count, what, record, row, column, start, stop)
                said_count += 1
            if is_impossible:
                _say(said, said_count, IMPOSSIBLE, record, row, column, start, stop)
                said_count += 1
        row += 1
    return row, said_count, extra_count


@compiled
def _say(said, at, what, record, row, column, start, stop):
    """Note what is to be said of a field."""
    said[at, 0], said[at, 1], said[at, 2] = what, record, row
    said[at, 3], said[at, 4], said[at, 5] = column, start, stop


@compiled
def _write_empty(kind, slot, row, views):
    """Leave a value out; a string's view must not point anywhere."""
    if kind == TEXT:
        for i in range(4):
            views[slot, row, i] = 0


@compiled
def _field(text, start, end, column):
    """Find a field of a record: its start (beyond the end if it has none), end, oddness."""
    position, at = start, 0
    while at < column and position < end:
        if text[position] == TAB:
            at += 1
        position += 1
    if at < column:
        return end + 1, end + 1, False
    stop, is_odd = position, False
    while stop < end and text[stop] != TAB:
        if text[stop] < BLANK or text[stop] >= DELETE:
            is_odd = True
        stop += 1
    return position, stop, is_odd


@compiled
def _clear(text, start, stop, is_odd, scratch, windows):
    """Rid a field of controls and blanks around it, and give it as UTF-8.

    The last number is 1 where controls went, 2 where it was read as Windows-1252, 3 for both.
    A tab is no control here: it stands in a field only where that is all that is left.
    """
    if not is_odd:
        while start < stop and text[start] == BLANK:
            start += 1
        while stop > start and text[stop - 1] == BLANK:
            stop -= 1
        return text, start, stop, 0
    how, size, is_high = 0, 0, False
    for i in range(start, stop):
        c = text[i]
        if (c < BLANK and c != TAB) or c == DELETE:
            how = 1
        else:
            scratch[size] = c
            size += 1
            if c > DELETE:
                is_high = True
    if is_high and not _is_utf8(scratch, size):
        how |= 2
        size = _recode(scratch, size, windows)
    start, stop = 0, size
    while start < stop and scratch[start] == BLANK:
        start += 1
    while stop > start and scratch[stop - 1] == BLANK:
        stop -= 1
    return scratch, start, stop, how


@compiled
def _recode(scratch, size, windows):
    """Turn Windows-1252 in the scratch into UTF-8, from its end; give the new size."""
    grown = size
    for i in range(size):
        if scratch[i] > DELETE:
            grown += windows[scratch[i] - 128, 0] - 1
    to = grown
    for i in range(size - 1, -1, -1):
        c = scratch[i]
        if c <= DELETE:
            to -= 1
            scratch[to] = c
        else:
            length = windows[c - 128, 0]
            to -= length
            for j in range(length):
                scratch[to + j] = windows[c - 128, 1 + j]
    return grown


@compiled
def _is_utf8(text, size):
    """Tell whether bytes are UTF-8, by the table of Unicode 3-7: no overlong, no surrogate."""
    i = 0
    while i < size:
        c = text[i]
        if c < 0x80:
            i += 1
            continue
        low, high, more = 0x80, 0xBF, 1
        if 0xC2 <= c <= 0xDF:
            more = 1
        elif 0xE0 <= c <= 0xEF:
            more = 2
            low = 0xA0 if c == 0xE0 else 0x80
            high = 0x9F if c == 0xED else 0xBF
        elif 0xF0 <= c <= 0xF4:
            more = 3
            low = 0x90 if c == 0xF0 else 0x80
            high = 0x8F if c == 0xF4 else 0xBF
        else:
            return False
        if i + more >= size + 0 and i + more > size - 1:
            return False
        if text[i + 1] < low or text[i + 1] > high:
            return False
        for j in range(2, more + 1):
            if text[i + j] < 0x80 or text[i + j] > 0xBF:
                return False
        i += more + 1
    return True


@compiled
def _number(text, a, b):
    """Read a whole number of up to 18 digits, and tell whether it is one."""
    sign = 1
    if text[a] == MINUS or text[a] == PLUS:
        sign = -1 if text[a] == MINUS else 1
        a += 1
    if a == b or b - a > MOST_DIGITS:
        return 0, False
    value = 0
    for i in range(a, b):
        digit = text[i] - ZERO
        if digit < 0 or digit > 9:
            return 0, False
        value = value * 10 + digit
    return sign * value, True


@compiled
def _amount(text, a, b):
    """Read an amount to a ten-thousandth; more decimals than that must be zeros."""
    sign = 1
    if text[a] == MINUS or text[a] == PLUS:
        sign = -1 if text[a] == MINUS else 1
        a += 1
    value, digits, decimals, is_past = 0, 0, 0, False
    for i in range(a, b):
        c = text[i]
        if c == POINT and not is_past:
            is_past = True
            continue
        if c < ZERO or c > NINE:
            return 0, False
        if is_past and decimals == 4:
            if c != ZERO:
                return 0, False
            continue
        value = value * 10 + (c - ZERO)
        digits += 1
        decimals += is_past
        if digits - decimals > MOST_MONEY_DIGITS:
            return 0, False
    if digits == 0:
        return 0, False
    for _ in range(decimals, 4):
        value *= 10
    return sign * value, True


@compiled
def _digits(text, a, count):
    """Read so many digits; -1 where they are none."""
    value = 0
    for i in range(a, a + count):
        c = text[i]
        if c < ZERO or c > NINE:
            return -1
        value = value * 10 + (c - ZERO)
    return value


@compiled
def _day(text, a, b):
    """Read the ten characters of a day, as days since 1970."""
    if b - a < 10 or text[a + 4] != MINUS or text[a + 7] != MINUS:
        return NO_DAY
    year, month, day = _digits(text, a, 4), _digits(text, a + 5, 2), _digits(text, a + 8, 2)
    if year < 1 or month < 1 or month > 12 or day < 1:
        return NO_DAY
    is_leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
    longest = 31
    if month == 2:
        longest = 29 if is_leap else 28
    elif month == 4 or month == 6 or month == 9 or month == 11:
        longest = 30
    if day > longest:
        return NO_DAY
    # days from civil, with years that begin in March
    y = year - 1 if month <= 2 else year
    era = y // 400
    of_era = y - era * 400
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


@compiled
def _rest(text, a, b):
    """Give the microseconds of a day that follow it: 0 for none, -1 for what is no time."""
    size = b - a - 10
    if size == 0:
        return 0
    at = a + 10
    if size < 9 or (text[at] != BLANK and text[at] != LETTER_T):
        return -1
    if text[at + 3] != COLON or text[at + 6] != COLON:
        return -1
    hour, minute = _digits(text, at + 1, 2), _digits(text, at + 4, 2)
    second = _digits(text, at + 7, 2)
    if hour < 0 or hour > 23 or minute < 0 or minute > 59 or second < 0 or second > 59:
        return -1
    value = ((hour * 60 + minute) * 60 + second) * 1_000_000
    if size == 9:
        return value
    if text[at + 9] != POINT or size == 10:
        return -1
    unit = 100_000
    for i in range(at + 10, b):
        if text[i] < ZERO or text[i] > NINE:
            return -1
        value += (text[i] - ZERO) * unit
        unit //= 10
    return value


@compiled
def _is_finer(text, a, b):
    """Tell whether a time says more than its microsecond."""
    for i in range(a + 26, b):
        if text[i] != ZERO:
            return True
    return False


@compiled
def _instant(text, a, b):
    """Read a day and the time within it, as microseconds since 1970."""
    day = _day(text, a, b)
    if day == NO_DAY:
        return NO_INSTANT
    rest = _rest(text, a, b)
    if rest < 0:
        return NO_INSTANT
    return day * DAY_MICROSECONDS + rest
