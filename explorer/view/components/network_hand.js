// Mouse, finger and keys on the picture: what is pointed at, what is opened, which value is kept.

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The nearest unit in a direction: within its own layer, else in the next one. */
function neighbour(layout, at, [dx, dy]) {
  const own = layout.of(at.stage);
  const column = at.unit % own.columns;
  const row = Math.floor(at.unit / own.columns);
  const [c, r] = [column + dx, row + dy];
  if (c >= 0 && c < own.columns && r >= 0 && r < own.rows && r * own.columns + c < own.n) {
    return { stage: at.stage, unit: r * own.columns + c };
  }
  const along = layout.stacked ? dy : dx;
  const next = along && layout.of(at.stage + along);
  if (!next) return { stage: at.stage, unit: at.unit };
  const [x, y, w, h] = tileOf(own, at.unit);
  const far = (i) => {
    const [tx, ty, tw, th] = tileOf(next, i);
    return Math.hypot(tx + tw / 2 - x - w / 2, ty + th / 2 - y - h / 2);
  };
  let best = 0;
  for (let i = 1; i < next.n; i += 1) if (far(i) < far(best)) best = i;
  return { stage: at.stage + along, unit: best };
}

/** `world()` tells {scene, layout}; `refresh` asks for a repaint, `report` tells Python. */
function createHand({ root, part, on, view, journey, world, refresh, report }) {
  const { host } = root;
  const [network, marks, spoken] = ["network", "marks", "spoken"].map(part);
  let cursor = null; // {stage, unit, row, column} that is pointed at
  let opened = null; // {stage, unit} as the hand wants it
  let pinned = null; // {row, column} of the opened map
  let told = "";

  /** What the card and the edges are about: what is pointed at, else what is open. */
  function active() {
    if (cursor) return cursor;
    const { scene } = world();
    if (journey.under || !scene.opened) return null;
    return { ...scene.opened, ...(scene.stages[scene.opened.stage].maps ? middleOf() : {}) };
  }

  /** A lens on the page follows what is pointed at in the opened map. */
  function point(at) {
    if (!cursor || !at || at.row === undefined) return;
    const next = `${at.row} ${at.column}`;
    if (next === told) return;
    told = next;
    const detail = { row: at.row, column: at.column };
    window.dispatchEvent(new CustomEvent("network-pointed", { detail }));
  }

  /** The value under a point, in the network or in the opened unit's own tiles. */
  function under(event) {
    const { scene, layout } = world();
    if (!layout) return null;
    const found = tileAt(layout, ...view.world(event));
    if (!found) return null;
    const { box, i } = found;
    if (box.kind === "stage") return inTile(box.stage, i, found.x, found.y, box.tw, box.th);
    const { opened: open, stages } = scene;
    const stage = stages[open.stage];
    if (box.kind === "parts" && stage.op === "convolution") {
      const inset = box.slice[0] + 16;
      if (found.x < inset) return { ...open, ...middleOf() };
      const top = Math.round((box.th - box.part[1]) / 2);
      return inTile(open.stage, open.unit, found.x - inset, found.y - top, ...box.part);
    }
    if (box.kind === "sum" && stage.maps) {
      const { before, after } = sumTiles(box);
      const [x, y] = view.world(event);
      const rect = y >= after[1] - 8 ? after : before;
      return inTile(open.stage, open.unit, x - rect[0], y - rect[1], rect[2], rect[3]);
    }
    return stage.maps ? { ...open, ...middleOf() } : { ...open };
  }

  function middleOf() {
    const { opened: open, stages } = world().scene;
    return pinned ?? strongestOf(stages[open.stage], open.unit);
  }

  function inTile(at, unit, x, y, tw, th) {
    const { maps, h, w } = world().scene.stages[at];
    if (!maps) return { stage: at, unit };
    const clamp = (value, count) => Math.min(count - 1, Math.max(0, Math.floor(value)));
    return { stage: at, unit, row: clamp((y / th) * h, h), column: clamp((x / tw) * w, w) };
  }

  const openable = ({ stage }) => stage > 0;

  function open(at) {
    const next = at && openable(at) ? { stage: at.stage, unit: at.unit } : null;
    if (JSON.stringify(next) === JSON.stringify(opened)) return;
    [opened, pinned, told] = [next, null, ""];
    write(spoken, next ? `${world().scene.stages[next.stage].name}, ${next.unit} opens.` : "Closed.");
    report();
  }

  /** One level: first the pinned value, then the unit. */
  function close() {
    if (pinned) [pinned, told] = [null, ""];
    else if (opened) open(null);
    else return false;
    refresh();
    return true;
  }

  function choose(at) {
    if (!at) {
      close();
      return;
    }
    const again = opened && at.stage === opened.stage && at.unit === opened.unit;
    if (again && at.row !== undefined) {
      pinned = { row: at.row, column: at.column };
      refresh();
    } else open(at);
  }

  on(marks, "pointermove", (event) => {
    if (view.dragging) return;
    const next = under(event);
    if (JSON.stringify(next) === JSON.stringify(cursor)) return;
    cursor = next;
    marks.style.cursor = next ? (openable(next) ? "pointer" : "crosshair") : "default";
    refresh();
  });
  on(marks, "pointerleave", (event) => {
    if (event.pointerType === "touch") return;
    cursor = null;
    refresh();
  });

  let touched = null; // where the last tap was: a second one there opens
  on(marks, "click", (event) => {
    if (view.dragged) return;
    const next = under(event);
    const unit = next && `${next.stage} ${next.unit}`;
    const first = event.pointerType === "touch" && next && unit !== touched;
    touched = unit;
    cursor = next;
    if (!first) choose(next);
    refresh();
  });

  // --- keys ---

  const withPlace = (at) => {
    const stage = world().scene.stages[at.stage];
    return stage.maps ? { ...at, ...strongestOf(stage, at.unit) } : at;
  };

  function steer(move, inside) {
    const { scene, layout } = world();
    const at = cursor ?? active();
    if (!at) cursor = withPlace({ stage: Math.min(1, scene.stages.length - 1), unit: 0 });
    else if (inside && at.row !== undefined) {
      const { h, w } = scene.stages[at.stage];
      const clamp = (value, count) => Math.min(count - 1, Math.max(0, value));
      cursor = {
        ...at, row: clamp(at.row + move[1], h), column: clamp(at.column + move[0], w),
      };
    } else cursor = withPlace(neighbour(layout, at, move));
    refresh();
    speak();
  }

  function speak() {
    const { scene } = world();
    const { stage: s, unit, row, column } = cursor;
    const stage = scene.stages[s];
    const at = stage.maps ? (unit * stage.h + row) * stage.w + column : unit;
    const where = row === undefined ? "" : `, row ${row}, column ${column}`;
    const named = stage.outputs ? scene.classes[unit] : unit;
    write(spoken, `${stage.name}, ${stage.unit} ${named}${where}: ${formatExact(stage.after[at])}`);
  }

  on(network, "keydown", (event) => {
    if (!world().layout || event.ctrlKey || event.metaKey || event.altKey) return;
    const field = root.activeElement;
    if (event.key === "Escape") {
      if (journey.under) journey.end();
      else if (!close()) {
        if (!cursor) return;
        cursor = null;
        refresh();
      }
    } else if (field !== marks) return;
    else if (event.key === " ") journey.press();
    else if (event.key in MOVES) {
      const [dx] = MOVES[event.key];
      if (journey.under && dx) journey.step(dx);
      else steer(MOVES[event.key], event.shiftKey);
    } else if (event.key === "Enter") choose(cursor ?? active());
    else if (event.key === "+" || event.key === "=") view.zoom(1.4);
    else if (event.key === "-") view.zoom(1 / 1.4);
    else if (event.key === "0") view.reset();
    else return;
    event.preventDefault();
  });
  on(part("closer"), "click", () => view.zoom(1.4));
  on(part("further"), "click", () => view.zoom(1 / 1.4));
  on(part("whole"), "click", () => view.reset());
  on(document, "pointerdown", (event) => {
    if (!opened || event.composedPath().includes(host)) return;
    // Beside the picture, but not on what belongs to it: controls, and the lens below.
    const main = event.target.closest?.('[data-testid="stMain"]');
    if (main && !event.target.closest('[data-testid="stElementContainer"]')) close();
  });

  return {
    active,
    point,
    get cursor() {
      return cursor;
    },
    /** What the hand wants open, as it is reported: [name of the stage, number], or null. */
    get wish() {
      return opened && [world().scene.stages[opened.stage].name, opened.unit];
    },
    /** What Python shows; `taken` where it is to be taken over. */
    fit(scene, taken) {
      if (taken) [opened, pinned] = [scene.opened, null];
      if (cursor && !(cursor.unit < scene.stages[cursor.stage]?.n)) cursor = null;
    },
  };
}
