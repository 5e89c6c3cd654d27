"""Numbers as the databases compute them: double precision, half away from zero, none for what has no result."""

from __future__ import annotations

import math
from collections.abc import Callable

from core.lang.kinds import INTEGER_MAX, INTEGER_MIN

_WHOLE = 2.0**52  # doubles from here on are whole numbers


def half_away(number: float) -> float:
    """Rounded to a whole number, half away from zero: trunc(x ± 0.5)."""
    if abs(number) >= _WHOLE:
        return number
    return float(int(number + math.copysign(0.5, number)))


def whole_number(number: float) -> int:
    """Rounded half away from zero to a 64-bit integer; what is beyond becomes the nearest one."""
    rounded = half_away(number)
    if rounded >= INTEGER_MAX:
        return INTEGER_MAX
    return max(int(rounded), INTEGER_MIN) if rounded > INTEGER_MIN else INTEGER_MIN


def rounded_to(number: float, digits: int) -> float:
    """Rounded half away from zero to decimals."""
    step = float(10**digits)
    return half_away(number * step) / step


def rounded_money(number: float, digits: int) -> int:
    """Ten-thousandths rounded half away from zero to decimals of the unit."""
    step = float(10 ** (4 - min(digits, 4)))
    return whole_number(half_away(number / step) * step)


def divide(left: float, right: float) -> float | None:
    """The quotient; none where the divisor is 0."""
    return left / right if right else None


def add(left: float, right: float) -> float | None:
    """The sum; none where it is not a number."""
    return _number(left + right)


def subtract(left: float, right: float) -> float | None:
    """The difference; none where it is not a number."""
    return _number(left - right)


def multiply(left: float, right: float) -> float | None:
    """The product; none where it is not a number."""
    return _number(left * right)


OPERATORS: dict[str, Callable[[float, float], float | None]] = {"+": add, "-": subtract, "*": multiply, "/": divide}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
