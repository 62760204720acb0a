"""A progress bar over lessons and trainings, fed by whoever does the work."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from l2c.cli.options import console


class LessonBar:
    """One line that shows what is being done, step by step; nothing when `quiet`."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f}  {task.fields[detail]}"),
            TimeRemainingColumn(),
            console=console,
            disable=quiet or not console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=1, detail="")

    def show(self, doing: str, step: int, steps: int, detail: str = "") -> None:
        """Show that `doing` has come to `step` of `steps`."""
        self._bar.update(
            self._task, description=doing, completed=step, total=max(steps, 1), detail=detail
        )

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()
