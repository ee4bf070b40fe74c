// A picture and its shifted twin through the same stages; the twin follows the hand.
//
// The twin's first picture is drawn from the original at once, wherever the hand is; the stages
// behind it show what Python computed last. Each canvas has a twin above it for what follows the
// pointer.

export default function (args) {
  return living(args, createTwins, { read: decodeArrays });
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const REST = 400; // ms after the last key until the hand counts as at rest
const GAP = 10;
const MOST = 300; // CSS pixels along the side of a picture, at most
const NARROW = 270; // CSS pixels of a pair, at least, before one takes a row of its own

const clamp = (value) => Math.max(-MAX_SHIFT, Math.min(MAX_SHIFT, value));

function createTwins(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [twins, area, controls, legend, winnersLegend, readout, remark, spoken, reset] = [
    ...["twins", "stages", "controls", "legend", "winners-legend", "readout", "remark", "spoken"],
    "reset",
  ].map(part);
  const sliders = { dx: part("dx"), dy: part("dy") };
  const numbers = { dx: part("dx-number"), dy: part("dy-number") };
  const listeners = new AbortController();
  const on = (target, type, handler) =>
    target.addEventListener(type, handler, { signal: listeners.signal });

  let scene = null; // {stages, meta}
  let figures = []; // of each stage: {figure, title, size, low, bar, high, kernel, sides}
  let shift = { dx: 0, dy: 0 };
  let token = null;
  let moving = false;
  let grip = null; // where a drag began: {id, x, y, dx, dy, cell}
  let hover = null; // {stage, row, column} on the original's grid
  let rest = 0;
  let width = 0;
  let frame = 0;

  const reporter = createReporter(() => ({ reset: token, ...shift, moving }), host);

  // --- building ---

  function buildSide(name, stage) {
    const side = document.createElement("div");
    side.className = "side";
    side.innerHTML = `<div class="stack"><canvas></canvas><canvas></canvas></div><span></span>`;
    const [base, overlay] = side.querySelectorAll("canvas");
    overlay.setAttribute("role", "img");
    const words = side.querySelector("span");
    words.textContent = name;
    const made = { side, base, overlay, words, atlas: document.createElement("canvas"), scale: 1 };
    on(overlay, "pointermove", (event) => point(event, stage, made));
    on(overlay, "pointerdown", (event) => point(event, stage, made));
    on(overlay, "pointerleave", (event) => {
      if (event.pointerType !== "touch") point(null);
    });
    return made;
  }

  function build() {
    area.replaceChildren();
    figures = scene.stages.map((_, stage) => {
      const figure = document.createElement("figure");
      figure.innerHTML = `<figcaption><strong></strong> <span></span></figcaption>
        <div class="pair"></div>
        <div class="scale"><span></span><span class="bar"></span><span></span></div>
        <div class="kernel"><canvas role="img"></canvas><span></span></div>`;
      const [title, size] = figure.querySelectorAll("figcaption > *");
      const [low, bar, high] = figure.querySelectorAll(".scale > span");
      const kernel = figure.querySelector(".kernel");
      const sides = [buildSide("original", stage), buildSide("shifted", stage)];
      figure.querySelector(".pair").append(...sides.map(({ side }) => side));
      area.append(figure);
      return { figure, title, size, low, bar, high, kernel, sides };
    });
    figures[0].figure.append(controls);
    const [, hand] = figures[0].sides;
    hand.side.classList.add("hand");
    hand.words.textContent = "shifted: drag it";
    hand.overlay.tabIndex = 0;
    hand.overlay.setAttribute("role", "application");
    hand.overlay.setAttribute("aria-describedby", "keys");
    on(hand.overlay, "pointerdown", grasp);
    on(hand.overlay, "pointermove", drag);
    for (const type of ["pointerup", "pointercancel"]) on(hand.overlay, type, letGo);
    on(hand.overlay, "keydown", steer);
  }

  // --- painting ---

  /** Cuts nothing off: where a pair has no room for two pictures of this size, they shrink. */
  function fit() {
    width = area.clientWidth;
    const most = Math.min(figures.length, Math.max(1, Math.floor(width / NARROW)));
    // Four pairs in two rows of two rather than three and one.
    const columns = figures.length === 4 && most === 3 ? 2 : most;
    area.style.setProperty("--columns", columns);
    // With room for three, each block of convolution and pooling has a row beside the picture.
    const inRows = columns === 3 && figures.length > 3;
    figures.forEach(({ figure }, i) => {
      figure.style.gridColumn = inRows ? (i === 0 ? 1 : 2 + ((i - 1) % 2)) : "";
      figure.style.gridRow = inRows && i === 0 ? `1 / span ${(figures.length - 1) / 2}` : "";
    });
    const pair = (width - (columns - 1) * 28) / columns;
    const room = Math.min(MOST, Math.floor((pair - GAP) / 2));
    for (const { sides } of figures) for (const made of sides) made.room = room;
  }

  function paintKernel(place, { kernel }, note) {
    place.hidden = !kernel;
    if (!kernel) return;
    const [canvas, words] = place.children;
    const [height, across] = kernel.shape;
    const most = Math.max(...kernel.values.map(Math.abs));
    const atlas = document.createElement("canvas");
    const made = { base: canvas, overlay: canvas, atlas, room: 64 };
    const look = { height, across, kind: "weight", range: [-most, most], dark: isDark(host) };
    paintMap(made, kernel.values, look);
    canvas.setAttribute("aria-label", `Kernel of ${height} by ${across} weights`);
    const ends = [-most, most].map(format).join(" to ");
    write(words, `Kernel ${height}×${across}${note}. Purple is negative, green positive: ${ends}.`);
  }

  function paintStage(i) {
    const { arrays, label, kind, range, window: pooled, note } = scene.stages[i];
    const { title, size, low, bar, high, kernel, sides } = figures[i];
    const [height, across] = arrays.original.shape;
    const look = { height, across, kind, range, dark: isDark(host) };
    write(title, label);
    write(size, `${height}×${across}`);
    write(low, format(range[0]));
    write(high, format(range[1]));
    paintKernel(kernel, arrays, note);
    const palette = paletteOf(kind, isDark(host));
    const stops = Array.from({ length: 16 }, (_, k) => palette.css(17 * k));
    bar.style.backgroundImage = `linear-gradient(90deg, ${stops.join(", ")})`;
    const twin = i === 0 ? displaced(arrays.original, shift) : arrays.shifted.values;
    paintMap(sides[0], arrays.original.values, look);
    paintMap(sides[1], twin, look);
    if (arrays.states) paintStates(sides[1], arrays.states.values, across);
    if (arrays.won) paintWinners(sides[0], arrays.won.values, across);
    if (arrays.wonShifted) paintWinners(sides[1], arrays.wonShifted.values, across);
    const named = i === 0 ? scene.meta.alt : `${label}, ${height} by ${across} values`;
    const windows = pooled ? `, windows of ${pooled[0]} by ${pooled[0]}, stride ${pooled[1]}` : "";
    sides[0].overlay.setAttribute("aria-label", `Original: ${named}${windows}`);
    sides[1].overlay.setAttribute("aria-label", `Shifted by ${told(shift)}: ${named}${windows}`);
  }

  function paint() {
    if (!scene || !width) return;
    scene.stages.forEach((_, i) => paintStage(i));
    paintHover();
  }

  const told = ({ dx, dy }) => {
    const parts = [];
    if (dx) parts.push(`${Math.abs(dx)} px ${dx > 0 ? "right" : "left"}`);
    if (dy) parts.push(`${Math.abs(dy)} px ${dy > 0 ? "down" : "up"}`);
    return parts.join(", ") || "nothing";
  };

  function showShift() {
    for (const name of ["dx", "dy"]) {
      const slider = sliders[name];
      if (slider.max !== String(MAX_SHIFT)) {
        [slider.min, slider.max, slider.step] = [-MAX_SHIFT, MAX_SHIFT, 1];
      }
      if (Number(slider.value) !== shift[name]) slider.value = shift[name];
      const share = 0.5 + shift[name] / MAX_SHIFT / 2;
      slider.style.setProperty("--from", Math.min(0.5, share));
      slider.style.setProperty("--to", Math.max(0.5, share));
      write(numbers[name], `${format(shift[name])} px`);
    }
    sliders.dx.setAttribute("aria-valuetext", told({ dx: shift.dx, dy: 0 }));
    sliders.dy.setAttribute("aria-valuetext", told({ dx: 0, dy: shift.dy }));
    reset.disabled = !shift.dx && !shift.dy;
    host.twins = { ...shift, moving, computed: scene && { dx: scene.meta.dx, dy: scene.meta.dy } };
  }

  // --- moving ---

  function move(dx, dy, isMoving) {
    const next = { dx: clamp(dx), dy: clamp(dy) };
    const same = next.dx === shift.dx && next.dy === shift.dy;
    if (same && isMoving === moving) return;
    clearTimeout(rest);
    [shift, moving] = [next, isMoving];
    showShift();
    if (!same && !frame) {
      frame = requestAnimationFrame(() => {
        frame = 0;
        if (scene && width) paintStage(0);
      });
    }
    reporter.report();
  }

  const settle = () => {
    if (moving) move(shift.dx, shift.dy, false);
  };

  function grasp(event) {
    if (event.button || grip) return;
    const { overlay } = figures[0].sides[1];
    const cell = overlay.getBoundingClientRect().width / scene.stages[0].arrays.original.shape[1];
    grip = { id: event.pointerId, x: event.clientX, y: event.clientY, ...shift, cell };
    overlay.setPointerCapture(event.pointerId);
    overlay.classList.add("held");
    overlay.focus({ preventScroll: true });
    event.preventDefault();
  }

  function drag(event) {
    if (!grip || event.pointerId !== grip.id) return;
    const by = (from, to) => Math.round((to - from) / grip.cell);
    const [dx, dy] = [grip.dx + by(grip.x, event.clientX), grip.dy + by(grip.y, event.clientY)];
    if (clamp(dx) !== shift.dx || clamp(dy) !== shift.dy) move(dx, dy, true);
  }

  function letGo(event) {
    if (!grip || event.pointerId !== grip.id) return;
    grip = null;
    figures[0].sides[1].overlay.classList.remove("held");
    settle();
  }

  function steer(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in ARROWS)) return;
    event.preventDefault();
    const [right, down] = ARROWS[event.key];
    const [dx, dy] = [clamp(shift.dx + right), clamp(shift.dy + down)];
    if (dx === shift.dx && dy === shift.dy) return;
    move(dx, dy, true);
    rest = setTimeout(settle, REST);
    write(spoken, `Shifted by ${told(shift)}`);
  }

  for (const name of ["dx", "dy"]) {
    on(sliders[name], "input", () => {
      move(...["dx", "dy"].map((n) => Number(sliders[n].value)), true);
      // A keyboard moves a slider without ever letting go of it.
      rest = setTimeout(settle, 2 * REST);
    });
    on(sliders[name], "change", () => {
      rest = setTimeout(settle, REST / 4);
    });
  }
  on(reset, "click", () => move(0, 0, false));

  // --- pointing ---

  function point(event, stage = 0, made = null) {
    let next = null;
    if (event && !grip) {
      const box = made.overlay.getBoundingClientRect();
      const [height, across] = scene.stages[stage].arrays.original.shape;
      const [right, down] = made === figures[stage].sides[1] ? scene.stages[stage].moved : [0, 0];
      const row = Math.floor(((event.clientY - box.top) / box.height) * height) - down;
      const column = Math.floor(((event.clientX - box.left) / box.width) * across) - right;
      const inside = row >= 0 && column >= 0 && row < height && column < across;
      next = inside ? { stage, row, column } : null;
    }
    if (JSON.stringify(next) === JSON.stringify(hover)) return;
    hover = next;
    requestAnimationFrame(paintHover);
  }

  function paintHover() {
    if (!scene || !width) return;
    for (const { sides } of figures) {
      for (const { overlay } of sides) {
        overlay.getContext("2d").clearRect(0, 0, overlay.width, overlay.height);
      }
    }
    if (!hover || hover.stage >= scene.stages.length) {
      write(readout, "Point at a map to read its values and see its window.");
      return;
    }
    const { stage, row, column } = hover;
    const { arrays, label, moved, window: pooled } = scene.stages[stage];
    const [height, across] = arrays.original.shape;
    const there = { row: row + moved[1], column: column + moved[0] };
    const exists = there.row >= 0 && there.column >= 0 && there.row < height && there.column < across;
    outline(figures[stage].sides[0], row, column, 1);
    if (exists) outline(figures[stage].sides[1], there.row, there.column, 1);
    if (pooled && stage) {
      const [side, stride] = pooled;
      outline(figures[stage - 1].sides[0], row * stride, column * stride, side);
      if (exists) {
        outline(figures[stage - 1].sides[1], there.row * stride, there.column * stride, side);
      }
    }
    const before = arrays.original.values[row * across + column];
    const values = stage === 0 ? displaced(arrays.original, shift) : arrays.shifted.values;
    const place = there.row * across + there.column;
    const after = exists ? formatExact(values[place]) : "outside";
    const state = arrays.states && exists ? Math.round(255 * arrays.states.values[place]) : null;
    const verdict = state === null ? "" : `: ${["empty in both", "unchanged", "changed"][state]}`;
    write(readout,
      `${label}, row ${row}, column ${column}: ${formatExact(before)} → ${after}${verdict}`);
  }

  // --- life ---

  const observer = new ResizeObserver(() => {
    if (!scene || area.clientWidth === width) return;
    fit();
    paint();
  });
  observer.observe(area);
  watchDensity(paint, listeners.signal);

  function sceneOf({ arrays, meta }) {
    const names = ["original", "shifted", "states", "won", "wonShifted", "kernel"];
    const stages = meta.stages.map((stage, i) => ({
      ...stage,
      arrays: Object.fromEntries(names.map((name) => [name, arrays[`${name}${i}`]])),
    }));
    return { stages, meta };
  }

  return {
    update(next, emit) {
      const before = scene;
      scene = sceneOf(next);
      const { meta } = scene;
      if (!before || meta.reset !== token) {
        token = meta.reset;
        [shift, moving, grip] = [{ dx: meta.dx, dy: meta.dy }, false, null];
      }
      if (figures.length !== scene.stages.length) {
        // Controls keep their place in the document while the stages are built around them.
        twins.append(controls);
        build();
      }
      fit();
      legend.hidden = !scene.stages.some(({ arrays }) => arrays.states);
      winnersLegend.hidden = !scene.stages.some(({ arrays }) => arrays.won);
      paint();
      showShift();
      write(remark, meta.remark);
      say(meta.address);
      reporter.echo(meta.echo, emit);
      host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
    },
    destroy() {
      listeners.abort();
      observer.disconnect();
      reporter.stop();
      clearTimeout(rest);
      cancelAnimationFrame(frame);
    },
  };
}
