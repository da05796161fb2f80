"""Checks of our own that dbt-bouncer runs beside its own: public models are owned and keyed."""

from typing import Any

from dbt_bouncer.check_framework.decorator import check, fail


@check
def check_model_is_owned(model: Any) -> None:
    """A model belongs to a group, whose owner answers for it."""
    if not model.group:
        fail(f"`{model.name}` belongs to no group; give its folder one in dbt_project.yml.")


@check
def check_model_has_key(model: Any) -> None:
    """A model states its primary key, on the model or on one column."""
    constraints = list(model.constraints or [])
    for column in (model.columns or {}).values():
        constraints += column.constraints or []
    if not any("primary_key" in str(constraint.type) for constraint in constraints):
        fail(f"`{model.name}` states no primary key; add the constraint to its YAML.")
