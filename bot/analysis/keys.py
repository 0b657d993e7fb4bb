"""Terms as numbers: one of one or two characters is its own number, a longer one has 61 bits of its hash."""

from hashlib import blake2b

LONG = 1 << 61
CHARACTER_BITS = 21
_CHARACTER = (1 << CHARACTER_BITS) - 1


def bare_key(term: str) -> int:
    """Return the number of a term without NUL and halves of surrogate pairs, below 2**62."""
    if 0 < len(term) <= 2:
        return ord(term[0]) << CHARACTER_BITS | (ord(term[1]) if len(term) == 2 else 0)
    return LONG | int.from_bytes(blake2b(term.encode(), digest_size=8).digest()) >> 3


def short_term(number: int) -> str:
    """Return the term of one or two characters that has a number; what stands above its bits is ignored."""
    one, two = number >> CHARACTER_BITS & _CHARACTER, number & _CHARACTER
    return chr(one) + (chr(two) if two else "")


def is_long(bare: int) -> bool:
    """Tell whether a number is a hash, so that the term has to be kept."""
    return bool(bare & LONG)
