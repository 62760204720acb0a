"""`l2c stats`: what was learned so far, and what is being learned now."""

from __future__ import annotations

from rich.table import Table

from l2c.cli.options import DataDir, Json, cell, console, open_runtime, print_json


def stats(data_dir: DataDir = None, as_json: Json = False) -> None:
    """Show status, iterations, loss, vocabulary, conversations learned, and the queue."""
    with open_runtime(data_dir) as runtime:
        view = runtime.learning_view()
    if as_json:
        print_json(view)
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    newest = counting = "none yet"
    if view.bits_curve:
        _, before, after, counted_before, counted_after = view.bits_curve[-1]
        newest, counting = _change(before, after), _change(counted_before, counted_after)
    rows = {
        "status": view.status,
        "iterations": f"{view.iterations}",
        "loss": "none yet" if view.loss is None else f"{view.loss:.3f} nats per token",
        "vocabulary": f"{view.vocabulary_size} tokens",
        "conversations learned": f"{view.conversations_learned}",
        "waiting": f"{view.queue_size} exchanges",
        "newest text": newest,
        "counting alone": counting,
        "checkpoint": view.checkpoint[:12],
        "last verdict": next((row.verdict for row in view.lessons if row.verdict), "none yet"),
    }
    if view.taken_back is not None:
        rows["taken back"] = view.taken_back
    for name, value in rows.items():
        table.add_row(f"[dim]{name}[/dim]", cell(value))
    console.print(table)


def _change(before: float | None, after: float | None) -> str:
    if before is None or after is None:
        return "not measured"
    return f"{before:.2f} → {after:.2f} bits per byte"
