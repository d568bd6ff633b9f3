"""A run's luck worked out with Python's own whole numbers: slow, plain, and shared by none.

Philox4x32-10 from Salmon, Moraes, Dror & Shaw, Parallel random numbers: as easy as 1, 2, 3,
SC11 (2011), section 3.3 and table 2; the mixer of a claim is SplitMix64 (Steele, Lea & Flood,
OOPSLA 2014).
"""

WORD, LONG = 2**32, 2**64
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)
ROUNDS = 10
GOLDEN, FIRST_MIX, SECOND_MIX = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
SECOND_KEY = 0x0D0C


def philox(counter, key):
    """Turn four words and a key of two into four words."""
    x, (k0, k1) = list(counter), key
    for _ in range(ROUNDS):
        high0, low0 = divmod(MULTIPLIERS[0] * x[0], WORD)
        high1, low1 = divmod(MULTIPLIERS[1] * x[2], WORD)
        x = [high1 ^ x[1] ^ k0, low1, high0 ^ x[3] ^ k1, low0]
        k0, k1 = (k0 + WEYL[0]) % WORD, (k1 + WEYL[1]) % WORD
    return tuple(x)


def words(seed, key, nth, purpose):
    """Give the four words of a unit's nth hearing for a purpose."""
    return philox((key, nth, purpose, 0), (seed, SECOND_KEY))


def chosen(word, chances):
    """Give the place of the first cumulated chance that a word is below; None beyond them."""
    total = 0.0
    for place, chance in enumerate(chances):
        total += float(chance)
        if word < total * WORD:
            return place
    return None


def length(word, table):
    """Read a length off 256 quantiles by the word's highest eight bits."""
    return int(table[word // 2**24])


def mixed(x):
    """Scatter a number of 64 bits."""
    x = (x + GOLDEN) % LONG
    x = ((x ^ (x // 2**30)) * FIRST_MIX) % LONG
    x = ((x ^ (x // 2**27)) * SECOND_MIX) % LONG
    return x ^ (x // 2**31)


def claim(key, judge, weight, exponential):
    """Give how late a judge claims a unit, along a table of 257 quantiles of 2**40ths."""
    x = mixed(key * WORD + judge)
    cell, within = x // 2**56, (x // WORD) % 2**24
    high, low = int(exponential[cell]), int(exponential[cell + 1])
    return (high - ((high - low) // 2**12 * within) // 2**12) // weight
