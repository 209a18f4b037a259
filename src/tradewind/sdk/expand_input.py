"""What a mapped task or group is mapped over: the arguments of expand() and expand_kwargs(), per map index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Any, ClassVar, NamedTuple

from tradewind.model.spec import ExpandSpec, LengthSpec

from .edges import DependencyMixin
from .templating import ResolveMixin
from .templating import iter_references as references_in
from .xcom_arg import XCOM_RETURN_KEY, PlainXComArg, XComArg, count


class NotFullyPopulated(RuntimeError):
    """Lengths of some suppliers are not known yet."""

    def __init__(self, missing: set[str]) -> None:
        super().__init__(missing)
        self.missing = missing

    def __str__(self) -> str:
        return f"Failed to populate all mapping metadata; missing: {', '.join(map(repr, sorted(self.missing)))}"


class MappedArgument(ResolveMixin):
    """A parameter of a mapped task group's function: one item, once an instance runs."""

    def __init__(self, group_input: ExpandInput, key: str) -> None:
        self._input = group_input
        self._key = key

    def get_task_map_length(self, run_id: str | None = None, **_: Any) -> int | None:
        """Nobody can map over it inside the group."""
        return None

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        yield from self._input.iter_references()

    def resolve(self, context: Any, *, include_xcom: bool = True) -> Any:
        data, _ = self._input.resolve(context, include_xcom=include_xcom)
        return data[self._key]

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("a mapped argument is one item that is known when the task runs; it cannot be iterated here")


class Resolved(NamedTuple):
    """Arguments of one instance, and which of their values came ready (are not to be rendered again)."""

    kwargs: Mapping[str, Any]
    resolved_oids: set[int]


class ExpandInput(ResolveMixin):
    """Base of the two kinds of expansion."""

    EXPAND_INPUT_TYPE: ClassVar[str]
    value: Any

    def to_spec(self) -> ExpandSpec:
        """For the engine: how many instances."""
        raise NotImplementedError

    def total(self, lengths: Mapping[str, Mapping[int, int]]) -> int:
        """Number of instances. Raises NotFullyPopulated while a supplier has no result."""
        raise NotImplementedError

    def get_parse_time_mapped_ti_count(self) -> int:
        """Number of instances when all is literal, else NotFullyPopulated."""
        return self.total({})

    def resolve(self, context: Any, *, include_xcom: bool = True) -> Resolved:
        """The arguments of the instance that the context is of."""
        raise NotImplementedError


class DictOfListsExpandInput(ExpandInput):
    """``expand(a=[…], b=[…])``: every combination, the last argument running fastest."""

    EXPAND_INPUT_TYPE = "dict-of-lists"

    def __init__(self, value: Mapping[str, Any]) -> None:
        self.value = dict(value)

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        for argument in self.value.values():
            if isinstance(argument, ResolveMixin):
                yield from argument.iter_references()

    def _lengths(self, lengths: Mapping[str, Mapping[int, int]]) -> dict[str, int]:
        counts = {name: count(_length_of(argument), lengths) for name, argument in self.value.items()}
        missing = {name for name, number in counts.items() if number is None}
        if missing:
            raise NotFullyPopulated(missing)
        return {name: number for name, number in counts.items() if number is not None}

    def total(self, lengths: Mapping[str, Mapping[int, int]]) -> int:
        return prod(self._lengths(lengths).values())

    def to_spec(self) -> ExpandSpec:
        return ExpandSpec(kind="dict", arguments={name: _length_of(argument) for name, argument in self.value.items()})

    def resolve(self, context: Any, *, include_xcom: bool = True) -> Resolved:
        ti = context["ti"]
        if ti.map_index < 0:
            raise RuntimeError("can't resolve task-mapping argument without expanding")
        values = {
            name: argument.resolve(context, include_xcom=include_xcom)
            if isinstance(argument, ResolveMixin)
            else argument
            for name, argument in self.value.items()
        }
        lengths = {name: _actual_length(name, value) for name, value in values.items()}
        index = instance_index(ti, self, prod(lengths.values()))
        chosen: dict[str, Any] = {}
        for name in reversed(values):
            index, position = divmod(index, lengths[name])
            chosen[name] = _item(values[name], position)
        kwargs = {name: chosen[name] for name in values}
        ready = {id(value) for name, value in kwargs.items() if isinstance(self.value[name], ResolveMixin)}
        return Resolved(kwargs, ready)


class ListOfDictsExpandInput(ExpandInput):
    """``expand_kwargs([{…}, {…}])``: one instance for each dict."""

    EXPAND_INPUT_TYPE = "list-of-dicts"

    def __init__(self, value: Any) -> None:
        self.value = value

    def iter_references(self) -> Iterator[tuple[Any, str]]:
        if isinstance(self.value, ResolveMixin):
            yield from self.value.iter_references()
        else:
            for item in self.value:
                yield from references_in(item)

    def total(self, lengths: Mapping[str, Mapping[int, int]]) -> int:
        number = count(_length_of(self.value), lengths)
        if number is None:
            raise NotFullyPopulated({"expand_kwargs() argument"})
        return number

    def to_spec(self) -> ExpandSpec:
        return ExpandSpec(kind="list", arguments={"": _length_of(self.value)})

    def resolve(self, context: Any, *, include_xcom: bool = True) -> Resolved:
        ti = context["ti"]
        if ti.map_index < 0:
            raise RuntimeError("can't resolve task-mapping argument without expanding")
        source = self.value
        if isinstance(source, ResolveMixin):
            source = source.resolve(context, include_xcom=include_xcom)
            if not isinstance(source, Sequence) and not hasattr(source, "__getitem__"):
                raise ValueError(f"expand_kwargs() expects a list[dict], not {type(source).__name__}")
        mapping = source[instance_index(ti, self, len(source))]
        if isinstance(mapping, ResolveMixin):
            mapping = mapping.resolve(context, include_xcom=include_xcom)
        if not isinstance(mapping, Mapping):
            raise ValueError(f"expand_kwargs() expects a list[dict], not list[{type(mapping).__name__}]")
        for key in mapping:
            if not isinstance(key, str):
                raise ValueError(
                    f"expand_kwargs() input dict keys must all be str, but {key!r} is {type(key).__name__}"
                )
        kwargs = {
            name: item.resolve(context, include_xcom=include_xcom) if isinstance(item, ResolveMixin) else item
            for name, item in mapping.items()
        }
        # As in Airflow the templates in a dict are rendered, wherever the dict comes from; a result within it is not.
        return Resolved(kwargs, {id(kwargs[name]) for name, item in mapping.items() if isinstance(item, ResolveMixin)})


def instance_index(ti: Any, expand_input: ExpandInput, size: int) -> int:
    """Which combination of ``expand_input`` an instance takes. In nested mapped groups the innermost index runs
    fastest, so an outer group's is what is left after dividing by the sizes of those inside it."""
    stride = 1
    for group in ti.task.iter_mapped_task_groups():
        if group.expand_input is expand_input:
            return int(ti.map_index) // stride % size
        stride *= group.expand_input.total(ti.map_lengths)
    return int(ti.map_index) % size


def _length_of(value: Any) -> LengthSpec:
    if isinstance(value, XComArg):
        return value.length_spec()
    if isinstance(value, MappedArgument):
        raise NotImplementedError("mapping over a mapped group's argument is not supported")
    return LengthSpec(kind="literal", length=len(value))


def _actual_length(name: str, value: Any) -> int:
    try:
        return len(value)
    except TypeError:
        raise ValueError(f"cannot map over {name}: {type(value).__name__} has no length") from None


def _item(value: Any, position: int) -> Any:
    """One item: of a mapping a (key, value) pair."""
    if isinstance(value, Mapping):
        return list(value.items())[position]
    if isinstance(value, Sequence) or hasattr(value, "__getitem__"):
        return value[position]
    return list(value)[position]


def is_mappable(value: Any) -> bool:
    """Whether expand() takes it: a list, tuple or dict, or a task's return value."""
    if isinstance(value, PlainXComArg):
        return value.key == XCOM_RETURN_KEY
    return isinstance(value, (XComArg, Mapping)) or (
        isinstance(value, Sequence) and not isinstance(value, (str, bytes))
    )


def ensure_mappable(func: str, arguments: Mapping[str, Any], *, quote: bool) -> None:
    """Raise ValueError for an argument that cannot be mapped over."""
    for name, value in arguments.items():
        if is_mappable(value):
            continue
        if isinstance(value, PlainXComArg):
            raise ValueError(f"cannot map over XCom with custom key {value.key!r} from {value.operator!r}")
        shown = repr(name) if quote else name
        raise ValueError(f"{func} got an unexpected type {type(value).__name__!r} for keyword argument {shown}")


def ensure_kwargs_list(value: Any) -> None:
    """Raise TypeError for what expand_kwargs() does not take."""
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        if all(isinstance(item, (Mapping, XComArg)) for item in value):
            return
    elif isinstance(value, XComArg):
        return
    raise TypeError(f"expected XComArg or list[dict], not {type(value).__name__}")


def check_no_always(rule: Any, expand_input: ExpandInput | None, what: str) -> None:
    """A task whose number of instances comes from another's result must wait for it: not with rule ``always``."""
    if str(rule) == "always" and expand_input is not None and any(expand_input.iter_references()):
        raise ValueError(what)


def references(values: Iterable[Any]) -> Iterator[DependencyMixin]:
    """Tasks that values hang on."""
    for value in values:
        for operator, _ in references_in(value):
            yield operator


EXPAND_INPUT_EMPTY = DictOfListsExpandInput({})
