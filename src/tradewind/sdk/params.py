"""Params: named values of a DAG, with JSON Schema, that a trigger may override."""

from __future__ import annotations

import copy
import json
import warnings
from collections.abc import ItemsView, Iterable, Iterator, MutableMapping, ValuesView
from typing import TYPE_CHECKING, Any, ClassVar

from .exceptions import AirflowException, ParamValidationError, RemovedInAirflow3Warning
from .settings import config_bool
from .templating import ResolveMixin
from .types import NOTSET, ArgNotSet

if TYPE_CHECKING:
    from .dag import DAG

_MISSING = object()


def _check_json(value: Any) -> None:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        warnings.warn(
            "The use of non-json-serializable params is deprecated and will be removed in a future release",
            RemovedInAirflow3Warning,
            stacklevel=3,
        )


def _check_schema(value: Any, schema: dict[str, Any]) -> None:
    """Raise ParamValidationError with jsonschema's own words."""
    if not schema or set(schema) <= {"description", "title", "examples", "default"}:
        return
    import jsonschema  # slow to import, and most DAGs have no schema

    from .formats import FORMATS  # pulls in jsonschema

    try:
        jsonschema.validate(value, schema, format_checker=FORMATS)
    except jsonschema.ValidationError as error:
        raise ParamValidationError(error) from None


class Param:
    """One param: default value, description, and JSON Schema keywords (``type``, ``enum``, ``minimum`` …)."""

    CLASS_IDENTIFIER: ClassVar[str] = "__class"
    __version__: ClassVar[int] = 1

    def __init__(self, default: Any = NOTSET, description: str | None = None, **kwargs: Any) -> None:
        if not isinstance(default, ArgNotSet):
            _check_json(default)
        self.value = default
        self.description = description
        self.schema: dict[str, Any] = kwargs.pop("schema") if "schema" in kwargs else kwargs

    def __copy__(self) -> Param:
        return type(self)(self.value, self.description, schema=self.schema)

    @property
    def has_value(self) -> bool:
        """Whether there is a default other than None."""
        return not isinstance(self.value, ArgNotSet) and self.value is not None

    def resolve(self, value: Any = NOTSET, suppress_exception: bool = False) -> Any:
        """The value (or the default), checked and kept. Raises ParamValidationError, unless suppressed: then None."""
        final = self.value if isinstance(value, ArgNotSet) else value
        if isinstance(final, ArgNotSet):
            if suppress_exception:
                return None
            raise ParamValidationError("No value passed and Param has no default value")
        _check_json(final)
        try:
            _check_schema(final, self.schema)
        except ParamValidationError:
            if suppress_exception:
                return None
            raise
        self.value = final
        return final

    def dump(self) -> dict[str, Any]:
        """As plain values, with the class's name."""
        out: dict[str, Any] = {self.CLASS_IDENTIFIER: f"{type(self).__module__}.{type(self).__name__}"}
        out.update(self.__dict__)
        return out

    def serialize(self) -> dict[str, Any]:
        """Value, description and schema."""
        return {"value": self.value, "description": self.description, "schema": self.schema}

    @staticmethod
    def deserialize(data: dict[str, Any], version: int) -> Param:
        """The inverse of serialize."""
        if version > Param.__version__:
            raise TypeError("serialized version > class version")
        return Param(default=data["value"], description=data["description"], schema=data["schema"])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"


class ParamsDict(MutableMapping[str, Any]):
    """Params by name. Reading gives checked values; assigning checks against the param's schema."""

    __version__: ClassVar[int] = 1

    def __init__(self, dict_obj: Any = None, suppress_exception: bool = False) -> None:
        self.suppress_exception = suppress_exception
        self._params: dict[str, Param] = {}
        source = dict_obj._params if isinstance(dict_obj, ParamsDict) else (dict_obj or {})
        for name, value in source.items():
            self._params[name] = value if isinstance(value, Param) else Param(value)

    def __copy__(self) -> ParamsDict:
        return ParamsDict(self._params, self.suppress_exception)

    def __deepcopy__(self, memo: dict[int, Any] | None) -> ParamsDict:
        return ParamsDict(copy.deepcopy(self._params, memo), self.suppress_exception)

    def __contains__(self, name: object) -> bool:
        return name in self._params

    def __len__(self) -> int:
        return len(self._params)

    def __iter__(self) -> Iterator[str]:
        return iter(self._params)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ParamsDict):
            return self.dump() == other.dump()
        return isinstance(other, dict) and self.dump() == other

    __hash__ = None  # type: ignore[assignment]  # mutable

    def __repr__(self) -> str:
        return repr(self.dump())

    def __setitem__(self, name: str, value: Any) -> None:
        if isinstance(value, Param):
            self._params[name] = value
        elif name in self._params:
            param = self._params[name]
            try:
                param.resolve(value=value, suppress_exception=self.suppress_exception)
            except ParamValidationError as error:
                raise ParamValidationError(f"Invalid input for param {name}: {error}") from None
        else:
            self._params[name] = Param(value)

    def __getitem__(self, name: str) -> Any:
        return self._params[name].resolve(suppress_exception=self.suppress_exception)

    def __delitem__(self, name: str) -> None:
        del self._params[name]

    def get_param(self, name: str) -> Param:
        """The Param object itself."""
        return self._params[name]

    def items(self) -> ItemsView[str, Param]:
        """Names and Param objects."""
        return ItemsView(self._params)

    def values(self) -> ValuesView[Param]:
        """The Param objects."""
        return ValuesView(self._params)

    def pop(self, key: str, default: Any = _MISSING) -> Any:
        """Take a param out; gives its value."""
        if key in self._params:
            return self._params.pop(key).resolve(suppress_exception=self.suppress_exception)
        if default is _MISSING:
            raise KeyError(key)
        return default

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Set several; Param objects of another ParamsDict replace, plain values are checked."""
        if len(args) == 1 and not kwargs and isinstance(args[0], ParamsDict):
            for name, param in args[0]._params.items():
                self._params[name] = param
            return
        super().update(*args, **kwargs)

    def dump(self) -> dict[str, Any]:
        """Values by name, checked."""
        try:
            return {
                name: param.resolve(suppress_exception=self.suppress_exception) for name, param in self._params.items()
            }
        except ParamValidationError:
            given = {name: param.value for name, param in self._params.items()}
            return {name: None if isinstance(value, ArgNotSet) else value for name, value in given.items()}

    def validate(self) -> dict[str, Any]:
        """Values by name. Raises ParamValidationError that names the first wrong one."""
        resolved: dict[str, Any] = {}
        for name, param in self._params.items():
            try:
                resolved[name] = param.resolve(suppress_exception=self.suppress_exception)
            except ParamValidationError as error:
                raise ParamValidationError(f"Invalid input for param {name}: {error}") from None
        return resolved

    def serialize(self) -> dict[str, Any]:
        """Same as dump."""
        return self.dump()

    @staticmethod
    def deserialize(data: dict[str, Any], version: int) -> ParamsDict:
        """The inverse of serialize."""
        if version > ParamsDict.__version__:
            raise TypeError("serialized version > class version")
        return ParamsDict(data)


class DagParam(ResolveMixin):
    """A promise of a DAG's param (``dag.param("x")``, or an argument of a ``@dag`` function)."""

    def __init__(self, current_dag: DAG, name: str, default: Any = NOTSET) -> None:
        if not isinstance(default, ArgNotSet):
            current_dag.params[name] = default
        self._name = name
        self._default = default
        self.current_dag = current_dag

    def iter_references(self) -> Iterable[tuple[Any, str]]:
        return ()

    def resolve(self, context: Any, *, include_xcom: bool = True) -> Any:
        """The run's conf decides, then the default, then the DAG's params. Raises AirflowException without any."""
        conf = getattr(context["dag_run"], "conf", None) or {}
        if self._name in conf:
            return conf[self._name]
        if not isinstance(self._default, ArgNotSet):
            return self._default
        if self._name in context["params"]:
            return context["params"][self._name]
        raise AirflowException(f"No value could be resolved for parameter {self._name}")


def process_params(dag: DAG, task: Any, conf: dict[str, Any] | None, *, suppress_exception: bool) -> dict[str, Any]:
    """The params of a running task: the DAG's, the task's over them, the run's conf over both, validated."""
    if not (dag.params or getattr(task, "params", None) or conf):
        return {}
    params = ParamsDict(suppress_exception=suppress_exception)
    params.update(copy.deepcopy(ParamsDict(dag.params)))
    if getattr(task, "params", None):
        params.update(copy.deepcopy(ParamsDict(task.params)))
    if conf and config_bool("core", "dag_run_conf_overrides_params", True):
        params.update(conf)
    return params.validate()
