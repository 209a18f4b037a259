"""Random DAGs with plans of outcomes, from a seed: mapped tasks and groups, setups, branches, rules, retries."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from unit.engine.simulator import START, Deferred, Failed, Plan, Rescheduled, Skipped, Succeeded
from unit.engine.specs import a_dag, a_task, over_literal, over_xcom

from tradewind.model.outcomes import Outcome
from tradewind.model.spec import DagSpec, ExpandSpec, GroupSpec, TaskSpec
from tradewind.model.states import TriggerRule

RULES = [rule.value for rule in TriggerRule if rule is not TriggerRule.ALL_DONE_SETUP_SUCCESS]


@dataclass
class _Draft:
    """A DAG on the drawing board."""

    rng: random.Random
    tasks: dict[str, dict[str, Any]]
    edges: list[tuple[str, str]]
    groups: list[GroupSpec]
    plan: Plan


def random_case(seed: int) -> tuple[DagSpec, Plan]:
    """A DAG of up to some 20 tasks and what becomes of its attempts."""
    rng = random.Random(seed)
    draft = _Draft(rng, {}, [], [GroupSpec(group_id=None)], Plan())
    fail_stop = rng.random() < 0.1
    for number in range(rng.randint(1, 12)):
        _add_task(draft, f"t{number}", plain=fail_stop)
    if rng.random() < 0.4:
        _add_mapped_group(draft, rng.choice(list(draft.tasks)))
    if rng.random() < 0.4:
        _add_scope(draft)
    for task_id, values in draft.tasks.items():
        draft.plan.outcomes[(task_id, -1)] = _outcomes(rng, values["retries"])
    edges = ",".join(">".join(edge) for edge in draft.edges)
    tasks: list[TaskSpec] = [a_task(task_id, **values) for task_id, values in draft.tasks.items()]
    return a_dag(*tasks, edges=edges, fail_stop=fail_stop, groups=tuple(draft.groups)), draft.plan


def _add_task(draft: _Draft, task_id: str, *, plain: bool) -> None:
    rng = draft.rng
    values: dict[str, Any] = {
        "retries": rng.choice([0, 0, 1, 2]),
        "rule": "all_success" if plain else rng.choice(["all_success", "all_success", *RULES]),
        "is_empty": rng.random() < 0.2,
        "retry_delay": 1.0,
        "priority_weight": rng.randint(1, 5),
        "pool_slots": rng.choice([1, 1, 2]),
    }
    upstream = [other for other in draft.tasks if rng.random() < 2 / (1 + len(draft.tasks))]
    draft.edges += [(other, task_id) for other in upstream]
    kind = rng.random()
    if kind < 0.15:
        values |= {"is_mapped": True, "expand": over_literal(rng.randint(0, 3))}
    elif kind < 0.35 and upstream:
        supplier = rng.choice(upstream)
        values |= {"is_mapped": True, "expand": over_xcom(supplier)}
        draft.plan.lengths[(supplier, -1)] = rng.randint(0, 4)
        draft.tasks[supplier]["is_empty"] = False
    elif kind < 0.45:
        draft.plan.short_circuits[task_id] = rng.random() < 0.5
    values["is_empty"] &= task_id not in draft.plan.short_circuits
    draft.tasks[task_id] = values
    if kind > 0.9 and upstream:
        branch = rng.choice(upstream)
        chosen = [task for from_, task in draft.edges if from_ == branch and rng.random() < 0.6]
        draft.plan.followed[branch] = chosen
        draft.tasks[branch]["is_empty"] = False


def _add_mapped_group(draft: _Draft, supplier: str) -> None:
    """supplier → g(first → second → third) → after, each instance of the group a chain of its own."""
    rng = draft.rng
    literal = rng.random() < 0.5
    expand: ExpandSpec = over_literal(rng.randint(0, 3)) if literal else over_xcom(supplier)
    if not literal:
        draft.plan.lengths[(supplier, -1)] = rng.randint(0, 3)
        draft.tasks[supplier]["is_empty"] = False
    draft.groups.append(GroupSpec(group_id="g", expand=expand))
    previous = supplier
    for name in ("g.first", "g.second", "g.third"):
        draft.tasks[name] = {
            "retries": rng.choice([0, 1]),
            "rule": rng.choice(["all_success", "all_done", "none_failed", "all_success"]),
            "mapped_groups": ("g",),
            "is_mapped": True,
            "group_id": "g",
            "retry_delay": 1.0,
            "is_empty": rng.random() < 0.2,
        }
        draft.edges.append((previous, name))
        previous = name
    draft.tasks["after"] = {"retries": 0, "rule": rng.choice(RULES)}
    draft.edges.append((previous, "after"))


def _add_scope(draft: _Draft) -> None:
    """setup → work → more → teardown, and a task after the teardown."""
    rng = draft.rng
    draft.tasks["setup"] = {"retries": 0, "is_setup": True}
    draft.tasks["work"] = {"retries": rng.choice([0, 1])}
    draft.tasks["more"] = {"retries": 0, "rule": rng.choice(["all_success", "all_done", "none_failed"])}
    draft.tasks["teardown"] = {
        "retries": 0,
        "rule": "all_done_setup_success",
        "is_teardown": True,
        "on_failure_fail_dagrun": rng.random() < 0.3,
    }
    draft.tasks["tail"] = {"retries": 0}
    first = rng.choice([task for task in draft.tasks if task.startswith("t") and task[1:].isdigit()])
    chain = [first, "setup", "work", "more", "teardown", "tail"]
    draft.edges += [*itertools.pairwise(chain), ("setup", "teardown")]


def _outcomes(rng: random.Random, retries: int) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for _ in range(rng.randint(0, retries + 2)):
        kind = rng.random()
        if kind < 0.4:
            outcomes.append(Succeeded())
        elif kind < 0.7:
            outcomes.append(Failed(retryable=rng.random() < 0.9))
        elif kind < 0.8:
            outcomes.append(Skipped())
        elif kind < 0.9:
            outcomes.append(Rescheduled(at=START + timedelta(days=2)))
        else:
            outcomes.append(Deferred(trigger_classpath="t", trigger_kwargs={}, next_method="m"))
    return outcomes
