"""One pass over a table's bytes, compiled: where lines end, and what each is.

Numba works out the types of what stands here, so nothing is annotated. See
:mod:`opendocket.release.records`, which calls it.
"""

from opendocket.compiled import compiled

TAB, NEWLINE, RETURN, BLANK, DELETE, ZERO, NINE = 9, 10, 13, 32, 127, 48, 57

WHOLE, SHORT, FRAGMENT, WIDE, EMPTY = range(5)
"""What a line can be; a fragment is short and does not begin as a record does."""


@compiled
def cut(text, width, numbers_first, starts, ends, tab_counts, kinds, has_return):
    """Find lines, count their tabs, and say what each is."""
    line, start, tabs, is_blank, returns = 0, 0, 0, True, 0
    for at in range(len(text)):
        c = text[at]
        if c > BLANK and c != DELETE:
            is_blank = False
        elif c == TAB:
            tabs += 1
        elif c == RETURN:
            returns += 1
        elif c == NEWLINE:
            end = at
            if end > start and text[end - 1] == RETURN:
                end -= 1
                returns -= 1
            starts[line], ends[line], tab_counts[line] = start, end, tabs
            has_return[line] = returns > 0
            if is_blank and tabs == 0 and _is_bare(text, start, end):
                kinds[line] = EMPTY
            elif tabs == width - 1:
                kinds[line] = WHOLE
            elif tabs >= width:
                kinds[line] = WIDE
            elif _begins_a_record(text, start, end, numbers_first):
                kinds[line] = SHORT
            else:
                kinds[line] = FRAGMENT
            line += 1
            start, tabs, is_blank, returns = at + 1, 0, True, 0


@compiled
def _is_bare(text, start, end):
    """Tell whether a line holds nothing but controls."""
    for at in range(start, end):
        if text[at] == BLANK:
            return False
    return True


@compiled
def _begins_a_record(text, start, end, numbers_first):
    """Tell whether a short line's first fields are the numbers that a record begins with."""
    if numbers_first == 0:
        return True
    fields, digits = 0, 0
    for at in range(start, end + 1):
        c = text[at] if at < end else TAB
        if c == TAB:
            if digits == 0:
                return False
            fields += 1
            digits = 0
            if fields == numbers_first:
                return True
        elif ZERO <= c <= NINE:
            digits += 1
        elif c > BLANK and c != DELETE:
            return False
    return fields > 0
