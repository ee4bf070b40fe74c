// Maps and the vector they are flattened into, each slot tied to its pixel.

export default function (args) {
  return living(args, createSlots, { read: decodeArrays });
}

const GAP = 8; // CSS pixels between maps
const TILE = { few: 112, many: 60 }; // a map's side, at most, in CSS pixels
const FEW = 12;
const CELL = 5; // a slot's width, at least where there is room

function createSlots(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [mapsCanvas, vectorCanvas, readout, spoken] = ["maps", "vector", "readout", "spoken"].map(part);
  const listeners = new AbortController();
  let scene = null; // {values, shape: [C, H, W], meta}
  let at = null; // {map, row, column}
  let plan = null;
  let width = 0;
  let frame = 0;

  const slotOf = ({ map, row, column }) => (row * scene.w + column) * scene.c + map;
  const pixelOf = (slot) => {
    const cell = Math.floor(slot / scene.c);
    return { map: slot % scene.c, row: Math.floor(cell / scene.w), column: cell % scene.w };
  };
  const valueAt = ({ map, row, column }) => scene.values[(map * scene.h + row) * scene.w + column];

  function layout() {
    const { c, h, w } = scene;
    const pixel = Math.max(1, Math.floor((c > FEW ? TILE.many : TILE.few) / Math.max(h, w)));
    const tile = { width: pixel * w, height: pixel * h };
    const columns = Math.max(1, Math.min(c, Math.floor((width + GAP) / (tile.width + GAP))));
    const rows = Math.ceil(c / columns);
    // All slots of a pixel on one line, and as many pixels as leave each slot wide enough to hit.
    const pixels = Math.max(1, Math.min(w, Math.floor(width / (CELL * c))));
    const across = pixels * c;
    const cell = Math.min(14, width / across);
    const tall = Math.max(cell, 7);
    const lines = Math.ceil((c * h * w) / across);
    const pitch = tall + 2;
    plan = { pixel, tile, columns, across, cell, tall, pitch, lines };
    size(mapsCanvas, columns * (tile.width + GAP) - GAP, rows * (tile.height + GAP) - GAP);
    size(vectorCanvas, across * cell, lines * pitch);
  }

  function size(canvas, wide, high) {
    canvas.width = Math.round(wide * devicePixelRatio);
    canvas.height = Math.round(high * devicePixelRatio);
    canvas.style.width = `${wide}px`;
    canvas.style.height = `${high}px`;
  }

  const origin = (map) => [
    (map % plan.columns) * (plan.tile.width + GAP),
    Math.floor(map / plan.columns) * (plan.tile.height + GAP),
  ];

  function paint() {
    frame = 0;
    if (!scene || !plan) return;
    const palette = paletteOf("activation", isDark(host));
    const most = Math.max(...scene.extremes) || 1;
    const shade = (value) => palette.css(Math.max(0, Math.min(255, Math.round((255 * value) / most))));
    const border = isDark(host) ? "rgb(255 255 255 / 0.25)" : "rgb(0 0 0 / 0.25)";
    const mapsInk = mapsCanvas.getContext("2d");
    mapsInk.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    mapsInk.clearRect(0, 0, width, 10_000);
    const vectorInk = vectorCanvas.getContext("2d");
    vectorInk.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    vectorInk.clearRect(0, 0, width + 1, 10_000);
    const { c, h, w, values } = scene;
    const { pixel, tile, across, cell, tall, pitch } = plan;
    for (let map = 0; map < c; map += 1) {
      const [x, y] = origin(map);
      for (let row = 0; row < h; row += 1) {
        for (let column = 0; column < w; column += 1) {
          mapsInk.fillStyle = shade(values[(map * h + row) * w + column]);
          mapsInk.fillRect(x + column * pixel, y + row * pixel, pixel, pixel);
        }
      }
      mapsInk.strokeStyle = border;
      mapsInk.lineWidth = 1;
      mapsInk.strokeRect(x - 0.5, y - 0.5, tile.width + 1, tile.height + 1);
    }
    for (let slot = 0; slot < values.length; slot += 1) {
      vectorInk.fillStyle = shade(valueAt(pixelOf(slot)));
      const [x, y] = [(slot % across) * cell, Math.floor(slot / across) * pitch];
      vectorInk.fillRect(x, y, cell + 0.3, tall);
    }
    if (at) mark(mapsInk, vectorInk);
  }

  function frameAround(context, x, y, wide, high, strong) {
    const pairs = strong ? [[4, "#fff"], [2, "#000"]] : [[2.5, "#fff"], [1.2, "#0b8f7e"]];
    for (const [thickness, colour] of pairs) {
      context.lineWidth = thickness;
      context.strokeStyle = colour;
      context.strokeRect(x, y, wide, high);
    }
  }

  function mark(mapsInk, vectorInk) {
    const { pixel, across, cell, tall, pitch } = plan;
    for (let map = 0; map < scene.c; map += 1) {
      if (map === at.map) continue;
      const [x, y] = origin(map);
      frameAround(mapsInk, x + at.column * pixel, y + at.row * pixel, pixel, pixel, false);
    }
    const [x, y] = origin(at.map);
    frameAround(mapsInk, x + at.column * pixel, y + at.row * pixel, pixel, pixel, true);
    const slot = slotOf(at);
    const first = slot - at.map;
    const top = Math.floor(slot / across) * pitch;
    frameAround(vectorInk, (first % across) * cell, top, scene.c * cell, tall, false);
    frameAround(vectorInk, (slot % across) * cell, top - 0.5, cell, tall + 1, true);
  }

  const several = () => scene.c > 1;

  function tell() {
    const { c, h, w, meta } = scene;
    write(part("maps-head"), `${meta.label}: ${several() ? `${c} ${meta.noun}s of ` : ""}${h}×${w}`);
    write(part("vector-head"), `Flattened: ${(c * h * w).toLocaleString("en")} slots, read line by line`);
    if (!at) {
      write(readout, "Point at a pixel to see its slot in the vector, or at a slot to see its pixel.");
      return;
    }
    const slot = slotOf(at);
    const where = several() ? `${meta.noun} ${at.map}, ` : "";
    const sum = several()
      ? `(${at.row} · ${w} + ${at.column}) · ${c} + ${at.map}`
      : `${at.row} · ${w} + ${at.column}`;
    write(
      readout,
      `${formatExact(valueAt(at))} at ${where}row ${at.row}, column ${at.column}  ↔  slot ${sum} = ${slot}`,
    );
  }

  function point(next, spoken_ = false) {
    if (next && (next.map < 0 || next.map >= scene.c || next.row < 0 || next.row >= scene.h
      || next.column < 0 || next.column >= scene.w)) return;
    at = next;
    tell();
    host.pointed = at && slotOf(at);
    if (spoken_) write(spoken, readout.textContent);
    if (!frame) frame = requestAnimationFrame(paint);
  }

  function place(canvas, event) {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  function overMaps(event) {
    const [x, y] = place(mapsCanvas, event);
    const { tile, pixel, columns } = plan;
    const column = Math.floor(x / (tile.width + GAP));
    const map = Math.floor(y / (tile.height + GAP)) * columns + column;
    if (column >= columns || map >= scene.c) return;
    const [left, top] = origin(map);
    point({ map, row: Math.floor((y - top) / pixel), column: Math.floor((x - left) / pixel) });
  }

  function overVector(event) {
    const [x, y] = place(vectorCanvas, event);
    const slot = Math.floor(y / plan.pitch) * plan.across + Math.floor(x / plan.cell);
    if (slot >= 0 && slot < scene.values.length) point(pixelOf(slot));
  }

  const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

  function steer(event, inMaps) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = at ?? { map: 0, row: 0, column: 0 };
    const pages = { PageUp: -1, PageDown: 1 };
    let next = null;
    if (event.key === "Escape" && at) {
      point(null);
      return;
    }
    if (event.key in pages) next = { ...here, map: here.map + pages[event.key] };
    else if (event.key in ARROWS && inMaps) {
      const [down, right] = ARROWS[event.key];
      next = { ...here, row: here.row + down, column: here.column + right };
    } else if (event.key in ARROWS) {
      const [down, right] = ARROWS[event.key];
      const slot = slotOf(here) + right + down * plan.across;
      next = slot >= 0 && slot < scene.values.length ? pixelOf(slot) : here;
    } else return;
    event.preventDefault();
    point(at ? next : here, true);
  }

  for (const [canvas, over, inMaps] of [[mapsCanvas, overMaps, true], [vectorCanvas, overVector, false]]) {
    const on = (type, handler) => canvas.addEventListener(type, handler, { signal: listeners.signal });
    on("pointermove", over);
    on("pointerdown", over);
    on("keydown", (event) => steer(event, inMaps));
  }

  function measure() {
    if (!scene) return;
    width = root.querySelector(".slots").clientWidth;
    if (!width) return;
    layout();
    paint();
  }

  const observer = new ResizeObserver(() => {
    if (root.querySelector(".slots").clientWidth !== width) measure();
  });
  observer.observe(root.querySelector(".slots"));
  watchDensity(measure, listeners.signal);

  return {
    update({ arrays, meta }) {
      const { shape: [c, h, w], values } = arrays.maps;
      const other = !scene || scene.c !== c || scene.h !== h || scene.w !== w;
      scene = { c, h, w, values, meta, extremes: [values.reduce((a, b) => Math.max(a, b), 0)] };
      if (other) at = null;
      const alt = `${c} maps of ${h} by ${w}, ${meta.label}`;
      mapsCanvas.setAttribute("aria-label", alt);
      vectorCanvas.setAttribute("aria-label", `The same as a vector of ${values.length} slots`);
      if (other || !plan) measure();
      tell();
      paint();
      host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
    },
    destroy() {
      listeners.abort();
      observer.disconnect();
      cancelAnimationFrame(frame);
    },
  };
}
