"""The loops of a run, compiled: mornings, arrivals, and each judge's days.

Arrays are flat, and said with their index in ``state.py``. The order of everything is that of
``docs/explanation/simulation.md``; no rule of a policy is here, a policy edits the arrays.

An *entry* says that a unit has something on a judge's day: ``judge << 48 | day << 33 |
is_hearing << 32 | unit``.
"""

import numpy as np

from opendocket.compiled import compiled
from opendocket.simulate.log import APPLIED_BIT, KIND_BIT, REPRESENTED_BIT
from opendocket.simulate.luck import ENTRY, HEARING, QUANTILES, RETURN, claim, drawn
from opendocket.simulate.tables import (
    BACK,
    CLOSED,
    DECISIONS,
    DECLINED,
    DRAWN,
    FIRST_DECISION,
    FIRST_MASTER,
    GAPS,
    INDIVIDUAL,
    LATER_MASTER,
    LEAST_DAYS_BACK,
    RECEIVED,
    RETURNED,
    SET,
    STAGES,
    WAYS,
)
from opendocket.simulate.world import NEVER, NOWHERE

N_STAGES, N_GAPS, N_DECISIONS, N_WAYS = len(STAGES), len(GAPS), len(DECISIONS), len(WAYS)
MOST_HEARINGS = 250
CREDIT = 4.0
"""What a docket's credit by quota is kept within."""

BLOCK = 28
MOST_A_DAY = 512
"""Families that a judge can hear on a day: two kinds, up to 255 of each."""

FULL, ONE, NONE = np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(1), np.uint64(0)
EIGHT_BITS = np.uint64(24)
SPREAD = np.uint64(0x03F79D71B4CB0A89)
"""A de Bruijn sequence: times a power of two, its highest six bits name the power."""

PLACES = np.zeros(64, dtype=np.int64)
for _i in range(64):
    PLACES[((0x03F79D71B4CB0A89 << _i) & 0xFFFFFFFFFFFFFFFF) >> 58] = _i


@compiled
def first_free(bits, base, words, day):
    """Give the first day from ``day`` on whose bit is set; -1 for none."""
    word = day >> 6
    if word >= words:
        return -1
    found = bits[base + word] & (FULL << np.uint64(day & 63))
    while found == NONE:
        word += 1
        if word == words:
            return -1
        found = bits[base + word]
    lowest = found & (~found + ONE)
    return (word << 6) + PLACES[np.int64((lowest * SPREAD) >> np.uint64(58))]


@compiled
def book(u, d, units, j, judges, left, bits, words, horizon, holds, release):
    """Give a unit the first free slot that its docket may take, and say which day."""
    kind = 1 if units[u].stage == INDIVIDUAL else 0
    docket = np.int64(units[u].docket)
    first = np.int64(units[u].wanted)
    if first <= d:
        first = d + 1
    row = kind * judges + j
    each = 2 * judges
    best = first_free(bits, row * words, words, first)
    pool = 0
    if best < 0:
        best = horizon
        pool = NOWHERE
    if holds[docket * judges + j]:
        day = first_free(bits, ((docket + 1) * each + row) * words, words, first)
        if 0 <= day <= best and day < horizon:
            best, pool = day, docket + 1
    elif first <= d + release:
        for other in range(holds.size // judges):
            if holds[other * judges + j]:
                day = first_free(bits, ((other + 1) * each + row) * words, words, first)
                if 0 <= day < best and day <= d + release:
                    best, pool = day, other + 1
    units[u].booked = best
    units[u].pool = pool
    if pool != NOWHERE:
        at = pool * each + row
        left[at * horizon + best] -= np.uint8(1)
        if left[at * horizon + best] == 0:
            bits[at * words + (best >> 6)] &= ~(ONE << np.uint64(best & 63))
    return best


@compiled
def hear(u, d, units, seed, populations, result, gap, like, follow, follow_days, what):
    """Hold one hearing: what it comes to, and what follows. Gives (what, way, due)."""
    stage = np.int64(units[u].stage)
    kind = 1 if stage == INDIVIDUAL else 0
    represented = 1 if units[u].counsel <= d else 0
    applied = 1 if units[u].applies <= d else 0
    population = np.int64(units[u].population)
    w0, w1, w2, w3 = drawn(seed, units[u].key, units[u].hearings, HEARING)
    base = np.int64(units[u].court) * populations + population
    base = (((base * N_STAGES + stage) * 2 + represented) * 2 + applied) * DRAWN
    m = 0
    while m < DRAWN - 1 and w0 >= result[base + m]:
        m += 1
    if units[u].hearings < MOST_HEARINGS:
        units[u].hearings += np.uint8(1)
    way, due = N_WAYS, 0
    if m <= SET:
        if m == SET:
            units[u].stage = INDIVIDUAL
        elif stage == FIRST_MASTER:
            units[u].stage = LATER_MASTER
        at = (np.int64(like[units[u].docket]) * 2 + kind) * N_GAPS + m
        days = np.int64(gap[at * QUANTILES + np.int64(w1 >> EIGHT_BITS)])
        units[u].wanted = min(d + max(days, 1), NEVER - 1)
    else:
        units[u].stage = CLOSED
        units[u].decided = d
        units[u].outcome = m
        at = (population * N_DECISIONS + m - FIRST_DECISION) * N_WAYS
        way = 0
        while way < N_WAYS and w2 >= follow[at + way]:
            way += 1
        if way < N_WAYS:
            at = (population * N_WAYS + way) * QUANTILES
            due = d + np.int64(follow_days[at + np.int64(w3 >> EIGHT_BITS)])
    what[0] = m
    what[1] = m | (kind * KIND_BIT) | (represented * REPRESENTED_BIT) | (applied * APPLIED_BIT)
    what[2] = way
    what[3] = due


@compiled
def settle(u, d, units, what, limited, back, b, done, f):
    """Note that an ended case will come back, and when its lawyer is free; gives both ends."""
    if what[2] < BACK:
        back[b] = (what[3] << 34) | (u << 2) | what[2]
        b += 1
    court = np.int64(units[u].court)
    if limited[court] and units[u].counsel != NEVER:
        day = max(d, np.int64(units[u].counsel)) + LEAST_DAYS_BACK
        done[f] = (court << 32) | day
        f += 1
    return b, f


@compiled
def claimed(key, court, docket, dockets, bench_at, bench, weight):
    """Give the judge who claims a unit, among those who serve its docket; -1 for nobody."""
    at = court * dockets + docket
    best, least = -1, np.int64(0x7FFFFFFFFFFFFFFF)
    for i in range(bench_at[at], bench_at[at + 1]):
        this = claim(key, bench[i], np.int64(weight[bench[i]]))
        if this < least:
            best, least = bench[i], this
    return best


@compiled
def reclaimed(chosen, units, dockets, bench_at, bench, weight, found):
    """Say who claims each of some units."""
    for i in range(chosen.size):
        u = chosen[i]
        found[i] = claimed(
            units[u].key, np.int64(units[u].court), np.int64(units[u].docket), dockets,
            bench_at, bench, weight,
        )  # fmt: skip


@compiled
def before_a_court(units, day, found):
    """Tell which units are open and have entered by a day."""
    for u in range(units.size):
        found[u] = units[u].stage < CLOSED and units[u].enters <= day


@compiled
def holds_slot(u, units, place, kind, first, last):
    """Tell whether a unit holds a slot of some judges, of a kind, on some days."""
    booked = units[u].booked
    return (
        first <= booked < last
        and units[u].pool != NOWHERE
        and units[u].stage < CLOSED
        and (units[u].stage == INDIVIDUAL) == (kind == 1)
        and place[units[u].judge] >= 0
    )


@compiled
def count_used(units, place, kind, first, last, used):
    """Count the slots taken in each pool, by judge (where ``place`` says) and day."""
    for u in range(units.size):
        if holds_slot(u, units, place, kind, first, last):
            used[units[u].pool, place[units[u].judge], units[u].booked - first] += 1


@compiled
def beyond(units, place, kind, first, slots, used, found):
    """Find what no longer fits: on each day the units with the highest numbers."""
    last = first + slots.shape[1]
    for u in range(units.size):
        if holds_slot(u, units, place, kind, first, last):
            j, d = place[units[u].judge], units[u].booked - first
            used[j, d] += 1
            found[u] = used[j, d] > slots[j, d]


@compiled
def until(first, end, units, before):
    """Move ``first`` beyond the units that enter before a day, in each court."""
    for court in range(first.size):
        while first[court] < end[court] and units[first[court]].enters < before:
            first[court] += 1


@compiled
def enter(
    first, last, units, placement, populations, dockets, bench_at, bench, weight,
    gap, like, seed, is_booked, entries,
):  # fmt: skip
    """Place what arrives, find its judge and its wanted day; gives how many, or -1 - unit.

    Each court's units from ``first`` to before ``last`` arrive.
    """
    n = 0
    for home in range(first.size):
        for u in range(first[home], last[home]):
            if units[u].stage == DECLINED:
                continue
            court = np.int64(units[u].court)
            if units[u].docket == NOWHERE:
                units[u].docket = placement[court * populations + np.int64(units[u].population)]
            if units[u].judge < 0:
                units[u].judge = claimed(
                    units[u].key,
                    court,
                    np.int64(units[u].docket),
                    dockets,
                    bench_at,
                    bench,
                    weight,
                )
                if units[u].judge < 0:
                    return -1 - u
            today = np.int64(units[u].enters)
            if units[u].wanted < 0:
                w0, _, _, _ = drawn(seed, units[u].key, units[u].hearings, ENTRY)
                at = np.int64(like[units[u].docket]) * 2 * N_GAPS + RECEIVED
                days = np.int64(gap[at * QUANTILES + np.int64(w0 >> EIGHT_BITS)])
                units[u].wanted = min(today + days, NEVER - 1)
            day = today if is_booked else max(today, np.int64(units[u].wanted))
            entries[n] = (np.int64(units[u].judge) << 48) | (day << 33) | np.int64(u)
            n += 1
    return n


@compiled
def morning(
    b0, b1, due, units, seed, dockets, serves, bench_at, bench, weight, gap, like, is_booked,
    limited, free, freed, seekers, seek_days, queue, entries, returned,
):  # fmt: skip
    """Bring back what returns, and let lawyers take cases, day by day.

    ``due`` is sorted: ``day << 34 | unit << 2 | way``. Row c of ``queue`` says where those of
    court c who wait begin and end in ``seekers``, and where its seekers do; it is edited.
    Gives how many entries, or -1 - unit where nobody serves it.
    """
    n, at = 0, 0
    for d in range(b0, b1):
        while at < due.size and due[at] >> 34 == d:
            u = (due[at] >> 2) & 0xFFFFFFFF
            way = due[at] & 3
            at += 1
            returned[n].day = d
            returned[n].unit = u
            returned[n].way = way
            returned[n].ended = units[u].decided
            returned[n].outcome = units[u].outcome
            kind = 1 if way == BACK - 1 else 0
            units[u].stage = INDIVIDUAL if kind else LATER_MASTER
            units[u].decided = -1
            units[u].outcome = 0
            units[u].round += np.uint8(1)
            court, docket = np.int64(units[u].court), np.int64(units[u].docket)
            if not serves[np.int64(units[u].judge) * dockets + docket]:
                units[u].judge = claimed(
                    units[u].key, court, docket, dockets, bench_at, bench, weight
                )
                if units[u].judge < 0:
                    return -1 - u
            w0, _, _, _ = drawn(seed, units[u].key, units[u].hearings, RETURN)
            row = (np.int64(like[docket]) * 2 + kind) * N_GAPS + RETURNED
            days = np.int64(gap[row * QUANTILES + np.int64(w0 >> EIGHT_BITS)])
            units[u].wanted = min(d + max(days, 1), NEVER - 1)
            day = d if is_booked else np.int64(units[u].wanted)
            entries[n] = (np.int64(units[u].judge) << 48) | (day << 33) | np.int64(u)
            n += 1
            if limited[court] and units[u].counsel != NEVER:
                free[court] -= 1
        for court in range(limited.size):
            if not limited[court]:
                continue
            free[court] += freed[court, d]
            while queue[court, 1] < queue[court, 2] and seek_days[queue[court, 1]] <= d:
                queue[court, 1] += 1
            while free[court] > 0 and queue[court, 0] < queue[court, 1]:
                u = seekers[queue[court, 0]]
                queue[court, 0] += 1
                ended = units[u].decided
                if units[u].counsel != NEVER or units[u].stage == DECLINED:
                    continue
                if ended >= 0 and ended <= d - LEAST_DAYS_BACK:
                    continue
                units[u].counsel = d
                free[court] -= 1
                if ended >= 0 and d + LEAST_DAYS_BACK < freed.shape[1]:
                    freed[court, d + LEAST_DAYS_BACK] += 1
    return n


@compiled
def scattered(entries, b0, days, at, out):
    """Put entries in the order of judge and day; ``at`` has a cell for each, and one more."""
    for i in range(entries.size):
        at[(entries[i] >> 48) * days + ((entries[i] >> 33) & 0x7FFF) - b0 + 1] += 1
    for cell in range(at.size - 1):
        at[cell + 1] += at[cell]
    place = at[:-1].copy()
    for i in range(entries.size):
        cell = (entries[i] >> 48) * days + ((entries[i] >> 33) & 0x7FFF) - b0
        out[place[cell]] = entries[i]
        place[cell] += 1


@compiled
def sort_few(values, n):
    """Sort the first ``n`` of a few values that are nearly in order."""
    for i in range(1, n):
        this = values[i]
        k = i
        while k > 0 and values[k - 1] > this:
            values[k] = values[k - 1]
            k -= 1
        values[k] = this


@compiled
def booked_days(
    first_judge, last_judge, b0, b1, judges, entries, entries_at,
    units, left, bits, words, horizon, holds, release,
    seed, populations, result, gap, like, follow, follow_days, limited,
    log_at, log_unit, log_what, log_wait, counts,
    out_at, out, out_n, back, back_n, done, done_n,
):  # fmt: skip
    """Let some judges, one after the other, hear a block of days by the booked calendar."""
    heads = np.empty(BLOCK, np.int64)
    today = np.empty(MOST_A_DAY, np.int64)
    new = np.empty(MOST_A_DAY, np.int64)
    what = np.empty(4, np.int64)
    for j in range(first_judge, last_judge):
        heads[:] = -1
        room = log_at[j + 1] - log_at[j]
        late, after = np.empty(room + 1, np.int64), np.empty(room + 1, np.int64)
        n_late = 0
        row, o, b, f = log_at[j], out_at[j], log_at[j], log_at[j]
        for d in range(b0, b1):
            cell = j * (b1 - b0) + d - b0
            n, n_new = 0, 0
            if new.size < entries_at[cell + 1] - entries_at[cell]:
                new = np.empty(2 * (entries_at[cell + 1] - entries_at[cell]), np.int64)
            for i in range(entries_at[cell], entries_at[cell + 1]):
                u = entries[i] & 0xFFFFFFFF
                if (entries[i] >> 32) & 1 == 0:
                    new[n_new] = u
                    n_new += 1
                elif units[u].booked == d and units[u].judge == j:
                    today[n] = u
                    n += 1
            sort_few(new, n_new)
            for i in range(n_new):
                u = new[i]
                day = book(u, d, units, j, judges, left, bits, words, horizon, holds, release)
                if day < b1:
                    late[n_late], after[n_late] = u, heads[day - b0]
                    heads[day - b0] = n_late
                    n_late += 1
                elif day < horizon:
                    out[o] = (np.int64(j) << 48) | (day << 33) | (1 << 32) | u
                    o += 1
            i = heads[d - b0]
            while i >= 0:
                today[n] = late[i]
                n += 1
                i = after[i]
            sort_few(today, n)
            heard = 0
            for i in range(n):
                u = today[i]
                if units[u].booked != d:
                    continue  # listed twice: taken off this day's calendar, then put back
                wait = d - np.int64(units[u].wanted)
                hear(
                    u, d, units, seed, populations, result, gap, like, follow, follow_days, what
                )
                log_unit[row], log_what[row], log_wait[row] = u, what[1], wait
                row += 1
                heard += 1
                if what[0] <= SET:
                    day = book(
                        u, d, units, j, judges, left, bits, words, horizon, holds, release
                    )
                    if day < b1:
                        late[n_late], after[n_late] = u, heads[day - b0]
                        heads[day - b0] = n_late
                        n_late += 1
                    elif day < horizon:
                        out[o] = (np.int64(j) << 48) | (day << 33) | (1 << 32) | u
                        o += 1
                    continue
                units[u].booked = -1
                units[u].pool = NOWHERE
                b, f = settle(u, d, units, what, limited, back, b, done, f)
            counts[d - b0, j] = heard
        out_n[j], back_n[j], done_n[j] = o - out_at[j], b - log_at[j], f - log_at[j]


@compiled
def rank(u, units, order, target):
    """Give a waiting unit's place in its docket's queue; less is sooner, ties by unit."""
    docket = units[u].docket
    if order[docket] == 0:
        first = np.int64(units[u].filed)
    elif order[docket] == 1:
        first = -np.int64(units[u].filed)
    elif order[docket] == 2:
        first = np.int64(units[u].wanted)
    else:
        first = np.int64(units[u].filed) + target[docket]
    return ((first + 200_000) << 32) | np.int64(u)


@compiled
def push(heap, base, n, key):
    """Add a key to a heap of ``n`` keys from ``base`` on."""
    i = n
    while i > 0:
        above = (i - 1) >> 1
        if heap[base + above] <= key:
            break
        heap[base + i] = heap[base + above]
        i = above
    heap[base + i] = key


@compiled
def pop(heap, base, n):
    """Take the least key off a heap of ``n`` keys."""
    least = heap[base]
    key = heap[base + n - 1]
    i, n = 0, n - 1
    while True:
        below = 2 * i + 1
        if below >= n:
            break
        if below + 1 < n and heap[base + below + 1] < heap[base + below]:
            below += 1
        if heap[base + below] >= key:
            break
        heap[base + i] = heap[base + below]
        i = below
    heap[base + i] = key
    return least


@compiled
def chosen_docket(dockets, waiting, is_strict, credit, base):
    """Give the docket whose turn it is among those with somebody waiting; -1 for none."""
    best = -1
    for k in range(dockets):
        if waiting[k] == 0:
            continue
        if is_strict:
            return k
        if best < 0 or credit[base + k] > credit[base + best]:
            best = k
    return best


@compiled
def pulled_days(
    first_judge, last_judge, b0, b1, judges, dockets, entries, entries_at,
    units, slots, horizon, is_strict, share, credit, order, target,
    seed, populations, result, gap, like, follow, follow_days, limited,
    waiting, waiting_at, waiting_n, still, still_at, still_n,
    log_at, log_unit, log_what, log_wait, counts,
    out_at, out, out_n, back, back_n, done, done_n,
):  # fmt: skip
    """Let some judges, one after the other, take from those waiting, for a block of days.

    Queue ``(j * 2 + kind) * dockets + docket`` is a sorted run in ``waiting``, and a heap of
    what came since; what is left of both is sorted into ``still``.
    """
    heads = np.empty(BLOCK, np.int64)
    what = np.empty(4, np.int64)
    n_queues = 2 * dockets
    for j in range(first_judge, last_judge):
        heads[:] = -1
        room = log_at[j + 1] - log_at[j]
        late, after = np.empty(room + 1, np.int64), np.empty(room + 1, np.int64)
        n_late = 0
        days = b1 - b0
        size = entries_at[(j + 1) * days] - entries_at[j * days] + room + 1
        heap = np.empty(n_queues * size, np.int64)
        heap_n, run_at = np.zeros(n_queues, np.int64), np.zeros(n_queues, np.int64)
        for q in range(n_queues):
            run_at[q] = waiting_at[j * n_queues + q]
        row, o, b, f = log_at[j], out_at[j], log_at[j], log_at[j]
        there = np.empty(dockets, np.int64)
        for d in range(b0, b1):
            cell = j * days + d - b0
            for i in range(entries_at[cell], entries_at[cell + 1]):
                u = entries[i] & 0xFFFFFFFF
                if units[u].judge != j or units[u].booked >= 0:
                    continue
                units[u].booked = d
                q = (dockets if units[u].stage == INDIVIDUAL else 0) + np.int64(units[u].docket)
                push(heap, q * size, heap_n[q], rank(u, units, order, target))
                heap_n[q] += 1
            i = heads[d - b0]
            while i >= 0:
                u = late[i]
                units[u].booked = d
                q = (dockets if units[u].stage == INDIVIDUAL else 0) + np.int64(units[u].docket)
                push(heap, q * size, heap_n[q], rank(u, units, order, target))
                heap_n[q] += 1
                i = after[i]
            heard = 0
            for kind in range(2):
                base = (j * 2 + kind) * dockets
                for _ in range(slots[(kind * judges + j) * horizon + d]):
                    for k in range(dockets):
                        q = kind * dockets + k
                        end_q = waiting_at[j * n_queues + q] + waiting_n[j * n_queues + q]
                        there[k] = heap_n[q] + end_q - run_at[q]
                        if not is_strict:
                            credit[base + k] = min(credit[base + k] + share[k], CREDIT)
                    k = chosen_docket(dockets, there, is_strict, credit, base)
                    if k < 0:
                        continue
                    if not is_strict:
                        credit[base + k] = max(credit[base + k] - 1.0, -CREDIT)
                    q = kind * dockets + k
                    end_q = waiting_at[j * n_queues + q] + waiting_n[j * n_queues + q]
                    in_run = run_at[q] < end_q
                    if in_run and (heap_n[q] == 0 or waiting[run_at[q]] < heap[q * size]):
                        u = waiting[run_at[q]] & 0xFFFFFFFF
                        run_at[q] += 1
                    else:
                        u = pop(heap, q * size, heap_n[q]) & 0xFFFFFFFF
                        heap_n[q] -= 1
                    wait = d - np.int64(units[u].wanted)
                    hear(
                        u, d, units, seed, populations, result, gap, like, follow,
                        follow_days, what,
                    )  # fmt: skip
                    log_unit[row], log_what[row], log_wait[row] = u, what[1], wait
                    row += 1
                    heard += 1
                    units[u].booked = -1
                    if what[0] <= SET:
                        day = np.int64(units[u].wanted)
                        if day < b1:
                            late[n_late], after[n_late] = u, heads[day - b0]
                            heads[day - b0] = n_late
                            n_late += 1
                        else:
                            out[o] = (np.int64(j) << 48) | (day << 33) | u
                            o += 1
                        continue
                    b, f = settle(u, d, units, what, limited, back, b, done, f)
            counts[d - b0, j] = heard
        out_n[j], back_n[j], done_n[j] = o - out_at[j], b - log_at[j], f - log_at[j]
        for q in range(n_queues):
            at_q = still_at[j * n_queues + q]
            keys = np.sort(heap[q * size : q * size + heap_n[q]])
            end_q = waiting_at[j * n_queues + q] + waiting_n[j * n_queues + q]
            i, r, w = 0, run_at[q], at_q
            while i < keys.size or r < end_q:
                if r < end_q and (i == keys.size or waiting[r] < keys[i]):
                    still[w] = waiting[r]
                    r += 1
                else:
                    still[w] = keys[i]
                    i += 1
                w += 1
            still_n[j * n_queues + q] = w - at_q


@compiled
def in_order_of_days(
    b0, b1, judges, log_at, log_unit, log_what, log_wait, counts, unit, what, wait
):
    """Copy a block's hearings from the order of judges to that of days, then judges."""
    place = 0
    at = log_at[:judges].copy()
    for d in range(b1 - b0):
        for j in range(judges):
            for _ in range(counts[d, j]):
                i = at[j]
                unit[place], what[place], wait[place] = log_unit[i], log_what[i], log_wait[i]
                at[j] += 1
                place += 1
