// One chart's axes on a canvas: where a number lies, its ticks, its grid.

const MARGIN = { left: 46, right: 10, top: 8, bottom: 38 };

/** Round numbers from low to high, some `count` of them. */
function roundTicks(low, high, count) {
  const raw = (high - low) / Math.max(count, 1);
  if (!(raw > 0) || !Number.isFinite(raw)) return [low];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw * 0.999);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high * (1 + 1e-12) + step * 1e-9; i += 1) {
    ticks.push(i * step);
  }
  return ticks;
}

/** 1, 2 and 5 times the powers of ten from low to high; the powers alone where these are many. */
function logTicks(low, high) {
  const ticks = [];
  const wide = Math.log10(high / low) > 3;
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e += 1) {
    for (const n of wide ? [1] : [1, 2, 5]) {
      const value = n * 10 ** e;
      if (value >= low * 0.999 && value <= high * 1.001) ticks.push(value);
    }
  }
  return ticks;
}

function tickText(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e5 || size < 1e-4) return value.toExponential(0).replace("e+", "e").replace("-", "−");
  if (size >= 1000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(6)));
}

/** Where numbers lie on a canvas of this size, in CSS pixels. */
function axes(width, height, xs, ys, log) {
  const inner = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(width - MARGIN.left - MARGIN.right, 10),
    height: Math.max(height - MARGIN.top - MARGIN.bottom, 10),
  };
  const span = xs[1] - xs[0] || 1;
  const map = log ? Math.log10 : (value) => value;
  const floor = log ? ys[0] : -Infinity;
  const [bottom, top] = [map(ys[0]), map(ys[1])];
  const rise = top - bottom || 1;
  return {
    inner,
    x: (value) => inner.left + ((value - xs[0]) / span) * inner.width,
    y: (value) => inner.top + (1 - (map(Math.max(value, floor)) - bottom) / rise) * inner.height,
    back: (px) => xs[0] + ((px - inner.left) / inner.width) * span,
  };
}

/** Grid lines, tick texts and the unit of x; `columns` are ticks of x as [value, text]. */
function drawAxes(context, at, { xs, ys, log, percent, unit, ink, columns }) {
  const { inner } = at;
  context.font = `11px ${ink.font || "sans-serif"}`;
  context.lineWidth = 1;
  context.strokeStyle = ink.grid;
  context.fillStyle = ink.faint;
  context.textBaseline = "middle";
  context.textAlign = "right";
  const rows = log ? logTicks(...ys) : roundTicks(ys[0], ys[1], inner.height / 40);
  for (const value of rows) {
    const y = Math.round(at.y(value)) + 0.5;
    context.beginPath();
    context.moveTo(inner.left, y);
    context.lineTo(inner.left + inner.width, y);
    context.stroke();
    const text = percent ? `${Number((100 * value).toPrecision(6))} %` : tickText(value);
    context.fillText(text, inner.left - 6, y);
  }
  context.textBaseline = "top";
  context.textAlign = "center";
  const bottom = inner.top + inner.height;
  const round = () => roundTicks(xs[0], xs[1], inner.width / 80).map((v) => [v, tickText(v)]);
  for (const [value, text] of columns ?? round()) {
    const x = Math.round(at.x(value)) + 0.5;
    context.beginPath();
    context.moveTo(x, bottom);
    context.lineTo(x, bottom + 4);
    context.stroke();
    const half = context.measureText(text).width / 2;
    context.fillText(text, Math.min(x, inner.left + inner.width + MARGIN.right - half), bottom + 6);
  }
  context.textAlign = "right";
  context.fillText(unit, inner.left + inner.width, bottom + 21);
}
