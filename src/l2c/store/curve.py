"""The loss curve of a model's whole life, in a number of points that stays small."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, and_, delete, insert, select

from l2c.store.ledger import Scope
from l2c.store.schema import curve_point

CURVE_POINTS = 300
"""At most so many points are kept; one more, and every second goes."""


def add(connection: Connection, scope: Scope, points: Sequence[tuple[int, float]]) -> None:
    """Add points of iteration and loss; older ones are thinned out when there are many."""
    for iteration, loss in points:
        here = and_(scope.its(curve_point), curve_point.c.iteration == iteration)
        connection.execute(delete(curve_point).where(here))
        connection.execute(
            insert(curve_point).values(**scope.owner, iteration=iteration, loss=loss)
        )
    _thin_out(connection, scope)


def _thin_out(connection: Connection, scope: Scope) -> None:
    its = scope.its(curve_point)
    while True:
        points = select(curve_point.c.iteration).where(its).order_by(curve_point.c.iteration)
        kept = list(connection.execute(points).scalars())
        if len(kept) <= CURVE_POINTS:
            return
        every_second = kept[-2::-2]  # the newest point stays
        connection.execute(
            delete(curve_point).where(its, curve_point.c.iteration.in_(every_second))
        )
