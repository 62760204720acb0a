"""What every benchmark writes beside its figures: machine, versions, commit and command."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PACKAGES = ("l2c", "numpy", "torch", "xllamacpp")


def write(name: str, figures: dict[str, Any], *, out: Path | None = None) -> None:
    """Write `results/NAME.json`: where and how it was measured, then the figures."""
    header = {
        "command": f"python -m benchmarks.{name} {' '.join(sys.argv[1:])}".strip(),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": machine(),
        "versions": {"python": platform.python_version()} | {p: _version(p) for p in PACKAGES},
    }
    path = out or RESULTS / f"{name}.json"
    path.write_text(json.dumps(header | figures, indent=1, ensure_ascii=False) + "\n")


def machine() -> dict[str, Any]:
    """What it was measured on."""
    facts: dict[str, str] = {}
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            key, _, value = line.partition(":")
            facts.setdefault(key.strip(), value.strip())
    named = ("cpu family", "model", "stepping")
    flags = facts.get("flags", "").split()
    return {
        "cpu": facts.get("model name", platform.processor()),
        "family_model_stepping": [facts[key] for key in named if key in facts],
        "cores": os.cpu_count(),
        "flags": [flag for flag in flags if flag.startswith(("avx", "fma", "f16c"))],
        "system": platform.platform(),
    }


def commit() -> str | None:
    """The commit that was measured, `+` when the tree had changes; None outside of git."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--abbrev=12"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return described.stdout.strip() or None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
