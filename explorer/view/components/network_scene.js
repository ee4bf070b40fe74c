// The blob of network_graph.py as stages: what each unit's values are, and where they come from.

/** The weights under a digest, as {weight, bias, …} of {shape, values}; null while they lack. */
function weightsOf(digest) {
  if (!digest) return null;
  for (const name of STASHED) {
    const arrays = stashed(name);
    if (!arrays || !(`${digest} weight` in arrays)) continue;
    const found = {};
    for (const [place, array] of Object.entries(arrays)) {
      if (place.startsWith(`${digest} `)) found[place.slice(digest.length + 1)] = array;
    }
    return found;
  }
  return null;
}

/** The place, in a stage of maps, of a slot of its flatten: channels last, as Keras flattens. */
function placeOf(slot, { n, w }) {
  const cell = Math.floor(slot / n);
  return { unit: slot % n, row: Math.floor(cell / w), column: cell % w };
}

const slotOf = ({ unit, row, column }, { n, w }) => (row * w + column) * n + unit;

/** The values of a stage of maps, in the order of its flatten. */
function flattened({ after, n, h, w }) {
  const out = new Float32Array(after.length);
  for (let unit = 0; unit < n; unit += 1) {
    for (let cell = 0; cell < h * w; cell += 1) out[cell * n + unit] = after[unit * h * w + cell];
  }
  return out;
}

function rangesOf(values, kind, n, each) {
  const ranges = new Float32Array(2 * n);
  const size = values.length / n;
  let [lowest, highest] = [0, kind === "ink" ? 1 : 0];
  for (let unit = 0; unit < n; unit += 1) {
    let [low, high] = [0, kind === "ink" ? 1 : 0];
    for (let i = unit * size; i < (unit + 1) * size; i += 1) {
      if (values[i] < low) low = values[i];
      else if (values[i] > high) high = values[i];
    }
    [lowest, highest] = [Math.min(low, lowest), Math.max(high, highest)];
    ranges.set([low, high], 2 * unit);
  }
  for (let unit = 0; unit < n; unit += 1) {
    let [low, high] = each ? ranges.subarray(2 * unit, 2 * unit + 2) : [lowest, highest];
    if (diverges(kind)) [low, high] = [-Math.max(-low, high), Math.max(-low, high)];
    ranges.set([low, high], 2 * unit);
  }
  return ranges;
}

/** Everything that is to be drawn, of one message. */
function sceneOf({ arrays, meta }) {
  const stages = [];
  meta.stages.forEach((said, at) => {
    const below = stages[at - 1] ?? null;
    const maps = said.shape.length === 3;
    const [n, h, w] = maps ? said.shape : [said.shape[0], 1, 1];
    const stage = { ...said, at, below, maps, n, h, w, area: h * w };
    stage.before = arrays[`values${at}`]?.values
      ?? (said.op === "flatten" && below.maps ? flattened(below) : below.after);
    stage.after = said.activation === "relu"
      ? stage.before.map((value) => (value > 0 ? value : 0))
      : stage.before;
    let negative = false;
    for (let i = 0; i < stage.after.length && !negative; i += 1) negative = stage.after[i] < 0;
    stage.colours = at === 0 ? "ink" : negative ? "signed" : "activation";
    stage.ranges = rangesOf(stage.after, stage.colours, n, maps && meta.scale === "map");
    stage.outputs = at === meta.stages.length - 1 && meta.classes.length === n;
    stage.unit = maps ? (at ? "map" : "channel") : said.op === "flatten" ? "slot" : "unit";
    stages.push(stage);
  });
  const [open, index] = meta.opened ?? [];
  const one = meta.temperatures.indexOf(1);
  const many = meta.classes.length;
  return {
    ...meta,
    stages,
    parts: arrays.parts ?? null,
    other: arrays.other?.values ?? null, // probabilities of the network that is not shown
    opened: meta.opened && { stage: open, unit: index },
    table: arrays.chances.values,
    chances: arrays.chances.values.subarray(one * many, (one + 1) * many),
    // What the picture's shape depends on: new values alone leave everything where it is.
    shape: JSON.stringify([meta.stages.map(({ name, shape, op }) => [name, shape, op]), meta.opened]),
  };
}

/** The maps or units of the stage that a dense unit's weights are laid back over. */
const readBy = (stage) => (stage.below.op === "flatten" && stage.below.below?.maps
  ? stage.below.below
  : stage.below);

/** What one unit of a dense layer reads, strongest first: slot, value, weight, product. */
function contributions(stage, unit, count) {
  const weights = weightsOf(stage.digest);
  if (!weights) return null;
  const values = stage.below.after;
  const inputs = values.length;
  const row = weights.weight.values.subarray(unit * inputs, (unit + 1) * inputs);
  const best = [];
  let total = 0;
  let least = 0;
  for (let slot = 0; slot < inputs; slot += 1) {
    const product = values[slot] * row[slot];
    total += product;
    const size = Math.abs(product);
    if (size <= least) continue;
    let at = best.length;
    while (at && Math.abs(best[at - 1].product) < size) at -= 1;
    best.splice(at, 0, { slot, value: values[slot], weight: row[slot], product });
    if (best.length > count) best.pop();
    if (best.length === count) least = Math.abs(best.at(-1).product);
  }
  const shown = best.reduce((sum, { product }) => sum + product, 0);
  return { best, rest: total - shown, others: inputs - best.length, bias: weights.bias.values[unit] };
}

/** Size and sign of each slice of a convolution's kernel: {size, sum} for each channel. */
function slicesOf(stage, unit) {
  const weights = weightsOf(stage.digest);
  if (!weights) return null;
  const [, channels, height, width] = weights.weight.shape;
  const area = height * width;
  return Array.from({ length: channels }, (_, channel) => {
    const from = (unit * channels + channel) * area;
    let [size, sum] = [0, 0];
    for (let i = from; i < from + area; i += 1) {
      size += Math.abs(weights.weight.values[i]);
      sum += weights.weight.values[i];
    }
    return { size, sum };
  });
}

/** What each channel gives of a convolution's sum at one place, and the bias. */
function channelSums(stage, unit, row, column) {
  const weights = weightsOf(stage.digest);
  if (!weights) return null;
  const { n: channels, h, w, after } = stage.below;
  const [top, left] = [row * stage.stride - stage.pads[0], column * stage.stride - stage.pads[1]];
  const { window } = stage;
  const sums = new Array(channels).fill(0);
  for (let channel = 0; channel < channels; channel += 1) {
    let tap = (unit * channels + channel) * window * window;
    for (let i = 0; i < window; i += 1) {
      for (let j = 0; j < window; j += 1, tap += 1) {
        const [y, x] = [top + i, left + j];
        if (y < 0 || y >= h || x < 0 || x >= w) continue;
        sums[channel] += after[(channel * h + y) * w + x] * weights.weight.values[tap];
      }
    }
  }
  return { sums, bias: weights.bias?.values[unit] ?? 0 };
}

/** The values of a pooling's window, row by row, and which of them is the largest. */
function windowOf(stage, unit, row, column) {
  const { h, w, after } = stage.below;
  const [top, left] = [row * stage.stride - stage.pads[0], column * stage.stride - stage.pads[1]];
  const cells = [];
  let winner = 0;
  for (let i = 0; i < stage.window; i += 1) {
    for (let j = 0; j < stage.window; j += 1) {
      cells.push({ row: top + i, column: left + j, value: after[(unit * h + top + i) * w + left + j] });
      if (cells.at(-1).value > cells[winner].value) winner = cells.length - 1;
    }
  }
  return { cells, winner };
}

/** Where a map is strongest, or comes closest to it: what is shown where no value is pointed at. */
function strongestOf({ before, area, w }, unit) {
  let best = 0;
  for (let i = 1; i < area; i += 1) {
    if (before[unit * area + i] > before[unit * area + best]) best = i;
  }
  return { row: Math.floor(best / w), column: best % w };
}
