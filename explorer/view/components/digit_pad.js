// Draws strokes and reports them while they are being drawn.
//
// What is shown follows the pointer at the display's rate, what is reported goes at Python's pace
// (reporter.js), drawn on a sheet of its own, so that it depends on neither density nor size
// (strokes.js).
//
// History is a list of snapshots: a stroke, Clear and Python's reset are all one step back.

const KEY_STEP = { plain: 8, fine: 2 }; // sheet pixels per arrow key, without and with Shift

export default function (args) {
  return living(args, createPad);
}

/** A (28, 28) grey picture as a canvas in paper and ink, or null. */
function pictureOf(base64, palette) {
  if (!base64) return null;
  const grey = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const side = Math.sqrt(grey.length);
  const picture = document.createElement("canvas");
  picture.width = picture.height = side;
  const words = Uint32Array.from(grey, (value) => palette.words[value]);
  const pixels = new ImageData(new Uint8ClampedArray(words.buffer), side, side);
  picture.getContext("2d").putImageData(pixels, 0, 0);
  return picture;
}

function createPad(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [pad, canvas, hint, undo, redo, clear, slider, dot, status] = [
    ...["pad", "sheet", "hint", "undo", "redo", "clear", "brush", "dot", "status"],
  ].map(part);
  const context = canvas.getContext("2d");
  const raster = createRaster();
  const listeners = new AbortController();
  const on = (target, type, handler, options) =>
    target.addEventListener(type, handler, { ...options, signal: listeners.signal });

  let strokes = [];
  let live = null; // the stroke under the pointer or under the arrow keys
  let past = [];
  let future = [];
  let reset = null;
  let pointer = null; // the id of the one pointer that draws
  let hover = null; // where a mouse or pen would draw
  let cross = null; // where the arrow keys would draw, while the sheet has the focus
  let palette = null;
  let background = null;
  let data = null;
  let shown = ""; // the look that the page was last dressed in
  let frame = 0;

  const brush = () => Number(slider.value);
  const current = () => (live ? [...strokes, live] : strokes);

  const reporter = createReporter(() => {
    const all = current();
    return {
      reset,
      brush: brush(),
      drawing: live !== null,
      strokes: all.map(simplify).map((stroke) => [stroke.brush, ...stroke.points.flat()]),
      ...(all.length ? raster(all) : { ink: "" }),
    };
  }, host);

  // --- showing ---

  function paint() {
    frame = 0;
    const side = canvas.clientWidth;
    if (!side || !palette) return;
    const pixels = Math.round(side * devicePixelRatio);
    if (canvas.width !== pixels) canvas.width = canvas.height = pixels;
    const scale = pixels / SHEET;
    const ink = palette.css(255);
    context.resetTransform();
    context.fillStyle = palette.css(0);
    context.fillRect(0, 0, pixels, pixels);
    const empty = !strokes.length && !live;
    if (empty && background) {
      context.globalAlpha = 0.4;
      context.imageSmoothingEnabled = false;
      context.drawImage(background, 0, 0, pixels, pixels);
      context.globalAlpha = 1;
    }
    ontoSheet(context, scale, ink);
    for (const stroke of current()) trace(context, stroke);
    if (hover && !live) outline(hover, brush() / 2, ink);
    if (cross) outline(cross, Math.max(brush() / 2, 7), themeColor(host, "primary-color"), true);
    hint.hidden = !empty;
    hint.classList.toggle("low", background !== null);
  }

  function outline([x, y], radius, color, crossed = false) {
    const hair = SHEET / canvas.clientWidth;
    context.lineWidth = (crossed ? 2 : 1.25) * hair;
    context.strokeStyle = color;
    context.globalAlpha = crossed ? 1 : 0.45;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    if (crossed) {
      for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        context.moveTo(x + dx * (radius - 4), y + dy * (radius - 4));
        context.lineTo(x + dx * (radius + 6), y + dy * (radius + 6));
      }
    }
    context.stroke();
    context.globalAlpha = 1;
  }

  function refresh() {
    if (!frame) frame = requestAnimationFrame(paint);
    undo.disabled = !past.length;
    redo.disabled = !future.length;
    clear.disabled = !strokes.length;
    host.dataset.strokes = strokes.length;
  }

  /** The dot beside the slider is as wide as the next stroke. */
  function showBrush() {
    dot.style.width = dot.style.height = `${(brush() * canvas.clientWidth) / SHEET}px`;
    const share = (brush() - slider.min) / (slider.max - slider.min);
    // The thumb's middle travels from half its width to half its width before the end.
    slider.style.setProperty("--share", `calc(0.5625rem + ${share} * (100% - 1.125rem))`);
    refresh();
  }

  // --- changing ---

  function replace(next) {
    past.push(strokes);
    future = [];
    strokes = next;
  }

  function travel(from, to) {
    if (!from.length || live) return;
    to.push(strokes);
    strokes = from.pop();
    changed();
  }

  function changed() {
    refresh();
    reporter.report();
  }

  const stepBack = () => travel(past, future);
  const stepForward = () => travel(future, past);

  function wipe() {
    if (!strokes.length || live) return;
    replace([]);
    changed();
    status.textContent = "Cleared.";
  }

  function begin(point) {
    if (strokes.length >= MAX_STROKES) return false;
    live = { brush: brush(), points: [point] };
    changed();
    return true;
  }

  function extend(points) {
    const last = live.points.at(-1);
    const moved = points.filter(([x, y]) => x !== last[0] || y !== last[1]);
    if (!moved.length) return;
    live.points.push(...moved);
    // Someone who holds the pen down for minutes still gets an answer within a frame.
    if (live.points.length > 2000) live.points = simplify(live).points;
    changed();
  }

  function end() {
    const done = simplify(live);
    live = null;
    replace([...strokes, done]);
    changed();
    status.textContent = `${strokes.length} ${strokes.length === 1 ? "stroke" : "strokes"} drawn.`;
  }

  // --- pointers ---

  const clamp = (value) => Math.min(Math.max(value, 0), SHEET - 1);

  function place(event) {
    const box = canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * SHEET - 0.5;
    const y = ((event.clientY - box.top) / box.height) * SHEET - 0.5;
    return [clamp(x), clamp(y)];
  }

  on(canvas, "pointerdown", (event) => {
    // A second finger, the other buttons and a pen's eraser do not draw.
    if (live || !event.isPrimary || event.button !== 0) return;
    cross = null;
    if (!begin(place(event))) return;
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
  });

  on(canvas, "pointermove", (event) => {
    if (event.pointerId === pointer) {
      const passed = event.getCoalescedEvents?.() ?? [];
      extend((passed.length ? passed : [event]).map(place));
    }
    hover = event.pointerType === "touch" ? null : place(event);
    refresh();
  });

  function lift(event) {
    if (event.pointerId !== pointer) return;
    pointer = null;
    end();
  }
  on(canvas, "pointerup", lift);
  // What the system takes away mid-stroke is kept as drawn: Undo is one tap, a lost stroke is lost.
  on(canvas, "pointercancel", lift);
  on(canvas, "lostpointercapture", lift);
  on(canvas, "pointerleave", () => {
    hover = null;
    refresh();
  });
  on(canvas, "contextmenu", (event) => event.preventDefault());

  // --- keys ---

  const arrows = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };

  on(canvas, "keydown", (event) => {
    if (pointer !== null || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in arrows) steer(arrows[event.key], event.shiftKey);
    else if (event.key === " ") togglePen();
    else if (event.key === "Escape" && live) cancel();
    else if (["Escape", "Delete", "Backspace"].includes(event.key)) wipe();
    else return;
    event.preventDefault();
  });

  function steer([dx, dy], fine) {
    const step = fine ? KEY_STEP.fine : KEY_STEP.plain;
    const [x, y] = cross ?? [SHEET / 2, SHEET / 2];
    cross = [clamp(x + dx * step), clamp(y + dy * step)];
    if (live) extend([cross]);
    refresh();
  }

  function togglePen() {
    if (live) {
      end();
      return;
    }
    cross ??= [SHEET / 2, SHEET / 2];
    if (begin(cross)) status.textContent = "Pen down.";
  }

  function cancel() {
    live = null;
    changed();
    status.textContent = "Stroke cancelled.";
  }

  on(canvas, "focus", () => {
    // Only someone who came here by keyboard needs the cross.
    if (canvas.matches(":focus-visible") && pointer === null) cross ??= [SHEET / 2, SHEET / 2];
    refresh();
  });
  on(canvas, "blur", () => {
    if (live && pointer === null) end();
    cross = null;
    refresh();
  });

  on(window, "keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    // Someone who types in a field of the page undoes their typing, not their drawing.
    if (!event.composedPath().includes(pad) && document.activeElement !== document.body) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) stepBack();
    else if (key === "y" || key === "z") stepForward();
    else return;
    event.preventDefault();
  });

  // --- controls ---

  on(undo, "click", stepBack);
  on(redo, "click", stepForward);
  on(clear, "click", wipe);
  on(slider, "input", showBrush);
  on(slider, "change", () => reporter.report());

  /** All that stays the same from answer to answer. */
  function dress(dark) {
    palette = paletteOf("ink", dark);
    background = pictureOf(data.background, palette);
    pad.style.setProperty("--paper", palette.css(0));
    pad.style.setProperty("--ink", palette.css(255));
    write(hint.firstElementChild, data.label);
    pad.classList.toggle("compact", data.compact);
    canvas.setAttribute("aria-label", data.alt);
  }

  const observer = new ResizeObserver(showBrush);
  observer.observe(canvas);
  watchDensity(refresh, listeners.signal);

  return {
    update(next, emit) {
      const first = data === null;
      data = next;
      const dark = isDark(host);
      const look = JSON.stringify([dark, data.background, data.label, data.alt]);
      if (look !== shown) {
        shown = look;
        dress(dark);
      }
      if (first || data.reset !== reset) {
        const given = data.strokes.map(([width, ...flat]) => ({
          brush: width,
          points: Array.from({ length: flat.length / 2 }, (_, i) => flat.slice(2 * i, 2 * i + 2)),
        }));
        if (first) {
          strokes = given;
          slider.value = data.brush;
          showBrush();
        } else if (strokes.length || given.length) replace(given);
        reset = data.reset;
        // What was still to be said was said of the sheet before. A hand that has begun to draw by
        // then draws on: its stroke is the first on the new sheet.
        if (!live) reporter.forget();
      }
      say(data.address);
      reporter.echo(data.echo, emit);
      refresh();
      // Streamlit forgets a component's state when the page changes, the page keeps the strokes.
      if (first && strokes.length && !data.known) reporter.report();
    },
    destroy() {
      listeners.abort();
      observer.disconnect();
      reporter.stop();
      cancelAnimationFrame(frame);
    },
  };
}
