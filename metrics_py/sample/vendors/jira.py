"""Jira: an epic for each feature that passed Define, and its changes of status."""

from datetime import datetime, timedelta

import polars as pl

from metrics_py.sample.calendar import AS_OF, FIRST_EXTRACT
from metrics_py.sample.vendors.history import Table
from metrics_py.sample.vendors.productboard import jira_connections
from metrics_py.sample.world.company import World

_NOTHING = pl.lit(None, dtype=pl.Datetime("us"))
_JIRA_STATUSES = {"10001": ("To Do", "2"), "10002": ("In Progress", "4"), "10003": ("Done", "3")}


def tables(world: World) -> list[Table]:
    """Every Jira table."""
    by_id = {feature.feature_id: feature for feature in world.features}
    issues, history = [], []
    for connection in jira_connections(world).iter_rows(named=True):
        feature = by_id[connection["feature_id"]]
        steps = [(connection["_from"], "10001")]
        steps += [(at, "10002") for at, status in feature.statuses if status == "st-progress"][:1]
        steps += [(at, "10003") for at, status in feature.statuses if status == "st-launched"][:1]
        # A feature without a log can be born after its first Jira day.
        steps = sorted((max(at, steps[0][0]) + timedelta(seconds=n), status) for n, (at, status) in enumerate(steps))
        steps = [(at, status) for at, status in steps if at <= AS_OF]
        ends: list[datetime | None] = [*[at for at, _ in steps][1:], None][: len(steps)]
        for (at, status), until in zip(steps, ends, strict=True):
            issues.append(
                {
                    "id": connection["issue_id"],
                    "key": connection["issue_key"],
                    "summary": f"Build: {feature.name}",
                    "status": status,
                    "issue_type": "Epic",
                    "created": connection["_from"],
                    "updated": at,
                    "resolved": at if status == "10003" else None,
                    "_from": at,
                    "_to": until,
                }
            )
            history.append(
                {
                    "issue_id": connection["issue_id"],
                    "field_id": "status",
                    "time": at,
                    "value": status,
                    "is_active": until is None,
                    "author_id": "5f1a",
                    "_from": at,
                    "_to": until,
                }
            )
    open_end = {"_to": pl.Datetime("us"), "resolved": pl.Datetime("us")}
    result = [
        Table(
            "jira", "issue", "incremental", pl.DataFrame(issues, infer_schema_length=None, schema_overrides=open_end)
        ),
        Table("jira", "issue_field_history", "incremental", pl.DataFrame(history, infer_schema_length=None)),
    ]
    return result + (_jira_settings() if world.chunk == 0 else [])


def _jira_settings() -> list[Table]:
    def fixed(name: str, rows: list[dict[str, object]]) -> Table:
        return Table(
            "jira", name, "incremental", pl.DataFrame(rows).with_columns(_from=pl.lit(FIRST_EXTRACT), _to=_NOTHING)
        )

    statuses = [
        {"id": status, "name": name, "description": "", "status_category_id": category}
        for status, (name, category) in _JIRA_STATUSES.items()
    ]
    categories = [{"id": "2", "name": "To Do"}, {"id": "4", "name": "In Progress"}, {"id": "3", "name": "Done"}]
    return [
        fixed("status", [dict(row) for row in statuses]),
        fixed("status_category", [dict(row) for row in categories]),
        fixed("field", [{"id": "status", "name": "Status", "is_custom": False}]),
    ]
