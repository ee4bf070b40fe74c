"""The section *Receptive field*: a layer, a map, and what its units see of the input.

:func:`show_field` draws it where it is called. A page whose own controls change the network or the
input redraws :data:`PANELS` with them. :func:`show_vanishing` is that of
:mod:`explorer.state.deep`.

Layer, map and pinned unit stand in the address as ``field_layer=<name>``, ``field_map=<number>``
and ``field_unit=<row>_<column>``; a name or a number that the network does not have counts as none.
"""

from dataclasses import dataclass, replace
from zlib import crc32

import streamlit as st

from explorer.network import seeing, zoo
from explorer.network.answers import answers
from explorer.network.architecture import CNN, Row
from explorer.state import DrawState, PageState, address, choice, given, networks, pin
from explorer.state.activations import index_of
from explorer.state.deep import show_vanishing
from explorer.view import fields
from explorer.view.components import field, map_grid
from explorer.view.panel import panel, redraw

__all__ = ["PANELS", "FieldState", "Place", "current", "row_of", "show_field", "show_vanishing"]

PANELS = ("choose_field", "see_field")
"""The panels to redraw for another network or input."""

FIELD = "field"
UNIT = "field_unit"
_LAYER, _MAPS, _PIN, _VERSION = "field layer", "field maps", "field pin", "field version"
_FIRST = "field first maps"


@dataclass(frozen=True)
class FieldState(PageState):
    """The setting of *Receptive field*."""

    field_values: str = choice(
        "before",
        {"before": "Before ReLU", "after": "After ReLU"},
        "Value of a unit",
        "After its ReLU a unit that is off has no gradient at all. Before it, it shows what would "
        "have moved it.",
    )


@dataclass(frozen=True)
class Place:
    """The layer, the map and the pinned unit; ``version`` changes when an address chose them."""

    row: Row
    index: int
    pinned: tuple[int, int] | None
    version: int

    def reset(self, network: str) -> int:
        """Changes with each thing whose units are others; the steps of a run share theirs."""
        return crc32(
            repr((networks.lineage(network), self.row.name, self.index, self.version)).encode()
        )


def row_of(model: CNN, name: str) -> Row:
    """The layer of this name, or the deepest convolution, or the last."""
    rows = seeing.layers(model)
    local = [row for row in rows if row.field is not None and row.parameters]
    return next((row for row in rows if row.name == name), local[-1] if local else rows[-1])


def current(model: CNN) -> Place:
    """What is open, as the address has it where that is news."""
    memory, network = st.session_state, model.network.name
    family = networks.lineage(network)
    maps: dict[tuple[str, str], int] = memory.setdefault(_MAPS, {})
    version, pinned = memory.get(_VERSION, 0), None
    if said := address.news("field_layer", "field_map", UNIT):
        row = row_of(model, said["field_layer"])
        memory[_LAYER], memory[_VERSION] = row.name, version + 1
        version, pinned = version + 1, pin.read(said[UNIT])
        index = index_of(row, said["field_map"])
        maps.pop((family, row.name), None)
        if index is not None:
            maps[family, row.name] = index
    row = row_of(model, memory.get(_LAYER, ""))
    index = maps.get((family, row.name))
    if index is None:
        first: dict[tuple[str, str], int] = memory.setdefault(_FIRST, {})
        if (family, row.name) not in first:
            first[family, row.name] = seeing.liveliest(network, row.name)
        index = first[family, row.name]
    place = Place(row, index, None, version)
    here = place.reset(network)
    report, kept = field.read(key=FIELD, reset=here), memory.get(_PIN)
    if report.current:
        pinned = report.pinned
    elif pinned is None and kept and kept[0] == here:
        pinned = kept[1]
    if pinned and not _within(row, pinned):
        pinned = None
    memory[_PIN] = here, pinned
    address.owe(_words(model, row, pinned))
    return replace(place, pinned=pinned)


def _within(row: Row, cell: tuple[int, int]) -> bool:
    units = min(row.output_shape[0], seeing.UNITS)
    height, width = row.output_shape[1:] if row.field else (1, units)
    return cell[0] < height and cell[1] < width


def _words(model: CNN, row: Row, pinned: tuple[int, int] | None) -> dict[str, str]:
    """What the address says of it, "" for what needs no word."""
    index = st.session_state[_MAPS].get((networks.lineage(model.network.name), row.name))
    return {
        "field_layer": "" if row is row_of(model, "") else row.name,
        "field_map": "" if index is None or row.field is None else str(index),
        UNIT: pin.write(pinned),
    }


def _pick(key: str) -> None:
    """Another layer."""
    model = zoo.shared(DrawState.now().network)
    row = row_of(model, st.session_state[key])
    st.session_state[_LAYER] = row.name
    address.say(_words(model, row, None))
    redraw(*PANELS)


def show_field() -> None:
    """Draw *Receptive field*: a layer and a map to choose, and what its units see of the input."""
    choices, seen = st.container(), st.container()

    @panel
    def choose_field() -> None:
        """The layer that is looked into."""
        model = zoo.shared(DrawState.now().network)
        place = current(model)
        key = f"field_layer_{networks.lineage(model.network.name)}_{place.row.name}"
        st.session_state[key] = place.row.name
        with choices, st.container(horizontal=True, vertical_alignment="bottom"):
            st.segmented_control(
                "Look into a layer",
                [row.name for row in seeing.layers(model)],
                key=key,
                required=True,
                on_change=_pick,
                args=(key,),
            )
            FieldState.controls("field_values", redraw=("see_field",))

    @panel
    def see_field() -> None:
        """The map under the pointer; choosing another one redraws this and nothing else."""
        model, image = zoo.shared(DrawState.now().network), given.current().image
        network, place = model.network.name, current(model)
        row, before = place.row, FieldState.now().field_values == "before"
        family = networks.lineage(network)
        grid = f"field-maps-{family}-{row.name}-{place.version}"
        touched = map_grid.read(key=grid, n=row.output_shape[0])
        if row.field and touched is not None and touched != place.index:
            st.session_state[_MAPS][family, row.name] = touched
            address.say(_words(model, row, None))
            place = current(model)
        found = seeing.looked(network, image, row.name, place.index, before=before)
        with seen:
            st.markdown(fields.about(row, found.values.size))
            if row.field:
                every = answers(model, image)
                maps = (every.before if before else every.after)[row.name]
                fields.choose(maps, row, place.index, key=grid)
            fields.show(
                image,
                found,
                row,
                place.index,
                seeing.average(network, row.name, place.index, before),
                seeing.IMAGES,
                key=FIELD,
                pinned=place.pinned,
                reset=place.reset(network),
                address=UNIT,
            )

    choose_field()
    see_field()
