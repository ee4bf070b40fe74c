// A map, and what the unit under the pointer sees of the input: its frame, and in it its gradient.

export default function (args) {
  return living(args, createField, { read: decodeArrays });
}

const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const WIDE = 28; // CSS pixels between pictures
const CLOSE = 10;
const MOST = 330; // a picture's side

/** Units side by side, in as many columns as make a block of them, and no gap where that can be. */
function columnsOf(count) {
  const root = Math.ceil(Math.sqrt(count));
  for (let columns = root; columns <= 2 * root; columns += 1) {
    if (count % columns === 0) return columns;
  }
  return root;
}

function createField(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const area = part("scene");
  const pictures = Object.fromEntries(["map", "input", "average"].map((name) =>
    [name, createPicture(part(name))]));
  const { map, input, average } = pictures;
  const [readout, pixelText, spoken] = ["readout", "pixel", "spoken"].map(part);
  const atlases = Object.fromEntries(["map", "input", "average", "slopes"].map((name) =>
    [name, document.createElement("canvas")]));
  const listeners = new AbortController();
  const on = (target, type, handler) =>
    target.addEventListener(type, handler, { signal: listeners.signal });
  let scene = null;
  let pinned = null; // {row, column} as it is laid out here
  let hover = null; // the same
  let pixel = null; // {row, column} of the input that is read
  let resting = null; // what was shown last
  let token = null;
  let send = () => {};
  let ink = {};
  let width = 0;
  let frame = 0;

  const active = () => pinned ?? hover ?? resting;
  const unitOf = ({ row, column }) => row * scene.columns + column;
  const inside = (cell) => cell && cell.row >= 0 && cell.row < scene.rows
    && cell.column >= 0 && cell.column < scene.columns && unitOf(cell) < scene.count;

  /** What a unit sees on one axis, and where its window begins: [first, last, start]. */
  function span(place, axis) {
    const length = scene.side[axis];
    if (!scene.meta.frame) return [0, length, 0];
    const [start, jump, size] = scene.meta.frame;
    const first = start + place * jump;
    const corner = Math.min(Math.max(first, 0), length - scene.window[axis]);
    return [Math.max(0, first), Math.min(length, first + size), corner];
  }

  function seenBy(cell) {
    const [top, bottom, down] = span(cell.row, 0);
    const [left, right, along] = span(cell.column, 1);
    const size = scene.window[0] * scene.window[1];
    const unit = unitOf(cell);
    const slopes = scene.gradients.subarray(unit * size, (unit + 1) * size);
    return { unit, top, bottom, left, right, down, along, slopes };
  }

  // --- painting ---

  function fit() {
    const columns = width >= 700 && scene.average ? 3 : 2;
    const gap = width >= 480 ? WIDE : CLOSE;
    const side = Math.min(MOST, Math.floor((width - (columns - 1) * gap) / columns));
    area.dataset.kind = width < 700 ? "narrow" : "wide";
    area.style.setProperty("--columns", columns);
    area.style.setProperty("--gap", `${gap}px`);
    area.style.setProperty("--side", `${side}px`);
    input.size(...scene.side, side, devicePixelRatio);
    average.size(...scene.side, side, devicePixelRatio);
    map.size(scene.rows, scene.columns, side, devicePixelRatio);
  }

  function paint() {
    if (!scene || !width) return;
    fit();
    const { meta, side } = scene;
    const inkTable = paletteOf("ink", ink.dark);
    const signed = paletteOf("signed", ink.dark);
    const table = paletteOf(scene.kind, ink.dark);
    colourPlane(atlases.map, scene.laidOut, scene.rows, scene.columns, scene.kind, scene.range, table);
    map.paint(atlases.map, ink.zero, ink.line);
    map.legend(scene.range, table, diverges(scene.kind));
    const name = meta.index === null ? "its units" : `map ${meta.index}`;
    map.caption(`${meta.layer}: ${name}`, meta.index === null ? "" : `${scene.rows}×${scene.columns}`);
    write(part("map-note"), "value of each unit");
    colourPlane(atlases.input, scene.image, ...side, "ink", [0, 1], inkTable);
    input.paint(atlases.input, ink.zero, ink.line);
    input.legend(scene.slope, signed, true);
    input.caption("Input", meta.frame ? "what the unit sees of it" : "all of it is seen");
    write(part("input-note"), "gradient: change of the unit per unit of ink");
    if (scene.average) paintAverage();
    map.figure.hidden = input.figure.hidden = false;
    average.figure.hidden = !scene.average;
    input.overlay.setAttribute("aria-label", meta.alt);
    map.overlay.setAttribute("aria-label", `${meta.layer}, ${name}: ${scene.count} units`);
    mark();
  }

  function paintAverage() {
    const { row, column, share, images } = scene.meta.average;
    const most = Math.max(...scene.average);
    const table = paletteOf("activation", ink.dark);
    colourPlane(atlases.average, scene.average, ...scene.side, "activation", [0, most], table);
    average.paint(atlases.average, ink.zero, ink.line);
    average.legend([0, most], table, false);
    average.caption("On average", `${images} test images`);
    const where = `the unit in the middle, row ${row}, column ${column}`;
    const said = share < 0
      ? `no pixel changes ${where}, on any of them`
      : `size of the gradient of ${where}: the middle quarter carries ${percent(share)}`;
    write(part("average-note"), said);
    const { top, bottom, left, right } = seenBy({ row, column });
    average.clear();
    average.outline([top, left, bottom - top, right - left], "#fff", "#000", 1.5);
    average.overlay.setAttribute("aria-label", `On average over ${images} test images: ${said}`);
  }

  function mark() {
    frame = 0;
    if (!scene || !width) return;
    const cell = active();
    resting = cell;
    map.clear();
    input.clear();
    map.outline([cell.row, cell.column], ink.text, ink.halo, pinned ? 3 : 2);
    const seen = seenBy(cell);
    paintSlopes(seen);
    const { top, bottom, left, right } = seen;
    input.outline([top, left, bottom - top, right - left], ink.text, ink.halo, 2);
    if (pixel) input.outline([pixel.row, pixel.column], ink.primary, ink.halo, 2);
    tell(cell, seen);
  }

  function paintSlopes({ top, bottom, left, right, down, along, slopes }) {
    const { scale, overlay } = input;
    const context = overlay.getContext("2d");
    const table = paletteOf("signed", ink.dark);
    colourPlane(atlases.slopes, slopes, ...scene.window, "signed", scene.slope, table);
    const [w, h] = [right - left, bottom - top];
    context.imageSmoothingEnabled = false;
    context.drawImage(
      ...[atlases.slopes, left - along, top - down, w, h],
      ...[left * scale, top * scale, w * scale, h * scale],
    );
    context.save();
    context.beginPath();
    context.rect(left * scale, top * scale, w * scale, h * scale);
    context.clip();
    context.strokeStyle = ink.text;
    context.globalAlpha = 0.55;
    context.lineWidth = Math.max(1, devicePixelRatio);
    context.stroke(contour(scale));
    context.restore();
  }

  /** The outline of the ink, which the gradient covers. */
  function contour(scale) {
    const [rows, columns] = scene.side;
    const path = new Path2D();
    const dark = (row, column) => row >= 0 && column >= 0 && row < rows && column < columns
      && scene.image[row * columns + column] >= 0.5;
    for (let row = 0; row <= rows; row += 1) {
      for (let column = 0; column <= columns; column += 1) {
        const here = dark(row, column);
        if (here !== dark(row - 1, column)) {
          path.moveTo(column * scale, row * scale);
          path.lineTo((column + 1) * scale, row * scale);
        }
        if (here !== dark(row, column - 1)) {
          path.moveTo(column * scale, row * scale);
          path.lineTo(column * scale, (row + 1) * scale);
        }
      }
    }
    return path;
  }

  // --- telling ---

  const percent = (share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
  const range = (what, from, to) =>
    (to - from > 1 ? `${what}s ${from}–${to - 1}` : `${what} ${from}`);

  function place(cell) {
    const { meta, values } = scene;
    const unit = unitOf(cell);
    const where = meta.index === null
      ? `unit ${unit}`
      : `map ${meta.index}, row ${cell.row}, column ${cell.column}`;
    return `${meta.layer}, ${where}: value ${formatExact(values[unit])}`;
  }

  function sight({ top, bottom, left, right }) {
    const [h, w] = [bottom - top, right - left];
    if (!scene.meta.frame) return `sees the whole input (${h}×${w})`;
    const size = scene.meta.frame[2];
    const cut = h === size && w === size ? "" : ` of its ${size}×${size}: the rest is padding`;
    return `sees ${range("row", top, bottom)}, ${range("column", left, right)} (${h}×${w}${cut})`;
  }

  function use({ unit }) {
    const share = scene.shares[unit];
    if (share < 0) return "no pixel changes it now: each way to it is switched off by a ReLU";
    const carries = `the middle quarter of the frame carries ${percent(share)} of the gradient`;
    return `${carries} (25 % if all pixels counted alike)`;
  }

  function tell(cell, seen) {
    write(readout, `${place(cell)}; ${sight(seen)}; ${use(seen)}.`);
    write(pixelText, pixel ? `${readPixel(seen)}.` : hint());
    const { top, bottom, left, right, unit } = seen;
    host.field = {
      ...cell,
      unit,
      value: scene.values[unit],
      share: scene.shares[unit],
      frame: [top, bottom, left, right],
      pinned: pinned && [pinned.row, pinned.column],
      pixel: pixel && { ...pixel, gradient: slopeAt(pixel, seen) },
    };
  }

  function hint() {
    const touch = matchMedia("(hover: none)").matches;
    if (pinned) return `Pinned: ${touch ? "tap it again" : "click it again or press Escape"} to let go.`;
    const verb = touch ? "Tap" : "Point at";
    return `${verb} a unit of the map to see its frame, or a pixel of the input to read its gradient.`;
  }

  const seesPixel = ({ row, column }, { top, bottom, left, right }) =>
    row >= top && row < bottom && column >= left && column < right;

  function slopeAt(at, seen) {
    if (!seesPixel(at, seen)) return 0;
    return seen.slopes[(at.row - seen.down) * scene.window[1] + at.column - seen.along];
  }

  function readPixel(seen) {
    const { row, column } = pixel;
    const start = `Input, row ${row}, column ${column}: ink `
      + formatExact(scene.image[row * scene.side[1] + column]);
    if (!seesPixel(pixel, seen)) return `${start}; outside of the frame, the unit cannot see it`;
    return `${start}; one more unit of ink would change the unit by ${formatExact(slopeAt(pixel, seen))}`;
  }

  // --- pointing ---

  function refresh() {
    if (!frame) frame = requestAnimationFrame(mark);
  }

  function pin(cell) {
    const again = pinned && cell && unitOf(pinned) === unitOf(cell);
    if (again) hover = pinned;
    pinned = again ? null : cell;
    told();
    refresh();
  }

  /** Where a unit is for Python: a dense layer's are one row. */
  const written = (cell) => (scene.meta.index === null ? [0, unitOf(cell)] : [cell.row, cell.column]);
  const cellAt = ([row, column]) => (scene.meta.index === null
    ? { row: Math.floor(column / scene.columns), column: column % scene.columns }
    : { row, column });

  function told() {
    const at = pinned && written(pinned);
    if (scene.meta.address) say({ [scene.meta.address]: at ? at.join("_") : "" });
    send({ pinned: at, reset: token });
  }

  const pointed = (event) => {
    const cell = map.find(event);
    if (!inside(cell)) return;
    [hover, pixel] = [cell, null];
    refresh();
  };
  on(map.overlay, "pointermove", pointed);
  on(map.overlay, "pointerdown", pointed);
  on(map.overlay, "click", (event) => {
    // The second half of a double click would let go what the first has pinned.
    const cell = event.detail > 1 ? null : map.find(event);
    if (inside(cell)) pin(cell);
  });
  for (const type of ["pointermove", "pointerdown"]) {
    on(input.overlay, type, (event) => {
      pixel = input.find(event);
      refresh();
    });
  }
  on(input.overlay, "pointerleave", (event) => {
    // After a tap the number stays to be read: a finger cannot hover.
    if (event.pointerType === "touch") return;
    pixel = null;
    refresh();
  });

  on(map.overlay, "keydown", (event) => {
    if (!scene || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) steer(ARROWS[event.key], event.shiftKey ? 5 : 1);
    else if (event.key === "Enter" || event.key === " ") {
      pin(active());
      write(spoken, pinned ? "Pinned." : "Let go.");
    } else if (event.key === "Escape" && pinned) {
      pin(pinned);
      write(spoken, "Let go.");
    } else return;
    event.preventDefault();
  });

  function steer([down, right], step) {
    const cell = active();
    const clamp = (value, count) => Math.min(Math.max(value, 0), count - 1);
    const next = {
      row: clamp(cell.row + step * down, scene.rows),
      column: clamp(cell.column + step * right, scene.columns),
    };
    if (!inside(next)) return;
    [hover, pixel] = [next, null];
    if (pinned) {
      pinned = next;
      told();
    }
    refresh();
    write(spoken, `${place(next)}; ${sight(seenBy(next))}`);
  }

  // --- life ---

  function dress() {
    const dark = isDark(host);
    ink = {
      dark,
      text: themeColor(host, "text-color"),
      primary: themeColor(host, "primary-color"),
      zero: themeColor(host, "secondary-background-color"),
      line: dark ? "rgb(255 255 255 / 0.45)" : "rgb(0 0 0 / 0.4)",
      halo: dark ? "#000" : "#fff",
    };
  }

  function sceneOf({ arrays, meta }) {
    const { shape: [high, wide], values } = arrays.values;
    const count = high * wide;
    const columns = meta.index === null ? columnsOf(count) : wide;
    const rows = Math.ceil(count / columns);
    const laidOut = new Float32Array(rows * columns);
    laidOut.set(values);
    const signed = values.some((value) => value < 0);
    const size = (list) => list.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const most = size(values);
    const slope = size(arrays.gradients.values);
    return {
      meta,
      ...{ values, laidOut, rows, columns, count },
      kind: signed ? "signed" : "activation",
      range: signed ? [-most, most] : [0, most],
      image: arrays.image.values,
      side: arrays.image.shape,
      gradients: arrays.gradients.values,
      window: arrays.gradients.shape.slice(2),
      slope: [-slope, slope],
      shares: arrays.shares.values,
      average: arrays.average?.values,
    };
  }

  /** Where it begins: the unit with the largest value. */
  function strongest() {
    const at = scene.values.indexOf(Math.max(...scene.values));
    return { row: Math.floor(at / scene.columns), column: at % scene.columns };
  }

  function measure() {
    width = area.clientWidth;
    paint();
  }

  const observer = new ResizeObserver(() => {
    if (area.clientWidth !== width) measure();
  });
  observer.observe(area);
  watchDensity(measure, listeners.signal);

  return {
    update(next, emit) {
      const before = scene?.meta;
      scene = sceneOf(next);
      send = emit;
      const { meta } = scene;
      if (token === null || meta.reset !== token) {
        token = meta.reset;
        pinned = meta.pinned && cellAt(meta.pinned);
      }
      if (!inside(pinned)) pinned = null;
      if (!inside(hover)) hover = null;
      if (before?.layer !== meta.layer || !inside(resting)) resting = strongest();
      if (before?.layer !== meta.layer) hover = null;
      dress();
      if (width) paint();
      else measure();
      host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
    },
    destroy() {
      listeners.abort();
      observer.disconnect();
      cancelAnimationFrame(frame);
    },
  };
}
