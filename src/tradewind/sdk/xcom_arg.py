"""XComArg: the promise of another task's result, and what can be made of it before the task has run."""
# ruff: noqa: ARG004
# Signatures are Airflow's: what authors may pass by position or name stays as it is.

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, Self

from tradewind.model.spec import LengthSpec

from .edges import DependencyMixin, EdgeModifier
from .exceptions import AirflowException, XComNotFound
from .templating import ResolveMixin
from .templating import iter_references as references_in
from .types import NOTSET, ArgNotSet

if TYPE_CHECKING:
    from .abstract_operator import AbstractOperator

XCOM_RETURN_KEY = "return_value"


class XComArg(ResolveMixin, DependencyMixin):
    """A result that is not there yet. Give it to other tasks: they wait for it."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        if cls is XComArg:
            return super().__new__(PlainXComArg)  # type: ignore[type-abstract,return-value,unused-ignore]
        return super().__new__(cls)

    @staticmethod
    def iter_xcom_references(arg: Any) -> Iterator[tuple[Any, str]]:
        """Tasks and keys that a (nested) argument hangs on."""
        return references_in(arg)

    @staticmethod
    def apply_upstream_relationship(op: Any, arg: Any) -> None:
        """Put the tasks that ``arg`` hangs on before ``op``."""
        for operator, _ in references_in(arg):
            op.set_upstream(operator)

    @property
    def roots(self) -> list[Any]:
        return [operator for operator, _ in self.iter_references()]

    @property
    def leaves(self) -> list[Any]:
        return [operator for operator, _ in self.iter_references()]

    def set_upstream(self, other: Any, edge_modifier: EdgeModifier | None = None) -> None:
        for operator, _ in self.iter_references():
            operator.set_upstream(other, edge_modifier)

    def set_downstream(self, other: Any, edge_modifier: EdgeModifier | None = None) -> None:
        for operator, _ in self.iter_references():
            operator.set_downstream(other, edge_modifier)

    def as_setup(self) -> Self:
        for operator, _ in self.iter_references():
            operator.as_setup()
        return self

    def as_teardown(self, *, setups: Any = NOTSET, on_failure_fail_dagrun: bool | ArgNotSet = NOTSET) -> Self:
        for operator, _key in self.iter_references():
            operator.as_teardown(setups=setups, on_failure_fail_dagrun=on_failure_fail_dagrun)
        return self

    def map(self, f: Callable[[Any], Any]) -> MapXComArg:
        """Each item changed by ``f``, when the mapped task runs."""
        if isinstance(f, DependencyMixin) or hasattr(f, "operator_class"):
            raise ValueError("map() argument must be a plain function, not a @task operator")
        return MapXComArg(self, [f])

    def zip(self, *others: XComArg, fillvalue: Any = NOTSET) -> ZipXComArg:
        """Items side by side, as tuples; up to the shortest, with a fill value to the longest."""
        return ZipXComArg([self, *others], fillvalue=fillvalue)

    def concat(self, *others: XComArg) -> ConcatXComArg:
        """Items one after the other."""
        return ConcatXComArg([self, *others])

    def length_spec(self) -> LengthSpec:
        """How the engine counts the items."""
        raise NotImplementedError

    def get_task_map_length(self, run_id: str | None = None, *, lengths: Mapping[str, Mapping[int, int]]) -> int | None:
        """The number of items, from the lengths of the suppliers' results (by map index); None when not yet known."""
        return count(self.length_spec(), lengths)

    def resolve(self, context: Any, *, include_xcom: bool = True) -> Any:
        raise NotImplementedError

    def __enter__(self) -> Self:
        from .contexts import SetupTeardownContext  # the stack that `with setup:` uses

        operators = [operator for operator, _ in self.iter_references()]
        if not all(operator.is_setup or operator.is_teardown for operator in operators):
            raise AirflowException("Only setup/teardown tasks can be used as context managers.")
        self._scope = SetupTeardownContext.push(operators)
        return self

    def __exit__(self, *exc_info: object) -> None:
        from .contexts import SetupTeardownContext  # the stack that `with setup:` uses

        SetupTeardownContext.pop()

    def add_task(self, task: Any) -> None:
        """Inside ``with setup as scope``: bring a task that was made elsewhere into the block."""
        self._scope.add_task(task)


class PlainXComArg(XComArg):
    """The result of one task, under one key."""

    def __init__(self, operator: AbstractOperator, key: str = XCOM_RETURN_KEY) -> None:
        self.operator: Any = operator
        self.key = key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlainXComArg) and self.operator == other.operator and self.key == other.key

    def __hash__(self) -> int:
        return hash((self.operator.task_id, self.key))

    def __getitem__(self, item: str) -> PlainXComArg:
        if not isinstance(item, str):
            raise ValueError(f"XComArg only supports str lookup, received {type(item).__name__}")
        return PlainXComArg(operator=self.operator, key=item)

    def __iter__(self) -> Iterator[Any]:
        # Python would fall back on __getitem__ with 0, 1, 2 …
        raise TypeError("'XComArg' object is not iterable")

    def __repr__(self) -> str:
        if self.key == XCOM_RETURN_KEY:
            return f"XComArg({self.operator!r})"
        return f"XComArg({self.operator!r}, {self.key!r})"

    def __str__(self) -> str:
        """A Jinja template that pulls the value, for use inside texts."""
        dag_id = f", dag_id='{self.operator.dag_id}'" if self.operator.has_dag() else ""
        return f"{{{{ task_instance.xcom_pull(task_ids='{self.operator.task_id}'{dag_id}, key='{self.key}') }}}}"

    @property
    def is_setup(self) -> bool:
        """Whether the task is a setup."""
        return bool(self.operator.is_setup)

    @is_setup.setter
    def is_setup(self, value: bool) -> None:
        self.operator.is_setup = value

    @property
    def is_teardown(self) -> bool:
        """Whether the task is a teardown."""
        return bool(self.operator.is_teardown)

    @is_teardown.setter
    def is_teardown(self, value: bool) -> None:
        self.operator.is_teardown = value

    @property
    def on_failure_fail_dagrun(self) -> bool:
        """Whether the failure of this teardown fails the run."""
        return bool(self.operator.on_failure_fail_dagrun)

    @on_failure_fail_dagrun.setter
    def on_failure_fail_dagrun(self, value: bool) -> None:
        self.operator.on_failure_fail_dagrun = value

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        yield self.operator, self.key

    def map(self, f: Callable[[Any], Any]) -> MapXComArg:
        self._need_return_value()
        return super().map(f)

    def zip(self, *others: XComArg, fillvalue: Any = NOTSET) -> ZipXComArg:
        self._need_return_value()
        return super().zip(*others, fillvalue=fillvalue)

    def concat(self, *others: XComArg) -> ConcatXComArg:
        self._need_return_value()
        return super().concat(*others)

    def _need_return_value(self) -> None:
        if self.key != XCOM_RETURN_KEY:
            raise ValueError(f"cannot map against non-return XCom {self.key!r} from {self.operator!r}")

    def length_spec(self) -> LengthSpec:
        return LengthSpec(kind="xcom", task_id=self.operator.task_id, key=self.key)

    def resolve(self, context: Any, *, include_xcom: bool = True) -> Any:
        """The value: of the same map index inside a mapped group, a lazy sequence from a mapped task.

        Raises XComNotFound for a key other than return_value that is not there."""
        ti = context["ti"]
        task_id = self.operator.task_id
        indexes = ti.get_relevant_upstream_map_indexes(self.operator)
        missing: Any = NOTSET
        result = ti.xcom_pull(task_ids=task_id, key=self.key, default=missing, map_indexes=indexes)
        if not isinstance(result, ArgNotSet):
            return result
        if self.key == XCOM_RETURN_KEY:
            return None
        if getattr(self.operator, "multiple_outputs", False):
            return None
        raise XComNotFound(ti.dag_id, task_id, self.key)


class MapXComArg(XComArg):
    """Items changed by functions, one after the other."""

    def __init__(self, arg: XComArg, callables: Sequence[Callable[[Any], Any]]) -> None:
        for function in callables:
            if hasattr(function, "operator_class"):
                raise ValueError("map() argument must be a plain function, not a @task operator")
        self.arg = arg
        self.callables = list(callables)

    def __repr__(self) -> str:
        return f"{self.arg!r}" + "".join(f".map({_name_of(function)})" for function in self.callables)

    def map(self, f: Callable[[Any], Any]) -> MapXComArg:
        """One more function after the others."""
        return MapXComArg(self.arg, [*self.callables, f])

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        yield from self.arg.iter_references()

    def length_spec(self) -> LengthSpec:
        return self.arg.length_spec()

    def resolve(self, context: Any, *, include_xcom: bool = True) -> Any:
        return _MapResult(self.arg.resolve(context, include_xcom=include_xcom), self.callables)


class ZipXComArg(XComArg):
    """Items side by side."""

    def __init__(self, args: Sequence[XComArg], *, fillvalue: Any = NOTSET) -> None:
        if not args:
            raise ValueError("At least one input is required")
        self.args = list(args)
        self.fillvalue = fillvalue

    def __repr__(self) -> str:
        inner = ", ".join(repr(arg) for arg in self.args[1:])
        if not isinstance(self.fillvalue, ArgNotSet):
            inner += f", fillvalue={self.fillvalue!r}"
        return f"{self.args[0]!r}.zip({inner})"

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        for arg in self.args:
            yield from arg.iter_references()

    def length_spec(self) -> LengthSpec:
        items = tuple(arg.length_spec() for arg in self.args)
        return LengthSpec(kind="zip", items=items, longest=not isinstance(self.fillvalue, ArgNotSet))

    def resolve(self, context: Any, *, include_xcom: bool = True) -> Any:
        values = [arg.resolve(context, include_xcom=include_xcom) for arg in self.args]
        sources = [list(value) for value in values]
        if isinstance(self.fillvalue, ArgNotSet):
            return list(zip(*sources, strict=False))
        return list(zip_longest(*sources, fillvalue=self.fillvalue))


class ConcatXComArg(XComArg):
    """Items one after the other."""

    def __init__(self, args: Sequence[XComArg]) -> None:
        if not args:
            raise ValueError("At least one input is required")
        self.args = list(args)

    def __repr__(self) -> str:
        return f"{self.args[0]!r}.concat({', '.join(repr(arg) for arg in self.args[1:])})"

    def concat(self, *others: XComArg) -> ConcatXComArg:
        """More items after these."""
        return ConcatXComArg([*self.args, *others])

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        for arg in self.args:
            yield from arg.iter_references()

    def length_spec(self) -> LengthSpec:
        return LengthSpec(kind="concat", items=tuple(arg.length_spec() for arg in self.args))

    def resolve(self, context: Any, *, include_xcom: bool = True) -> Any:
        return list(chain.from_iterable(arg.resolve(context, include_xcom=include_xcom) for arg in self.args))


class _MapResult(Sequence[Any]):
    """Items that are changed when they are looked at: an item's function may raise a skip for that item alone."""

    def __init__(self, value: Any, callables: Sequence[Callable[[Any], Any]]) -> None:
        if isinstance(value, Mapping) or not (hasattr(value, "__getitem__") and hasattr(value, "__len__")):
            raise ValueError(f"XCom map expects sequence, not {type(value).__name__}")
        self._value = value
        self._callables = callables

    def __getitem__(self, index: Any) -> Any:
        value = self._value[index]
        for function in self._callables:
            value = function(value)
        return value

    def __len__(self) -> int:
        return len(self._value)


def _name_of(function: Any) -> str:
    return getattr(function, "__name__", "<function>")


def count(spec: LengthSpec, lengths: Mapping[str, Mapping[int, int]]) -> int | None:
    """Items of a length expression, given the suppliers' results: of an unmapped task the result's length, of a
    mapped one the number of instances that have a result."""
    match spec.kind:
        case "literal":
            return spec.length
        case "xcom":
            found = lengths.get(spec.task_id)
            if found is None:
                return None
            return found[-1] if -1 in found else len(found)
    inner = [count(item, lengths) for item in spec.items]
    known = [length for length in inner if length is not None]
    if len(known) < len(inner):
        return None
    if spec.kind == "concat":
        return sum(known)
    return max(known) if spec.longest else min(known)
