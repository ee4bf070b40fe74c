// The whole network on one canvas; what follows the pointer is drawn on a second one above it.
//
// A message repaints the first canvas; the pointer only the second, and the card. What is opened is
// Python's answer: until it has come, the picture stays as it is.

const graphs = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  if (!graphs.has(parentElement)) graphs.set(parentElement, createGraph(parentElement));
  const graph = graphs.get(parentElement);
  graph.update(decodeArrays(data), (report) => setStateValue("report", report));
  return () => {
    graphs.delete(parentElement);
    graph.destroy();
  };
}

const HEIGHT = { least: 400, most: 600, share: 0.58 }; // of the picture, by the window's
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function createGraph(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [network, stageArea, base, marks, legends, table, spoken] = [
    ...["network", "stage", "base", "marks", "legends", "table", "spoken"],
  ].map(part);
  const listeners = new AbortController();
  const on = (target, type, handler, options) =>
    target.addEventListener(type, handler, { ...options, signal: listeners.signal });
  const atlases = createAtlases();

  let scene = null;
  let layout = null;
  let placed = "";
  let cursor = null; // {stage, unit, row, column} that is pointed at
  let opened = null; // {stage, unit} as the hand wants it
  let pinned = null; // {row, column} of the opened map
  let token = null;
  let width = 0;
  let height = 0;
  let ink = {};
  let frame = 0;
  let stale = true; // whether the first canvas is to be painted too
  let told = "";

  const name = () => opened && [scene.stages[opened.stage].name, opened.unit];
  const reporter = createReporter(() => ({ reset: token, opened: name() }), host);
  const journey = createJourney(part, on, () => {
    refresh(true);
    accompany();
  });
  const view = createView(marks, on, () => ({ width, height, world: layout?.width || 1 }),
    () => refresh(true));
  const card = createFormulaCard(part("card"), () => {});

  // --- showing ---

  function refresh(all = false) {
    stale ||= all;
    if (!frame) frame = requestAnimationFrame(paint);
  }

  /** What the card and the edges are about: what is pointed at, else what is open. */
  function active() {
    if (cursor) return cursor;
    if (journey.under) return null;
    if (!scene.opened) return null;
    const stage = scene.stages[scene.opened.stage];
    const place = stage.maps ? pinned ?? strongestOf(stage, scene.opened.unit) : {};
    return { ...scene.opened, ...place };
  }

  function transform(context, clear) {
    const { k, x, y } = view.now;
    const density = devicePixelRatio;
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (clear) context.clearRect(0, 0, base.width, base.height);
    context.setTransform(density * k, 0, 0, density * k, density * x, density * y);
  }

  function paint() {
    frame = 0;
    if (!scene || !layout) return;
    if (stale) {
      stale = false;
      const context = base.getContext("2d");
      transform(context, true);
      paintBase(context, scene, layout, atlases, ink, journey.seen);
    }
    const context = marks.getContext("2d");
    transform(context, true);
    const at = active();
    const hidden = at && journey.under && at.stage > journey.at;
    if (at && !hidden) paintEdges(context, scene, layout, at, ink);
    const own = at && scene.opened && at.stage === scene.opened.stage
      && at.unit === scene.opened.unit;
    if (own && layout.find("sum")) paintOpenedPixel(context, scene, layout, at, ink);
    else if (scene.opened) frameOpened(context, rectOf(scene, layout, scene.opened));
    card.show(scene, hidden ? null : at, own);
    point(own ? at : null);
    host.graph = { at, opened: scene.opened, view: view.now, seen: journey.seen };
  }

  /** What is open stays marked while something else is pointed at. */
  function frameOpened(context, [x, y, w, h]) {
    context.setLineDash([4, 3]);
    context.lineWidth = 1.5;
    context.strokeStyle = ink.primary;
    context.strokeRect(x - 2, y - 2, w + 4, h + 4);
    context.setLineDash([]);
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

  function place() {
    if (!scene || !width) return;
    const room = Math.max(HEIGHT.least, Math.min(HEIGHT.most, HEIGHT.share * innerHeight));
    const next = JSON.stringify([scene.shape, width, room]);
    if (next !== placed) {
      placed = next;
      layout = layOut(scene, width, room);
      height = Math.ceil(layout.height * Math.min(1, width / layout.width));
      if (!view.whole || layout.width > width) view.reset();
      cursor = cursor && cursor.stage < scene.stages.length ? cursor : null;
    }
    const density = devicePixelRatio;
    const [w, h] = [Math.round(width * density), Math.round(height * density)];
    for (const canvas of [base, marks]) {
      if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    stageArea.style.height = `${height}px`;
    view.fit();
    paintAtlases(atlases, scene, layout, ink.dark);
  }

  let accompanied = null;

  /** Where the layers stand one below the other, the page scrolls with the input that travels. */
  function accompany() {
    if (!layout?.stacked || journey.at === accompanied) return;
    accompanied = journey.at;
    if (accompanied === null) return;
    const main = host.closest('[data-testid="stMain"]');
    const top = base.getBoundingClientRect().top + view.now.k * layout.of(accompanied).y;
    main?.scrollBy({ top: top - 0.3 * innerHeight, behavior: "smooth" });
  }

  // --- pointing and opening ---

  /** The value under a point, in the network or in the opened unit's own tiles. */
  function under(event) {
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

  const middleOf = () => pinned ?? strongestOf(scene.stages[scene.opened.stage], scene.opened.unit);

  function inTile(at, unit, x, y, tw, th) {
    const { maps, h, w } = scene.stages[at];
    if (!maps) return { stage: at, unit };
    const clamp = (value, count) => Math.min(count - 1, Math.max(0, Math.floor(value)));
    return { stage: at, unit, row: clamp((y / th) * h, h), column: clamp((x / tw) * w, w) };
  }

  const openable = ({ stage }) => stage > 0;

  function open(at) {
    const next = at && openable(at) ? { stage: at.stage, unit: at.unit } : null;
    if (JSON.stringify(next) === JSON.stringify(opened)) return;
    [opened, pinned, told] = [next, null, ""];
    write(spoken, next ? `${scene.stages[next.stage].name}, ${next.unit} opens.` : "Closed.");
    reporter.report();
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

  /** The nearest unit in a direction: within its own layer, else in the next one. */
  function neighbour(at, [dx, dy]) {
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

  const withPlace = (at) => {
    const stage = scene.stages[at.stage];
    return stage.maps ? { ...at, ...strongestOf(stage, at.unit) } : at;
  };

  function steer(move, inside) {
    const at = cursor ?? active();
    if (!at) cursor = withPlace({ stage: Math.min(1, scene.stages.length - 1), unit: 0 });
    else if (inside && at.row !== undefined) {
      const { h, w } = scene.stages[at.stage];
      const clamp = (value, count) => Math.min(count - 1, Math.max(0, value));
      cursor = {
        ...at, row: clamp(at.row + move[1], h), column: clamp(at.column + move[0], w),
      };
    } else cursor = withPlace(neighbour(at, move));
    refresh();
    speak();
  }

  function speak() {
    const { stage: s, unit, row, column } = cursor;
    const stage = scene.stages[s];
    const at = stage.maps ? (unit * stage.h + row) * stage.w + column : unit;
    const where = row === undefined ? "" : `, row ${row}, column ${column}`;
    const named = stage.outputs ? scene.classes[unit] : unit;
    write(spoken, `${stage.name}, ${stage.unit} ${named}${where}: ${formatExact(stage.after[at])}`);
  }

  on(network, "keydown", (event) => {
    if (!layout || event.ctrlKey || event.metaKey || event.altKey) return;
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

  // --- life ---

  function dress() {
    const dark = isDark(host);
    ink = {
      dark,
      font: themeColor(host, "font") || "sans-serif",
      text: themeColor(host, "text-color"),
      primary: themeColor(host, "primary-color"),
      quiet: dark ? "rgb(230 233 239 / 0.72)" : "rgb(28 35 48 / 0.72)",
      border: dark ? "rgb(255 255 255 / 0.2)" : "rgb(0 0 0 / 0.2)",
      track: dark ? "rgb(255 255 255 / 0.12)" : "rgb(0 0 0 / 0.09)",
      halo: dark ? "#000" : "#fff",
      peak: SECOND,
    };
    marks.setAttribute("aria-label", scene.alt);
    const kinds = new Set(scene.stages.map(({ colours }) => colours));
    const bar = (kind, low, middle, high, what) => {
      const palette = paletteOf(kind, dark);
      const stops = Array.from({ length: 16 }, (_, i) => palette.css(17 * i)).join(", ");
      return `<span class="legend"><b>${what}</b>${low}<i style="background-image:linear-gradient(`
        + `90deg, ${stops})">${middle}</i>${high}</span>`;
    };
    const each = scene.scale === "map" ? "its map’s highest" : "its layer’s highest";
    const html = [
      bar("activation", "0", "", each, "Activations"),
      kinds.has("signed") || scene.opened ? bar("signed", "lowest", "0", "highest", "With a sign") : "",
      bar("weight", "−", "0", "+", "Weights and edges"),
      `<span class="quiet">Wide edge: large weights, or, into a unit, a large weight × value.</span>`,
    ].join("");
    if (legends.innerHTML !== html) legends.innerHTML = html;
  }

  function describe() {
    const lines = scene.stages.map(({ name: title, kind, size, learnt, sentence }) =>
      [title, kind, size, learnt, sentence].filter(Boolean).join(", "));
    if (table.children.length === lines.length && table.firstChild.textContent === lines[0]
      && table.lastChild.textContent === lines.at(-1)) return;
    table.replaceChildren(...lines.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }));
  }

  function verdict() {
    const best = scene.chances.indexOf(Math.max(...scene.chances));
    return `It reads ${scene.classes[best]} (${percent(scene.chances[best])}).`;
  }

  const observer = new ResizeObserver(() => {
    if (network.clientWidth === width) return;
    width = network.clientWidth;
    place();
    stale = true;
    paint();
  });
  observer.observe(network);
  watchDensity(() => {
    place();
    refresh(true);
  }, listeners.signal);
  onStash(() => {
    if (!scene || !layout) return;
    paintAtlases(atlases, scene, layout, ink.dark);
    refresh(true);
  }, listeners.signal);

  /** For tests and benchmarks: where a unit, or a value of a map, lies in the window. */
  host.placeOf = (at) => {
    const [x, y, w, h] = rectOf(scene, layout, at);
    const box = marks.getBoundingClientRect();
    const { k, x: left, y: top } = view.now;
    return [box.left + left + k * (x + w / 2), box.top + top + k * (y + h / 2)];
  };

  return {
    update(next, emit) {
      const first = scene === null;
      scene = sceneOf(next);
      if (first || scene.reset !== token) {
        token = scene.reset;
        [opened, pinned] = [scene.opened, null];
      }
      if (scene.opened && cursor && cursor.stage >= scene.stages.length) cursor = null;
      if (cursor && cursor.unit >= scene.stages[cursor.stage]?.n) cursor = null;
      say(scene.address);
      dress();
      describe();
      journey.fit(scene.stages, verdict());
      width = network.clientWidth;
      place();
      stale = true;
      cancelAnimationFrame(frame);
      paint();
      reporter.echo(scene.echo, emit);
      host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
    },
    destroy() {
      listeners.abort();
      observer.disconnect();
      journey.destroy();
      reporter.stop();
      cancelAnimationFrame(frame);
    },
  };
}
