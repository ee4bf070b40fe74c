// Two charts with one x axis: loss and accuracy of one run, and of those laid over it.
//
// Python sends columns of at most one a pixel; zooming in shows them stretched at once, and asks for
// the single steps, which come with the next update. The range and the pin live here, so that data
// that arrive meanwhile take nothing from the hand.

export default function (args) {
  return living(args, createCurves, { state: "view" });
}

const HEIGHT = 230;
const FIELDS = { loss: 1, accuracy: 2 }; // columns of `tests`

function createCurves(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const names = ["loss", "accuracy"];
  const panels = names.map((name) => ({
    name,
    canvas: part(name),
    context: part(name).getContext("2d"),
    at: null,
  }));
  const [legend, readout, spoken] = ["legend", "readout", "spoken"].map(part);
  const listeners = new AbortController();
  const listen = (target, type, handler) =>
    target.addEventListener(type, handler, { signal: listeners.signal });

  let arrays = null;
  let meta = null;
  let view = null; // [low, high] of x that was chosen; null for all of it
  let pinned = null;
  let cursor = null; // x that is read
  let drag = null; // {from, to}: a range being chosen
  let send = () => {};
  let frame = 0;
  let ink = {};

  // --- what lies where ---

  const range = () => view ?? meta.whole;
  const rows = (array) => array.shape[0];

  function* within(array, [low, high]) {
    for (let i = 0; i < rows(array); i += 1) {
      const x = array.values[4 * i];
      if (x >= low && x <= high) yield i;
    }
  }

  /** Lowest and highest of what is to be seen: the smooth lines and the tests, not each spike. */
  function extent(name, xs) {
    let [low, high] = [Infinity, -Infinity];
    const take = (value) => {
      if (name === "loss" && meta.log && value <= 0) return;
      low = Math.min(low, value);
      high = Math.max(high, value);
    };
    meta.names.forEach((_, run) => {
      const line = arrays[`${name}${run}`];
      for (const i of within(line, xs)) take(line.values[4 * i + 3]);
      const tests = arrays[`tests${run}`];
      for (const i of within(tests, xs)) take(tests.values[4 * i + FIELDS[name]]);
    });
    if (!(high >= low)) return name === "loss" ? [meta.log ? 0.01 : 0, 2.5] : [0, 1];
    if (name === "accuracy") {
      const room = Math.max(0.02, 0.08 * (high - low));
      return [Math.max(0, low - room), Math.min(1, high + room)];
    }
    if (meta.log) return [low / 1.3, Math.max(high * 1.3, low * 1.4)];
    return [high > 4 * low ? 0 : Math.max(0, low - 0.15 * (high - low)), high * 1.08 || 1];
  }

  // --- drawing ---

  function paint() {
    frame = 0;
    if (!meta) return;
    const xs = range();
    for (const panel of panels) draw(panel, xs);
    tell();
  }

  function draw(panel, xs) {
    const { canvas, context, name } = panel;
    const width = canvas.clientWidth;
    if (!width) return;
    const ratio = devicePixelRatio;
    const [w, h] = [Math.round(width * ratio), Math.round(HEIGHT * ratio)];
    if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, HEIGHT);
    const log = name === "loss" && meta.log;
    const ys = extent(name, xs);
    const at = axes(width, HEIGHT, xs, ys, log);
    panel.at = at;
    const percent = name === "accuracy";
    drawAxes(context, at, { xs, ys, log, percent, unit: meta.unit, ink });
    context.save();
    context.beginPath();
    context.rect(at.inner.left, at.inner.top - 2, at.inner.width, at.inner.height + 4);
    context.clip();
    for (let run = meta.names.length - 1; run >= 0; run -= 1) drawRun(context, at, name, run);
    drawMarks(context, at);
    context.restore();
    if (!rows(arrays.loss0)) drawEmpty(context, at);
  }

  function drawRun(context, at, name, run) {
    const { values, shape } = arrays[`${name}${run}`];
    const colour = meta.colours[run];
    const [n, alone] = [shape[0], meta.names.length === 1];
    if (run === 0 && n > 1) {
      context.globalAlpha = 0.24;
      context.fillStyle = colour;
      context.strokeStyle = colour;
      context.beginPath();
      for (let i = 0; i < n; i += 1) context.lineTo(at.x(values[4 * i]), at.y(values[4 * i + 2]));
      for (let i = n - 1; i >= 0; i -= 1) {
        context.lineTo(at.x(values[4 * i]), at.y(values[4 * i + 1]));
      }
      context.fill();
      context.lineWidth = 1;
      context.stroke();
      context.globalAlpha = 1;
    }
    context.strokeStyle = colour;
    context.lineWidth = run === 0 ? 2 : 1.6;
    context.lineJoin = "round";
    context.beginPath();
    for (let i = 0; i < n; i += 1) context.lineTo(at.x(values[4 * i]), at.y(values[4 * i + 3]));
    if (n === 1) context.arc(at.x(values[0]), at.y(values[3]), 2, 0, 7);
    context.stroke();
    drawTests(context, at, name, run, alone ? ink.test : colour);
  }

  /** Dashes from test to test; full dots where all test images were read, rings for some. */
  function drawTests(context, at, name, run, colour) {
    const { values, shape } = arrays[`tests${run}`];
    const field = FIELDS[name];
    context.strokeStyle = colour;
    context.lineWidth = 1.6;
    context.setLineDash([5, 3]);
    context.beginPath();
    for (let i = 0; i < shape[0]; i += 1) {
      context.lineTo(at.x(values[4 * i]), at.y(values[4 * i + field]));
    }
    context.stroke();
    context.setLineDash([]);
    const size = shape[0] > 60 ? 2 : 3.5;
    for (let i = 0; i < shape[0]; i += 1) {
      context.beginPath();
      context.arc(at.x(values[4 * i]), at.y(values[4 * i + field]), size, 0, 7);
      context.fillStyle = values[4 * i + 3] > 1000 ? colour : ink.page;
      context.fill();
      context.stroke();
    }
  }

  function drawMarks(context, at) {
    const { top, height } = at.inner;
    if (drag) {
      context.fillStyle = ink.primary;
      context.globalAlpha = 0.18;
      const [a, b] = [at.x(drag.from), at.x(drag.to)];
      context.fillRect(Math.min(a, b), top, Math.abs(b - a), height);
      context.globalAlpha = 1;
    }
    for (const [x, colour, dash] of [[pinned, ink.primary, []], [cursor, ink.text, [2, 2]]]) {
      if (x === null) continue;
      context.strokeStyle = colour;
      context.lineWidth = 1.5;
      context.setLineDash(dash);
      context.beginPath();
      context.moveTo(at.x(x), top);
      context.lineTo(at.x(x), top + height);
      context.stroke();
      context.setLineDash([]);
    }
  }

  function drawEmpty(context, at) {
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `13px ${ink.font || "sans-serif"}`;
    const { left, top, width, height } = at.inner;
    const text = meta.live ? "waiting for the first step …" : "nothing yet";
    const wide = context.measureText(text).width + 16;
    context.fillStyle = ink.page;
    context.fillRect(left + width / 2 - wide / 2, top + height / 2 - 12, wide, 24);
    context.fillStyle = ink.faint;
    context.fillText(text, left + width / 2, top + height / 2);
  }

  const refresh = () => {
    frame ||= requestAnimationFrame(paint);
  };

  // --- telling ---

  /** The row of an array whose x is nearest. */
  function nearest({ values, shape }, x) {
    let best = -1;
    for (let i = 0; i < shape[0]; i += 1) {
      if (best < 0 || Math.abs(values[4 * i] - x) < Math.abs(values[4 * best] - x)) best = i;
    }
    return best;
  }

  const share = (value) => `${(100 * value).toFixed(1)} %`;
  const place = (x) => (meta.unit === "step"
    ? Math.round(x).toLocaleString("en")
    : `${Number(x.toFixed(2))}`);

  function reading(x) {
    const i = nearest(arrays.loss0, x);
    if (i < 0) return "";
    const step = arrays.loss0.values[4 * i];
    const [loss, accuracy] = names.map((name) => arrays[`${name}0`].values[4 * i + 3]);
    const parts = [`${meta.unit} ${place(step)}: train loss ${format(loss)}, ${share(accuracy)}`];
    const t = nearest(arrays.tests0, x);
    if (t >= 0) {
      const [at, cost, right] = arrays.tests0.values.subarray(4 * t, 4 * t + 3);
      parts.push(`test at ${place(at)}: loss ${format(cost)}, ${share(right)}`);
    }
    meta.names.slice(1).forEach((name, k) => {
      const j = nearest(arrays[`loss${k + 1}`], x);
      if (j < 0) return;
      const cost = arrays[`loss${k + 1}`].values[4 * j + 3];
      parts.push(`${name}: ${format(cost)}, ${share(arrays[`accuracy${k + 1}`].values[4 * j + 3])}`);
    });
    return parts.join(" · ");
  }

  function tell() {
    const x = cursor ?? pinned;
    const touch = matchMedia("(hover: none)").matches;
    const idle = touch ? "Tap a curve to read a step." : "Point at a curve to read a step; "
      + "drag to zoom in, click to pin.";
    write(readout, x === null ? idle : reading(x));
    part("whole").disabled = view === null;
    part("unpin").hidden = pinned === null;
  }

  function describe() {
    ink = {
      text: themeColor(host, "text-color"),
      primary: themeColor(host, "primary-color"),
      page: themeColor(host, "background-color"),
      font: themeColor(host, "font"),
      test: meta.colours.length > 1 ? meta.colours[0] : TEST,
      dark: isDark(host),
    };
    ink.grid = ink.dark ? "rgb(255 255 255 / 0.12)" : "rgb(0 0 0 / 0.1)";
    ink.faint = ink.dark ? "rgb(255 255 255 / 0.66)" : "rgb(0 0 0 / 0.62)";
    write(part("loss-title"), `Loss · ${meta.loss}${meta.log ? " · logarithmic" : ""}`);
    write(part("accuracy-title"), "Accuracy");
    panels.forEach(({ canvas, name }) => {
      canvas.setAttribute("aria-label", `${name}: ${meta.alt}`);
    });
    const entries = meta.names.length === 1
      ? [["line", meta.colours[0], "train, each batch and the mean of the last"],
        ["dash", ink.test, "test images, not trained on: ○ 1,000, ● all"]]
      : [...meta.names.map((name, i) => ["line", meta.colours[i], name]),
        ["dash", ink.faint, "dashed: test images"]];
    legend.replaceChildren(...entries.map(([kind, colour, text]) => {
      const item = document.createElement("span");
      const mark = document.createElement("i");
      mark.className = kind;
      mark.style.borderTopColor = colour;
      item.append(mark, text);
      return item;
    }));
  }

  // --- choosing ---

  function ask() {
    const [low, high] = view ?? [null, null];
    send({ low, high, pinned, token: meta.token });
  }

  function zoom(low, high) {
    const [begin, end] = meta.whole;
    const least = (end - begin) / 1e4;
    [low, high] = [Math.max(begin, low), Math.min(Math.max(end, begin), high)];
    view = high - low < least || (low <= begin && high >= end) ? null : [low, high];
    refresh();
    ask();
  }

  function zoomBy(factor) {
    const [low, high] = range();
    const middle = cursor ?? pinned ?? (low + high) / 2;
    zoom(middle - (middle - low) * factor, middle + (high - middle) * factor);
  }

  function showWhole() {
    view = null;
    refresh();
    ask();
  }

  function pin(x) {
    pinned = pinned !== null && x !== null && Math.abs(x - pinned) < 1e-9 ? null : x;
    refresh();
    ask();
  }

  const clamp = (x) => Math.min(Math.max(x, range()[0]), range()[1]);
  const under = (panel, event) =>
    clamp(panel.at.back(event.clientX - panel.canvas.getBoundingClientRect().left));

  function snapped(x) {
    const i = nearest(arrays.loss0, x);
    return i < 0 ? null : arrays.loss0.values[4 * i];
  }

  panels.forEach((panel) => {
    const { canvas } = panel;
    listen(canvas, "pointermove", (event) => {
      if (!panel.at) return;
      cursor = under(panel, event);
      if (drag) drag.to = cursor;
      refresh();
    });
    listen(canvas, "pointerdown", (event) => {
      if (!panel.at || event.button !== 0) return;
      cursor = under(panel, event);
      if (event.pointerType !== "touch") {
        drag = { from: cursor, to: cursor };
        canvas.setPointerCapture(event.pointerId);
      }
      refresh();
    });
    listen(canvas, "pointerup", () => {
      if (!drag) return;
      const { from, to } = drag;
      drag = null;
      const pixels = Math.abs(panel.at.x(to) - panel.at.x(from));
      if (pixels > 5) zoom(Math.min(from, to), Math.max(from, to));
      else pin(snapped(from));
    });
    listen(canvas, "pointercancel", () => {
      drag = null;
      refresh();
    });
    listen(canvas, "pointerleave", (event) => {
      if (event.pointerType === "touch" || drag) return;
      cursor = null;
      refresh();
    });
    listen(canvas, "dblclick", showWhole);
    listen(canvas, "keydown", (event) => key(event));
    listen(canvas, "blur", () => {
      cursor = null;
      refresh();
    });
  });

  function key(event) {
    if (!meta || event.ctrlKey || event.metaKey || event.altKey) return;
    const [low, high] = range();
    const step = ((high - low) / 200) * (event.shiftKey ? 10 : 1);
    const from = cursor ?? pinned ?? high;
    if (event.key === "ArrowLeft") cursor = clamp(from - step);
    else if (event.key === "ArrowRight") cursor = clamp(from + step);
    else if (event.key === "Home") cursor = low;
    else if (event.key === "End") cursor = high;
    else if (event.key === "Enter" || event.key === " ") pin(snapped(from));
    else if (event.key === "+" || event.key === "=") zoomBy(0.5);
    else if (event.key === "-") zoomBy(2);
    else if (event.key === "0" || event.key === "Escape") showWhole();
    else return;
    event.preventDefault();
    refresh();
    write(spoken, cursor === null ? "" : reading(cursor));
  }

  listen(part("in"), "click", () => zoomBy(0.5));
  listen(part("out"), "click", () => zoomBy(2));
  listen(part("whole"), "click", showWhole);
  listen(part("unpin"), "click", () => pin(null));

  const observer = new ResizeObserver(refresh);
  observer.observe(root.querySelector(".panels"));
  watchDensity(refresh, listeners.signal);

  return {
    update(bytes, emit) {
      const before = meta;
      ({ arrays, meta } = decodeArrays(bytes));
      send = emit;
      if (before?.token !== meta.token) {
        [view, cursor, drag] = [null, null, null];
        pinned = meta.pinned;
      }
      describe();
      paint();
      // For tests and benchmarks: what is on the canvases, and that it is there.
      host.curves = { arrays, meta, view, pinned };
      host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
    },
    destroy() {
      listeners.abort();
      observer.disconnect();
      cancelAnimationFrame(frame);
    },
  };
}
