"""Names of Airflow 2's web server with which plugins and providers declare views (offered below ``airflow.www``).

Their modules can be imported and their operators and links used; the views are not served by this web server.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def declared(*args: Any, **kwargs: Any) -> Callable[[F], F]:
    """``has_access_…(…)``: who may see a view. Nobody sees one here, so the view stays as it is."""

    def decorator(view: F) -> F:
        return view

    return decorator


class CsrfProtection:
    """What ``airflow.www.app.csrf`` is asked by plugins."""

    def exempt(self, view: F) -> F:
        """The view itself."""
        return view


csrf = CsrfProtection()


class AirflowBaseView:
    """Base class of plugins' views: they can be declared and are listed with their plugin."""

    route_base: str | None = None
    default_view = "list"
    extra_args: dict[str, Any] = {}

    def render_template(self, *args: Any, **kwargs: Any) -> Any:
        """Raises NotImplementedError: views of Airflow's web server are not served."""
        raise NotImplementedError("views of plugins are not served: this web server is not Airflow's")
