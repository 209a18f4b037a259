"""``resources`` of an operator: a wish for CPUs, memory, disk and GPUs, shown and passed on, never enforced."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resource:
    """A number of something."""

    name: str
    units_str: str
    qty: float


class Resources:
    """The wish, with Airflow's defaults for what is not given. Sizes in MiB."""

    def __init__(self, cpus: float = 1, ram: float = 512, disk: float = 512, gpus: float = 0) -> None:
        self.cpus = Resource("CPU", "core(s)", cpus)
        self.ram = Resource("RAM", "MB", ram)
        self.disk = Resource("Disk", "MB", disk)
        self.gpus = Resource("GPU", "gpu(s)", gpus)

    def to_dict(self) -> dict[str, dict[str, object]]:
        """All four, as plain values."""
        return {
            key: {"name": item.name, "qty": item.qty, "units_str": item.units_str}
            for key, item in (("cpus", self.cpus), ("ram", self.ram), ("disk", self.disk), ("gpus", self.gpus))
        }
