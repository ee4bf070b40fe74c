// Box mode: a box is drawn on the input, and is reported once, when it is done.

const FIRST_BOX = 13; // pixels a side, for people who begin with a key

/** The box as [row, column, height, width]; `report` is called whenever one was taken. */
function createBoxes({ on, input, changed, report, speak }) {
  let scene = null;
  let box = null;
  let draft = null; // the box being drawn or moved
  let anchor = null; // the cell where the drag began
  let pointer = null;
  let drawn = false; // whether the click that follows belongs to a drag

  const sides = (length) => [Math.min(MIN_BOX, length), Math.min(MAX_BOX, length)];
  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

  /** A box of allowed sides that lies on the picture. */
  function fitted([row, column, height, width]) {
    const h = clamp(height, ...sides(scene.height));
    const w = clamp(width, ...sides(scene.width));
    return [clamp(row, 0, scene.height - h), clamp(column, 0, scene.width - w), h, w];
  }

  /** From the anchor to a cell, at least the least size, in the direction of the drag. */
  function between(from, to) {
    const along = (a, b, length) => {
      const size = clamp(Math.abs(b - a) + 1, ...sides(length));
      return [b < a ? a - size + 1 : a, size];
    };
    const [row, height] = along(from.row, to.row, scene.height);
    const [column, width] = along(from.column, to.column, scene.width);
    return fitted([row, column, height, width]);
  }

  function take() {
    box = draft ?? box;
    draft = null;
    report();
    changed();
    if (box) speak(`Box of ${box[2]} by ${box[3]} pixels taken.`);
  }

  /** The nearest cell, also while the pointer is beyond the canvas. */
  function cellAt(event) {
    const area = input.overlay.getBoundingClientRect();
    const along = (at, start, length, count, first) =>
      Math.floor(((at - start) / length) * count) + first;
    return {
      row: clamp(along(event.clientY, area.top, area.height, input.countRows, input.startRow),
        0, scene.height - 1),
      column: clamp(
        along(event.clientX, area.left, area.width, input.countColumns, input.startColumn),
        0, scene.width - 1),
    };
  }

  on(input.overlay, "pointerdown", (event) => {
    drawn = false;
    if (!scene.boxMode || !event.isPrimary || event.button !== 0) return;
    anchor = cellAt(event);
    pointer = event.pointerId;
    input.overlay.setPointerCapture(pointer);
  });

  on(input.overlay, "pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const to = cellAt(event);
    // A click that trembles is a click.
    const far = Math.max(Math.abs(to.row - anchor.row), Math.abs(to.column - anchor.column));
    if (!draft && far < 2) return;
    draft = between(anchor, to);
    drawn = true;
    changed();
  });

  function lift(event) {
    if (event.pointerId !== pointer) return;
    pointer = null;
    if (event.type === "pointercancel") draft = null;
    if (draft) take();
    else changed();
  }
  for (const type of ["pointerup", "pointercancel"]) on(input.overlay, type, lift);

  const steps = {
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
  };

  return {
    get box() {
      return box;
    },
    get dragging() {
      return pointer !== null && draft !== null;
    },
    set(next) {
      [box, draft, pointer] = [next, null, null];
    },
    /** A box that lies beyond a new picture is none. */
    fit(next) {
      scene = next;
      input.overlay.style.touchAction = scene.boxMode ? "none" : "";
      if (!box) return;
      const [row, column, height, width] = box;
      if (row + height > scene.height || column + width > scene.width) box = null;
    },
    /** Whether the click was the end of a drag. */
    swallow() {
      const was = drawn;
      drawn = false;
      return was;
    },
    help: () => (scene.boxMode
      ? " On the input, arrow keys move a box, with Shift they resize it, Enter takes it."
      : ""),
    /** Handles a key on the input; false where it is not about the box. */
    key({ key, shiftKey }) {
      if (!scene.boxMode) return false;
      if (key in steps) {
        const [down, right] = steps[key];
        const current = draft ?? box;
        if (!current) {
          const middle = (length) => Math.max(0, (length - FIRST_BOX) >> 1);
          draft = fitted([middle(scene.height), middle(scene.width), FIRST_BOX, FIRST_BOX]);
        } else {
          const [row, column, height, width] = current;
          draft = fitted(shiftKey
            ? [row, column, height + down, width + right]
            : [row + down, column + right, height, width]);
        }
        speak(`Box at row ${draft[0]}, column ${draft[1]}, ${draft[2]} by ${draft[3]} pixels.`);
        changed();
        return true;
      }
      if ((key === "Enter" || key === " ") && draft) take();
      else if (key === "Escape" && draft) {
        draft = null;
        changed();
      } else return false;
      return true;
    },
    draw(picture, ink) {
      const shown = draft ?? box;
      if (!scene.boxMode || !shown) return;
      picture.outline(shown, ink.box, ink.halo, draft ? 2.5 : 2);
      if (picture === input) picture.tag(`${shown[2]}×${shown[3]}`, shown, ink.box, ink.halo);
    },
  };
}
