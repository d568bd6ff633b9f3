"""Save a run half-way, and go on with it: the same run, byte for byte."""

import hashlib
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opendocket.errors import NotASavedRun
from opendocket.outputs import written_aside
from opendocket.simulate.calendars import Calendars
from opendocket.simulate.state import Lawyers, State, started
from opendocket.simulate.world import World

PLAIN = (
    "units", "serves", "weight", "like", "gap", "result", "follow", "placement", "order",
    "target", "credit", "waiting", "waiting_at", "waiting_n", "entered", "ends", "bench",
    "bench_at",
)  # fmt: skip
LOG = ("counts", "unit", "what", "wait")


def fingerprint(world: World) -> str:
    """Give a checksum of what a run starts from; its changes are not in it.

    Args:
        world: What is run.
    """
    told = hashlib.sha256(f"{world.start} {world.days} {world.seed}".encode())
    told.update(np.ascontiguousarray(world.units).tobytes())
    told.update(np.ascontiguousarray(world.bench.slots).tobytes())
    for table in world.tables.arrays().values():
        told.update(np.ascontiguousarray(table).tobytes())
    return told.hexdigest()


def save(state: State, path: Path, *, overwrite: bool = False) -> None:
    """Write a run down as it stands on the morning of a day.

    Args:
        state: From :func:`~opendocket.simulate.run.advance`.
        path: Ends in ``.npz``.
        overwrite: Replace what is there.

    Raises:
        AlreadyThere: ``path`` exists.
    """
    parts: dict[str, NDArray[Any]] = {name: getattr(state, name) for name in PLAIN}
    for prefix, held in (("calendars", state.calendars), ("lawyers", state.lawyers)):
        for field in fields(held):
            parts[f"{prefix}.{field.name}"] = np.asarray(getattr(held, field.name))
    for name in ("future", "due"):
        kept = getattr(state, name)
        for cell, lists in kept.items():
            parts[f"{name}.{cell}"] = np.concatenate(lists)
    for name in ("vacated", "returned"):
        parts[name] = np.concatenate(getattr(state, name))
    for i, name in enumerate(LOG):
        if state.logged:
            parts[f"log.{name}"] = np.concatenate([block[i] for block in state.logged])
    parts["day"] = np.array([state.day, state.is_strict])
    parts["world"] = np.array(fingerprint(state.world))
    with written_aside(path, overwrite=overwrite) as aside, aside.open("wb") as file:
        np.savez(file, allow_pickle=False, **parts)


def restored(world: World, path: Path) -> State:
    """Take a run up where it was saved.

    Args:
        world: The same world, with the same changes.
        path: What :func:`save` wrote.

    Returns:
        The state, to go on with.

    Raises:
        NotASavedRun: Not such a file, or of another world.
    """
    try:
        with np.load(path, allow_pickle=False) as kept:
            parts = {name: kept[name] for name in kept.files}
    except (OSError, ValueError) as error:
        raise NotASavedRun(path, str(error).splitlines()[0]) from error
    if str(parts.get("world")) != fingerprint(world):
        raise NotASavedRun(path, "a run of another world")
    state = started(world)
    for name in PLAIN:
        setattr(state, name, parts[name])
    state.day, state.is_strict = int(parts["day"][0]), bool(parts["day"][1])
    state.calendars = Calendars(
        **{field.name: parts[f"calendars.{field.name}"] for field in fields(Calendars)}
    )
    state.calendars.release_days = int(state.calendars.release_days)
    state.lawyers = Lawyers(
        **{field.name: parts[f"lawyers.{field.name}"] for field in fields(Lawyers)}
    )
    for name in ("future", "due"):
        found = {
            int(key.split(".")[1]): [part]
            for key, part in parts.items()
            if key.startswith(f"{name}.")
        }
        setattr(state, name, found)
    state.vacated, state.returned = [parts["vacated"]], [parts["returned"]]
    if "log.unit" in parts:
        state.logged = [tuple(parts[f"log.{name}"] for name in LOG)]
    return state
