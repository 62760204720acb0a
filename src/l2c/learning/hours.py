"""Whether the learner may work now, or why it rests."""

from __future__ import annotations

from pathlib import Path

from l2c.store.consent import Hours

SUPPLIES = Path("/sys/class/power_supply")
"""Where Linux tells of batteries (Documentation/ABI/testing/sysfs-class-power)."""

IDLE_S = 300.0
"""Somebody who has said nothing for so long is not talking now."""

NIGHT_HOURS = range(1, 6)
NIGHT_IDLE_S = 3600.0
"""In these hours, and when nobody has said anything for so long, the night's lesson may come."""


def is_night(hour: int, quiet_for_s: float) -> bool:
    """Whether it is night by the clock, and nobody is up.

    >>> is_night(3, 7200.0), is_night(3, 60.0), is_night(12, 7200.0)
    (True, False, False)
    """
    return hour in NIGHT_HOURS and quiet_for_s >= NIGHT_IDLE_S


def why_rest(hours: Hours, *, minute: int, quiet_for_s: float, on_battery: bool) -> str | None:
    """The reason to rest, in words; None when the learner may work.

    `minute` is the time of day in minutes since midnight.

    >>> why_rest(Hours(22 * 60, 7 * 60), minute=30, quiet_for_s=0, on_battery=False)
    'Quiet hours until 07:00.'
    """
    begin, end = hours.quiet_from, hours.quiet_until
    if begin is not None and end is not None and (minute - begin) % 1440 < (end - begin) % 1440:
        return f"Quiet hours until {clock(end)}."
    if on_battery and not hours.on_battery:
        return "The machine runs on its battery."
    if hours.only_when_idle and quiet_for_s < IDLE_S:
        return "Somebody is talking; it learns after five quiet minutes."
    return None


def on_battery(supplies: Path = SUPPLIES) -> bool:
    """Whether the machine runs on its battery; where the system does not tell, it does not."""
    return any(
        _says(supply / "type") == "Battery" and _says(supply / "status") == "Discharging"
        for supply in supplies.glob("*")
        if _says(supply / "scope") != "Device"  # a mouse has one too
    )


def _says(file: Path) -> str:
    try:
        return file.read_text("ascii", errors="replace").strip()
    except OSError:
        return ""


def clock(minute: int) -> str:
    """A time of day as people write it.

    >>> clock(7 * 60 + 5)
    '07:05'
    """
    return f"{minute // 60:02}:{minute % 60:02}"
