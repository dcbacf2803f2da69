# SPDX-License-Identifier: Apache-2.0
"""Dates, times and durations with what Python's datetime makes of them, one a line: OPERATION | ARGUMENTS … | RESULT. Arguments: seed, count."""
import datetime
import random
import sys

DAY = datetime.timedelta(days=1)


def offset(rng):
    return datetime.timezone(datetime.timedelta(minutes=rng.randrange(-18 * 60, 18 * 60 + 1)))


def moment(rng, zone):
    edge = rng.random() < 0.2
    year = rng.choice([1, 4, 1600, 1900, 1970, 2000, 2024, 2100, 9998]) if edge else rng.randrange(1, 9999)
    month, day = rng.choice([(1, 1), (12, 31), (2, 28), (3, 1)]) if edge else (rng.randrange(1, 13), rng.randrange(1, 29))
    return datetime.datetime(year, month, day, rng.randrange(24), rng.randrange(60), rng.randrange(60),
                             rng.choice([0, 0, 500000, rng.randrange(10 ** 6)]), zone)


def text(m):
    whole = m.strftime("%H:%M:%S")
    fraction = f".{m.microsecond:06d}".rstrip("0") if m.microsecond else ""
    zone = "" if m.tzinfo is None else m.isoformat()[-6:]
    return f"{m.year:04d}-{m.month:02d}-{m.day:02d}T{whole}{fraction}{'Z' if zone == '+00:00' else zone}"


def duration(d):
    us = (d.days * 86400 + d.seconds) * 10 ** 6 + d.microseconds
    sign, us = ("-", -us) if us < 0 else ("", us)
    s, fraction = divmod(us, 10 ** 6)
    out = f"{s // 86400}D" if s >= 86400 else ""
    clock = "".join(f"{v}{u}" for v, u in ((s // 3600 % 24, "H"), (s // 60 % 60, "M")) if v)
    if s % 60 or fraction:
        clock += f"{s % 60}" + (f".{fraction:06d}".rstrip("0") if fraction else "") + "S"
    if not out and not clock:
        clock = "0S"
    return f"{sign}P{out}{'T' + clock if clock else ''}"


def span(rng):
    scale = rng.choice([1, 60, 86400, 86400 * 400])
    return datetime.timedelta(seconds=rng.randrange(-5 * scale, 5 * scale + 1), microseconds=rng.choice([0, 0, rng.randrange(10 ** 6)]))


def main():
    rng = random.Random(int(sys.argv[1]))
    for _ in range(int(sys.argv[2])):
        zone = offset(rng) if rng.random() < 0.6 else None
        a, b, d = moment(rng, zone), moment(rng, offset(rng) if zone else None), span(rng)
        op = rng.randrange(5)
        try:
            if op == 0:
                print("add", text(a), duration(d), text(a + d), sep="|")
            elif op == 1:
                print("subtract", text(a), text(b), duration(a - b), sep="|")
            elif op == 2:
                print("compare", text(a), text(b), (a > b) - (a < b), sep="|")
            elif op == 3:
                iso = a.isocalendar()
                print("calendar", text(a)[:10], a.isoweekday(), f"{a.timetuple().tm_yday} {iso[1]} {a.toordinal() - 719163}", sep="|")
            else:
                print("duration", duration(d), "-", duration(d), sep="|")
        except OverflowError:
            pass


main()
