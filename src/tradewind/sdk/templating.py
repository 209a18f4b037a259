"""Rendering of template fields: which values are templates, how they nest. Jinja itself is in ``jinja``."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from .store_paths import StorePath

if TYPE_CHECKING:
    from .dag import DAG


class ResolveMixin:
    """A value that is only known when the task runs; rendering replaces it by what ``resolve`` gives."""

    def iter_references(self) -> Iterable[tuple[Any, str]]:
        """The tasks it hangs on, with the XCom key."""
        raise NotImplementedError

    def resolve(self, context: Any, *, include_xcom: bool = True) -> Any:
        """The value in this context."""
        raise NotImplementedError


class LiteralValue(ResolveMixin):
    """A value that is passed on as it is; see :func:`literal`."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def iter_references(self) -> Iterable[tuple[Any, str]]:
        return ()

    def resolve(self, context: Any, *, include_xcom: bool = True) -> Any:
        return self.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LiteralValue) and self.value == other.value

    def __hash__(self) -> int:
        return hash(("literal", str(self.value)))

    def __repr__(self) -> str:
        return f"LiteralValue(value={self.value!r})"


def literal(value: Any) -> LiteralValue:
    """Protect a value of a template field from being rendered."""
    return LiteralValue(value)


def render(template: Any, context: Any, *, native: bool) -> Any:
    """A compiled Jinja template rendered as text, or as a native Python object."""
    from .jinja import render_native, render_text  # jinja2 only where something is rendered

    return render_native(template, context) if native else render_text(template, context)


class Templater:
    """Renders the attributes that ``template_fields`` names; base of operators and notifiers."""

    template_fields: Collection[str] = ()
    template_ext: Sequence[str] = ()

    def get_template_env(self, dag: DAG | None = None) -> Any:
        """The Jinja environment: the DAG's, or a plain sandboxed one."""
        from .jinja import make_environment  # jinja2 only where something is rendered

        return dag.get_template_env(force_sandboxed=False) if dag is not None else make_environment()

    def prepare_template(self) -> None:
        """Change template fields before their files are read; for subclasses."""

    def resolve_template_files(self) -> None:
        """Replace names of template files by the files' text. A file that is not there is logged: the task will fail
        when it is rendered, the DAG file need not."""
        if self.template_ext:
            env = self.get_template_env()
            for field in self.template_fields:
                content = getattr(self, field, None)
                try:
                    if isinstance(content, str) and self._is_file(content):
                        setattr(self, field, env.loader.get_source(env, content)[0])
                    elif isinstance(content, list):
                        self._read_files(content, env)
                except Exception:
                    logging.getLogger("airflow.task").exception("Failed to resolve template field %r", field)
        self.prepare_template()

    def _read_files(self, items: list[Any], env: Any) -> None:
        for index, item in enumerate(items):
            if isinstance(item, str) and self._is_file(item):
                items[index] = env.loader.get_source(env, item)[0]

    def _is_file(self, text: str) -> bool:
        return any(text.endswith(extension) for extension in self.template_ext)

    def _render(self, template: Any, context: Any, dag: DAG | None = None) -> Any:
        return render(template, context, native=bool(dag and dag.render_template_as_native_obj))

    def _do_render_template_fields(
        self, parent: Any, template_fields: Iterable[str], context: Any, jinja_env: Any, seen_oids: set[int]
    ) -> None:
        for name in template_fields:
            try:
                value = getattr(parent, name)
            except AttributeError:
                raise AttributeError(
                    f"{name!r} is configured as a template field but {type(parent).__name__} "
                    "does not have this attribute."
                ) from None
            try:
                if _is_empty(value):
                    continue
                rendered = self.render_template(value, context, jinja_env, seen_oids)
            except Exception:
                self._log_render_failure(parent, name, value)
                raise
            setattr(parent, name, rendered)

    def _log_render_failure(self, parent: Any, name: str, value: Any) -> None:
        log = getattr(self, "log", None)
        if log is not None:
            where = getattr(self, "task_id", type(parent).__name__)
            log.exception(
                "Exception rendering Jinja template for task '%s', field %r. Template: %r", where, name, value
            )

    def render_template(
        self, content: Any, context: Any, jinja_env: Any = None, seen_oids: set[int] | None = None
    ) -> Any:
        """``content`` with all templates in it rendered: texts, also in lists, tuples, sets, values of dicts, and in
        objects that have ``template_fields`` themselves."""
        seen = set() if seen_oids is None else seen_oids
        if id(content) in seen:
            return content
        if jinja_env is None:
            jinja_env = self.get_template_env()
        if isinstance(content, str):
            return self._render_text(content, context, jinja_env)
        if isinstance(content, ResolveMixin):
            return content.resolve(context, include_xcom=True)
        if isinstance(content, StorePath):
            return content.rendered(lambda text: self._render(jinja_env.from_string(text), context))
        if isinstance(content, (list, tuple, dict, set)):
            return self._render_collection(content, context, jinja_env, seen)
        seen.add(id(content))
        self._render_nested_template_fields(content, context, jinja_env, seen)
        return content

    def _render_text(self, text: str, context: Any, jinja_env: Any) -> Any:
        if self._is_file(text):
            return self._render(jinja_env.get_template(text), context)
        # Compiling is by far the most of rendering, and most texts are no templates.
        is_kept = getattr(jinja_env, "is_kept", None)  # an environment of somebody else's has none
        if is_kept is not None and is_kept(text):
            return text
        return self._render(jinja_env.from_string(text), context)

    def _render_collection(self, content: Any, context: Any, jinja_env: Any, seen: set[int]) -> Any:
        if isinstance(content, dict):
            return {key: self.render_template(value, context, jinja_env, seen) for key, value in content.items()}
        items = (self.render_template(item, context, jinja_env, seen) for item in content)
        if isinstance(content, list):
            return list(items)
        if isinstance(content, set):
            return set(items)
        is_plain = type(content) is tuple
        return tuple(items) if is_plain else type(content)(*items)  # a named tuple takes its items one by one

    def _render_nested_template_fields(self, value: Any, context: Any, jinja_env: Any, seen_oids: set[int]) -> None:
        fields = getattr(value, "template_fields", None)
        if isinstance(fields, str):
            fields = (fields,)
        if isinstance(fields, Iterable):
            self._do_render_template_fields(value, cast("Iterable[str]", fields), context, jinja_env, seen_oids)

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        """Render all template fields in place."""
        if jinja_env is None and self._has_something_to_render():
            jinja_env = self.get_template_env()
        self._do_render_template_fields(self, self.template_fields, context, jinja_env, set())

    def _has_something_to_render(self) -> bool:
        """False when all template fields are empty: then the environment, which is costly, need not be made."""
        if type(self)._do_render_template_fields is not Templater._do_render_template_fields:
            return True
        return not all(_is_empty(getattr(self, name, None)) for name in self.template_fields)


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, (str, bytes, list, tuple, dict, set)) and not value)


def iter_references(value: Any) -> Iterator[tuple[Any, str]]:
    """Tasks and XCom keys that a (nested) argument hangs on."""
    if isinstance(value, ResolveMixin):
        yield from value.iter_references()
    elif isinstance(value, (str, bytes)):
        return
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from iter_references(item)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from iter_references(item)
    elif not getattr(value, "is_task", False):
        yield from _references_of_fields(value)


def _references_of_fields(value: Any) -> Iterator[tuple[Any, str]]:
    fields = getattr(type(value), "template_fields", None)
    if isinstance(fields, (list, tuple, set, frozenset)):
        for name in fields:
            if hasattr(value, name):
                yield from iter_references(getattr(value, name))
