# SPDX-License-Identifier: Apache-2.0
"""Operations on decimals with their results by Python's decimal, one a line: OP A B RESULT, RESULT "none" where there is none.
Arguments: seed, operations. Sums, products, … are rounded once to 34 digits; the rest is computed with 110 digits first."""
import decimal
import random
import sys
from decimal import Decimal

CONTEXT = decimal.Context(prec=34, rounding=decimal.ROUND_HALF_EVEN, Emin=-6143, Emax=6144, clamp=0,
                          traps=[decimal.Overflow, decimal.InvalidOperation, decimal.DivisionByZero])
WIDE = decimal.Context(prec=110, Emin=-999999, Emax=999999, traps=[decimal.Overflow, decimal.InvalidOperation, decimal.DivisionByZero])
EXACT = decimal.Context(prec=13000, Emin=-999999, Emax=999999, traps=[decimal.Overflow, decimal.InvalidOperation, decimal.DivisionByZero])
MODES = {"half_up": decimal.ROUND_HALF_UP, "half_even": decimal.ROUND_HALF_EVEN, "half_down": decimal.ROUND_HALF_DOWN,
         "up": decimal.ROUND_UP, "down": decimal.ROUND_DOWN, "ceiling": decimal.ROUND_CEILING, "floor": decimal.ROUND_FLOOR}
EDGES = [Decimal(t) for t in (
    "0", "1", "-1", "2", "5", "10", "0.1", "0.5", "9", "99", "1e-6176", "9999999999999999999999999999999999",
    "-9999999999999999999999999999999999", "1e6111", "9999999999999999999999999999999999e6111", "1000000000000000000000000000000001",
    "0.9999999999999999999999999999999999", "1.000000000000000000000000000000001", "18446744073709551615", "18446744073709551616",
    "9223372036854775807", "-9223372036854775808", "5e-34", "3", "7", "1e33", "1e34", "4611686018427387904", "1e19", "1e-19", "12", "139",
    "2.5", "-2.5", "0.25", "1.5", "340282366920938463463374607431768.2")]


def digits(rng, n):
    kind = rng.random()
    if kind < 0.1:
        return int("9" * n)
    if kind < 0.2:
        return 10 ** (n - 1) + rng.randrange(3)
    if kind < 0.3:
        return int(rng.choice("123456789") + "0" * (n - 1)) if n > 1 else rng.randrange(1, 10)
    if kind < 0.4:
        return 5 * 10 ** (n - 1)
    return rng.randrange(10 ** (n - 1), 10 ** n)


def number(rng):
    kind = rng.random()
    if kind < 0.08:
        return rng.choice(EDGES)
    n = rng.randrange(1, 35) if kind < 0.6 else rng.randrange(1, 12)
    exponent = rng.randrange(-40, 12) if kind < 0.5 else rng.randrange(-6, 2) if kind < 0.95 else rng.randrange(-6176, 6111 - n)
    return Decimal((rng.randrange(2), tuple(map(int, str(digits(rng, n)))), exponent))


def modulo(a, b):
    if b == 0:
        raise decimal.DivisionByZero
    if a == 0:
        return Decimal(0)
    span = max(a.adjusted(), b.adjusted()) - min(a.as_tuple().exponent, b.as_tuple().exponent)
    context = EXACT if span > 100 else WIDE
    r = context.remainder(a, b)
    return CONTEXT.plus(r) if r == 0 or (r < 0) == (b < 0) else CONTEXT.add(r, b)


def power(a, b):
    if a == 0:
        if b < 0:
            raise decimal.InvalidOperation
        return Decimal(1 if b == 0 else 0)
    return CONTEXT.plus(WIDE.power(a, b))


def log(a, b):
    if a == 0:
        raise decimal.InvalidOperation
    return CONTEXT.plus(WIDE.ln(a))


def rounded(mode):
    def apply(a, b):
        if -a.as_tuple().exponent <= b:  # nothing is cut off, and no zero is added
            return a
        return CONTEXT.plus(a.quantize(Decimal((0, (1,), -int(b))), rounding=MODES[mode], context=EXACT))
    return apply


OPERATIONS = {
    "add": CONTEXT.add, "sub": CONTEXT.subtract, "mul": CONTEXT.multiply, "div": CONTEXT.divide, "modulo": modulo, "power": power,
    "sqrt": lambda a, b: CONTEXT.sqrt(a), "exp": lambda a, b: CONTEXT.plus(WIDE.exp(a)), "log": log,
    "compare": lambda a, b: EXACT.compare(a, b) if abs(a.adjusted() - b.adjusted()) < 9000 else a.compare(b),
}
OPERATIONS.update({mode: rounded(mode) for mode in MODES})
CHEAP = ["add", "sub", "mul", "div", "compare"] + list(MODES)


def operands(rng, op):
    a, b = number(rng), number(rng)
    if op in MODES:
        b = Decimal(rng.randrange(-8, 40))
        if rng.random() < 0.4:  # a tie, or next to one
            a = CONTEXT.scaleb(Decimal(rng.randrange(10 ** 6)) + Decimal("0.5"), -min(int(b), 25))
    elif op == "exp":
        a = CONTEXT.scaleb(a, -a.adjusted() + rng.randrange(-40, 5)) if a else a
    elif op == "power":
        if rng.random() < 0.5:
            b = Decimal(rng.randrange(-60, 200))
        else:
            b = CONTEXT.scaleb(b, -b.adjusted() + rng.randrange(-6, 3)) if b else b
        if rng.random() < 0.3:
            a = CONTEXT.add(1, CONTEXT.scaleb(Decimal(rng.randrange(-99, 99)), -rng.randrange(2, 33)))
    elif op == "log" and rng.random() < 0.4:
        a = CONTEXT.add(1, CONTEXT.scaleb(Decimal(rng.randrange(-99, 99)), -rng.randrange(2, 34)))
    elif op in ("add", "sub") and rng.random() < 0.3 and a:
        b = CONTEXT.multiply(a, CONTEXT.add(1, CONTEXT.scaleb(Decimal(rng.randrange(-9, 9)), -rng.randrange(30, 40))))
    return a, b


def main():
    rng, count = random.Random(int(sys.argv[1])), int(sys.argv[2])
    dear = ["modulo", "power", "sqrt", "exp", "log"]
    out = []
    for i in range(count):
        op = rng.choice(dear) if i % 12 == 0 else rng.choice(CHEAP)
        try:
            a, b = operands(rng, op)
        except decimal.Overflow:
            continue
        try:
            result = str(OPERATIONS[op](a, b))
        except (decimal.Overflow, decimal.InvalidOperation, decimal.DivisionByZero):
            result = "none"
        out.append(f"{op} {a} {b} {result}\n")
    sys.stdout.write("".join(out))


main()
