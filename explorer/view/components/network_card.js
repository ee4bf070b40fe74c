// The card: the formula of what is pointed at, with its numbers in it.
//
// Each operation is one entry of CARDS. It returns the terms as [what, number, detail] in the order
// in which they are added up, and says what comes of them; results are the layer's own values.

const signed = (value) => (value < 0 ? formatExact(value) : `+${formatExact(value)}`);

/** The largest terms by size, the others as one. */
function largestTerms(terms, name) {
  const order = terms.map((value, i) => [value, i]).sort((a, b) => Math.abs(b[0]) - Math.abs(a[0]));
  const shown = order.slice(0, LISTED);
  const rest = order.slice(LISTED);
  const lines = shown.map(([value, i]) => [name(i), signed(value)]);
  if (rest.length) {
    const sum = rest.reduce((total, [value]) => total + value, 0);
    lines.push([rest.length === 1 ? "1 other" : `${rest.length} others together`, signed(sum)]);
  }
  return lines;
}

function activated(stage, before, after, result) {
  result.push(["sum", `z = ${formatExact(before)}`]);
  if (stage.activation === "relu") {
    result.push(["value", `y = max(0, ${formatExact(before)}) = ${formatExact(after)}`]);
  }
}

const CARDS = {
  input(stage, at, value) {
    const wide = `${Math.round(100 * value)} % ink`;
    return { terms: [], result: [["value", `${formatExact(value)}`], ["", wide]] };
  },

  convolution(stage, at, value, scene) {
    const found = channelSums(stage, at.unit, at.row, at.column);
    if (!found) return null;
    const { opened, parts } = scene;
    // Where the map is open, Python has computed what each channel gives.
    const own = parts && opened.stage === stage.at && opened.unit === at.unit;
    const cell = at.row * stage.w + at.column;
    const sums = own ? found.sums.map((_, i) => parts.values[i * stage.area + cell]) : found.sums;
    const noun = stage.below.at ? (i) => `${stage.below.name} · ${i}` : () => "the input";
    const terms = largestTerms(sums, noun);
    terms.push(["bias", signed(found.bias)]);
    const result = [];
    activated(stage, stage.before[at.unit * stage.area + cell], value, result);
    return { terms, result };
  },

  max(stage, at, value) {
    const { cells, winner } = windowOf(stage, at.unit, at.row, at.column);
    const { row, column } = cells[winner];
    return {
      window: { cells, winner },
      terms: [],
      result: [
        ["value", `y = max(…) = ${formatExact(value)}`],
        ["winner", `the winner lies at row ${row}, column ${column} of ${stage.below.name} · ${at.unit}`],
      ],
    };
  },

  average(stage, at, value) {
    const { cells } = windowOf(stage, at.unit, at.row, at.column);
    const sum = cells.reduce((total, cell) => total + cell.value, 0);
    return {
      window: { cells, winner: -1 },
      terms: [],
      result: [["value", `y = ${formatExact(sum)} / ${cells.length} = ${formatExact(value)}`]],
    };
  },

  normalise(stage, at, value) {
    const weights = weightsOf(stage.digest);
    if (!weights) return null;
    const of = (name) => weights[name].values[at.unit];
    const { epsilon } = stage.details;
    const x = sourceValue(stage, at);
    const [scale, mean, variance, offset] = ["weight", "mean", "variance", "bias"].map(of);
    const root = `√(${formatExact(variance)} + ${format(epsilon)})`;
    const shifted = `(${formatExact(x)} − ${bracketed(mean)})`;
    const line = `y = ${formatExact(scale)} · ${shifted} / ${root} + ${bracketed(offset)}`;
    return {
      terms: [
        ["x, from the stage before", formatExact(x)],
        ["μ, its running mean", formatExact(mean)],
        ["σ², its running variance", formatExact(variance)],
        ["γ, its scale", formatExact(scale)],
        ["β, its offset", formatExact(offset)],
      ],
      result: [["value", `${line} = ${formatExact(value)}`]],
    };
  },

  pass(stage, at, value) {
    return { terms: [], result: [["value", `y = x = ${formatExact(value)}`]] };
  },

  flatten(stage, at, value) {
    const result = [["value", `y = ${formatExact(value)}`]];
    if (stage.below.maps) {
      const { n, w } = stage.below;
      const { unit, row, column } = placeOf(at.unit, stage.below);
      const sum = `(${row} × ${w} + ${column}) × ${n} + ${unit} = ${at.unit}`;
      const place = `row ${row}, column ${column} of ${stage.below.name} · ${unit}`;
      result.unshift(["slot", `slot = ${sum}`]);
      result.push(["place", `the value at ${place}, unchanged`]);
    }
    return { terms: [], result };
  },

  dense(stage, at, value, scene) {
    const found = contributions(stage, at.unit, LISTED);
    if (!found) return null;
    const source = readBy(stage);
    const laid = source !== stage.below;
    const terms = found.best.map(({ slot, value: x, weight, product }) => {
      const { unit, row, column } = laid ? placeOf(slot, source) : {};
      const name = laid
        ? `${source.name} · ${unit}, row ${row}, column ${column}`
        : `${stage.below.name} · ${slot}`;
      return [name, signed(product), `${formatExact(x)} × ${bracketed(weight)}`];
    });
    if (found.others) terms.push([`${found.others} others together`, signed(found.rest)]);
    terms.push(["bias", signed(found.bias)]);
    const result = [];
    activated(stage, stage.before[at.unit], value, result);
    return { terms, result, softmax: stage.outputs && stage.activation === "softmax" };
  },
};

const bracketed = (value) => (value < 0 ? `(${formatExact(value)})` : formatExact(value));

/** The one value that a value of a stage that changes values one by one was made of. */
const sourceValue = ({ below }, { unit, row, column }) =>
  below.after[below.maps ? (unit * below.h + row) * below.w + column : unit];

function span(className, text, name) {
  const made = document.createElement("span");
  made.className = className;
  made.textContent = text;
  if (name) made.dataset.name = name;
  return made;
}

/** The card's element; it is filled anew whenever another value is pointed at. */
function createFormulaCard(root, changed) {
  const head = document.createElement("div");
  const formula = document.createElement("div");
  const body = document.createElement("div");
  const soft = document.createElement("div");
  [head.className, formula.className, body.className, soft.className] = [
    "cardhead", "formula", "body", "softmax",
  ];
  soft.innerHTML = `<label>Temperature T <input type="range" min="0" step="1"
    aria-label="Temperature of the softmax"><output></output></label>
    <div class="formula">p = exp(z / T) / Σ exp(z / T)</div><div class="numbers"></div>
    <div class="shares"></div>`;
  const [slider, chosen, numbers, shares] = ["input", "output", ".numbers", ".shares"].map((s) =>
    soft.querySelector(s));
  const lower = document.createElement("div");
  lower.className = "lower";
  lower.append(body, soft);
  root.append(head, formula, lower);
  let scene = null;
  let at = null;
  let heat = null; // index of the temperature

  slider.addEventListener("input", () => {
    heat = Number(slider.value);
    fillSoftmax();
    changed();
  });

  function fillSoftmax() {
    const stage = scene.stages[at.stage];
    const n = scene.classes.length;
    slider.max = scene.temperatures.length - 1;
    heat ??= scene.temperatures.indexOf(1);
    slider.value = heat;
    const t = scene.temperatures[heat];
    chosen.textContent = t.toFixed(2);
    slider.setAttribute("aria-valuetext", t.toFixed(2));
    const logits = stage.before;
    const chances = scene.table.subarray(heat * n, (heat + 1) * n);
    // Where powers would be too large to be written, all are divided by the largest one.
    const largest = Math.max(...logits) / t;
    const less = largest > 80 ? largest : 0;
    const powers = Array.from(logits, (z) => Math.exp(z / t - less));
    const sum = powers.reduce((a, b) => a + b, 0);
    const name = scene.classes[at.unit];
    const over = t === 1 ? formatExact(logits[at.unit]) : `${formatExact(logits[at.unit])} / ${t}`;
    const shift = less ? ` − ${formatExact(less)}` : "";
    numbers.replaceChildren(
      span("", `p(${name}) = exp(${over}${shift}) / Σ = ${formatExact(powers[at.unit])} / ${formatExact(sum)} = `),
      span("strong", formatExact(chances[at.unit]), "probability"),
    );
    shares.replaceChildren(...scene.classes.map((text, i) => {
      const row = span(i === at.unit ? "share own" : "share", "");
      const bar = span("", "");
      bar.style.width = `${100 * chances[i]}%`;
      const track = span("track", "");
      track.append(bar);
      row.append(span("", text), span("n", formatExact(logits[i])),
        span("n", `exp = ${formatExact(powers[i])}`), track, span("n", percent(chances[i]), `p${i}`));
      return row;
    }));
  }

  function windowGrid({ cells, winner }, size) {
    const grid = document.createElement("div");
    grid.className = "cells";
    grid.style.setProperty("--columns", size);
    cells.forEach(({ value }, i) => {
      grid.append(span(i === winner ? "cell winner" : "cell", formatExact(value)));
    });
    return grid;
  }

  return {
    /** Shows a value: {stage, unit, row, column}; null shows what there is to do. */
    show(nextScene, next, opened) {
      [scene, at] = [nextScene, next];
      soft.hidden = true;
      const touch = matchMedia("(hover: none)").matches;
      root.classList.toggle("idle", !at);
      if (!at) {
        head.replaceChildren(span("strong", touch ? "Tap a map" : "Point at a map"));
        formula.textContent = "Its edges, its formula and the numbers in it appear; "
          + (touch ? "a second tap opens it." : "a click opens it.");
        body.replaceChildren();
        return;
      }
      const stage = scene.stages[at.stage];
      const index = stage.maps ? (at.unit * stage.h + at.row) * stage.w + at.column : at.unit;
      const value = stage.after[index];
      const own = stage.outputs ? ` (${scene.classes[at.unit]})` : "";
      const title = stage.at ? `${stage.name} · ${stage.unit} ${at.unit}${own}` : "input";
      const place = stage.maps ? `row ${at.row}, column ${at.column}` : "";
      head.replaceChildren(span("strong", title), span("quiet", place), span("quiet", stage.kind));
      if (stage.edited?.includes(at.unit)) {
        const what = stage.off.includes(at.unit) ? "switched off" : "edited";
        head.append(span("mark", scene.original ? `${what}, shown as it was` : what));
      }
      if (opened) head.append(span("quiet", `open: ${touch ? "a tap beside it" : "Escape"} closes it`));
      write(formula, stage.formula);
      const made = CARDS[stage.op](stage, at, value, scene);
      if (!made) {
        body.replaceChildren(span("quiet", "Its weights are on their way."));
        return;
      }
      const results = document.createElement("div");
      results.className = "results";
      results.append(...made.result.map(([name, text]) => span(name ? "strong" : "quiet", text, name)));
      const parts = [];
      if (made.window && stage.window <= 5) parts.push(windowGrid(made.window, stage.window));
      if (made.terms.length) {
        const terms = document.createElement("div");
        terms.className = "terms";
        for (const [name, number, detail = ""] of made.terms) {
          terms.append(span("", name), span("n quiet", detail), span("n", number, name));
        }
        parts.push(terms);
      }
      body.replaceChildren(...parts, results);
      soft.hidden = !made.softmax;
      if (made.softmax) fillSoftmax();
    },
  };
}
