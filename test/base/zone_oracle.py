# SPDX-License-Identifier: Apache-2.0
"""Offsets of zones by Python's zoneinfo, one a line: NAME UTC-SECONDS OFFSET LOCAL-SECONDS OFFSET. Local times that do not exist are
left out. Arguments: folder of the tz database, seed, how many."""
import datetime
import os
import random
import sys
import zoneinfo

NAMES = ["Asia/Shanghai", "Europe/Paris", "America/New_York", "Australia/Melbourne", "Australia/Lord_Howe", "Asia/Kathmandu",
         "Africa/Casablanca", "America/Nuuk", "Antarctica/Troll", "Asia/Dhaka", "Etc/UTC", "Etc/GMT+12", "Pacific/Apia",
         "Pacific/Kiritimati", "Europe/Dublin", "Asia/Urumqi", "America/St_Johns", "Asia/Gaza"]
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
FLAT = datetime.datetime(1970, 1, 1)


def seconds(delta):
    return delta.days * 86400 + delta.seconds


def main():
    zoneinfo.reset_tzpath(to=[sys.argv[1]])
    rng = random.Random(int(sys.argv[2]))
    zones = {name: zoneinfo.ZoneInfo(name) for name in NAMES if os.path.exists(os.path.join(sys.argv[1], name))}
    names = sorted(zones)
    near = {name: [] for name in names}
    for name in names:  # hours around changes, where it matters
        last = None
        for hour in range(-40 * 8766, 90 * 8766, 24):
            offset = (EPOCH + datetime.timedelta(hours=hour)).astimezone(zones[name]).utcoffset()
            if last is not None and offset != last:
                near[name].append(hour * 3600)
            last = offset
    for _ in range(int(sys.argv[3])):
        name = rng.choice(names)
        if near[name] and rng.random() < 0.5:
            at = rng.choice(near[name]) - rng.randrange(0, 90000)
        else:
            at = rng.randrange(-86400 * 365 * 150, 86400 * 365 * 300)
        there = (EPOCH + datetime.timedelta(seconds=at)).astimezone(zones[name])
        offset = seconds(there.utcoffset())
        wall = there.replace(tzinfo=None, fold=0)
        local = seconds(wall - FLAT)
        print(name, at, offset, local, seconds(wall.replace(tzinfo=zones[name]).utcoffset()))


main()
