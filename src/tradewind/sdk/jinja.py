"""The Jinja environments: sandboxed and native, Airflow's date filters, rendering over a lazy context."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import CodeType
from typing import Any

import jinja2
import jinja2.nativetypes
import jinja2.sandbox


def ds_filter(value: datetime | None) -> str | None:
    """``2024-03-05``."""
    return None if value is None else value.strftime("%Y-%m-%d")


def ds_nodash_filter(value: datetime | None) -> str | None:
    """``20240305``."""
    return None if value is None else value.strftime("%Y%m%d")


def ts_filter(value: datetime | None) -> str | None:
    """``2024-03-05T06:07:08+00:00``."""
    return None if value is None else value.isoformat()


def ts_nodash_filter(value: datetime | None) -> str | None:
    """``20240305T060708``."""
    return None if value is None else value.strftime("%Y%m%dT%H%M%S")


def ts_nodash_with_tz_filter(value: datetime | None) -> str | None:
    """``20240305T060708+0000``."""
    return None if value is None else value.isoformat().replace("-", "").replace(":", "")


FILTERS: Mapping[str, Callable[..., Any]] = {
    "ds": ds_filter,
    "ds_nodash": ds_nodash_filter,
    "ts": ts_filter,
    "ts_nodash": ts_nodash_filter,
    "ts_nodash_with_tz": ts_nodash_with_tz_filter,
}


class CompilesAhead(jinja2.Environment):
    """Knows the compiled form of texts that were compiled before; a fork finds them there."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.filters.update(FILTERS)
        self._ahead: dict[str, CodeType] = {}
        self.keeps_plain_text = False
        """Whether a text without braces is rendered as it is; see :meth:`is_kept`."""

    def compile_ahead(self, text: str) -> None:
        """Compile a text. One that cannot be compiled fails when it is rendered, where its author looks."""
        try:
            self._ahead[text] = self.compile(text)
        except jinja2.TemplateError:
            return

    def is_kept(self, text: str) -> bool:
        """Whether rendering gives this very text: no delimiter, and no line end that Jinja would change."""
        return self.keeps_plain_text and "{" not in text and "\r" not in text and not text.endswith("\n")

    def compile(self, source: Any, name: Any = None, filename: Any = None, *args: Any, **kwargs: Any) -> Any:
        if name is None and filename is None and not args and not kwargs and isinstance(source, str):
            found = self._ahead.get(source)
            if found is not None:
                return found
        return super().compile(source, name, filename, *args, **kwargs)


class SandboxedEnvironment(CompilesAhead, jinja2.sandbox.SandboxedEnvironment):
    """Sandboxed; attributes with one leading underscore may be read, as Airflow's templates do."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return not jinja2.sandbox.is_internal_attribute(obj, attr)


class NativeEnvironment(CompilesAhead, jinja2.nativetypes.NativeEnvironment):
    """Gives Python objects instead of texts."""


def make_environment(
    *,
    native: bool = False,
    searchpath: Iterable[str] = (),
    undefined: type[jinja2.Undefined] | None = None,
    options: Mapping[str, Any] | None = None,
    macros: Mapping[str, Any] | None = None,
    filters: Mapping[str, Any] | None = None,
) -> jinja2.Environment:
    """An environment with a DAG's search path, macros and filters; ``options`` are the author's own."""
    arguments: dict[str, Any] = {
        "loader": jinja2.FileSystemLoader(list(searchpath)),
        "undefined": undefined or jinja2.StrictUndefined,
        "extensions": ["jinja2.ext.do"],
        "cache_size": 0,
        **(options or {}),
    }
    environment = (NativeEnvironment if native else SandboxedEnvironment)(**arguments)
    environment.keeps_plain_text = not native and not options
    environment.globals.update(macros or {})
    environment.filters.update(filters or {})
    return environment


def _render_chunks(template: jinja2.Template, context: Any) -> list[Any]:
    """The template's pieces. The context is looked into name by name and never copied: many of its values are lazy,
    and some warn when they are read."""
    environment = template.environment
    parent: Any = ChainMap(context, environment.globals)  # both are only read
    scope = environment.context_class(environment, parent, template.name, template.blocks, {})
    try:
        return list(template.root_render_func(scope))
    except Exception:
        environment.handle_exception()
        raise


def render_text(template: jinja2.Template, context: Any) -> str:
    """The template rendered as text."""
    return "".join(_render_chunks(template, context))


def render_native(template: jinja2.Template, context: Any) -> Any:
    """The template rendered as a Python object: a lone expression keeps its type."""
    return jinja2.nativetypes.native_concat(_render_chunks(template, context))


def render_template_to_string(template: jinja2.Template, context: Any) -> str:
    """Same as :func:`render_text`, under the name that Airflow's helpers have."""
    return render_text(template, context)


def render_template_as_native(template: jinja2.Template, context: Any) -> Any:
    """Same as :func:`render_native`, under the name that Airflow's helpers have."""
    return render_native(template, context)


def parse_template_string(template_string: str) -> tuple[str | None, jinja2.Template | None]:
    """A text and, when it has braces, the template of it: (text, None) or (None, template)."""
    if "{{" in template_string:
        return None, jinja2.Template(template_string)
    return template_string, None
