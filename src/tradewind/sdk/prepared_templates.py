"""Jinja environments and templates made ready before a process forks: what a zygote has compiled, no attempt compiles
again. Most of what Jinja costs a fork is not time but the memory that its compiler touches first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import jinja2

    from .dag import DAG

MOST_TEMPLATES = 64
"""Texts of a file that are compiled ahead; compiling takes about a millisecond each, and the first attempt waits."""

_PREPARED: ContextVar[Mapping[str, tuple[DAG, jinja2.Environment]] | None] = ContextVar(
    "tradewind_prepared_templates", default=None
)


def prepare(dags: Iterable[DAG]) -> bool:
    """Make ready what the tasks of these DAGs will render; whether they have a template at all."""
    prepared = dict(_PREPARED.get() or {})
    shared: dict[tuple[Any, ...], jinja2.Environment] = {}
    left = MOST_TEMPLATES
    has_templates = False
    for dag in dags:
        texts = list(dict.fromkeys(_templates_of(dag)))
        has_templates = has_templates or bool(texts)
        # The compiler calls filters of constants: an author's are to be called in the attempt, each time.
        if dag.user_defined_filters or dag.jinja_environment_kwargs:
            continue
        settings = (
            dag.render_template_as_native_obj,
            dag.folder,
            tuple(dag.template_searchpath or ()),
            dag.template_undefined,
            id(dag.user_defined_macros) if dag.user_defined_macros else None,
        )
        environment = shared.get(settings)
        if environment is None:
            environment = shared[settings] = dag.get_template_env()
        for text in texts[:left]:
            environment.compile_ahead(text)  # type: ignore[attr-defined]  # one of ours: no options of the author's
        left = max(0, left - len(texts))
        prepared[dag.dag_id] = (dag, environment)
    _PREPARED.set(prepared)
    return has_templates


def taken(dag: DAG) -> jinja2.Environment | None:
    """The environment that was made ready for this DAG, once in a process: what is changed in it is its taker's."""
    prepared = _PREPARED.get()
    found = prepared.get(dag.dag_id) if prepared else None
    if prepared is None or found is None or found[0] is not dag:
        return None
    _PREPARED.set({dag_id: each for dag_id, each in prepared.items() if each[1] is not found[1]})
    return found[1]


def is_template(text: str) -> bool:
    """Whether Jinja's own delimiters are in the text."""
    return "{{" in text or "{%" in text or "{#" in text


def _templates_of(dag: DAG) -> Iterator[str]:
    for task in dag.tasks:
        given = getattr(task, "partial_kwargs", None)  # of a mapped operator
        for name in task.template_fields:
            value = given.get(name) if isinstance(given, Mapping) else getattr(task, name, None)
            yield from _templates_in(value)


def _templates_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if is_template(value):
            yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _templates_in(item)
    elif isinstance(value, (list, tuple, set)):
        for item in value:
            yield from _templates_in(item)
