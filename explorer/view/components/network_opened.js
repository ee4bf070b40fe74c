// The unit that is open: what each channel gives of its sum, the sum, the bias, the activation.

const LAID = { convolution: "slices", dense: "laid" };

/** The weights of the opened unit in the order of the channels that it reads: {values, h, w}. */
function openedWeights(scene) {
  const stage = scene.stages[scene.opened.stage];
  const weights = weightsOf(stage.digest);
  if (!weights || !(stage.op in LAID)) return null;
  const size = weights.weight.values.length / weights.weight.shape[0];
  const own = weights.weight.values.subarray(
    scene.opened.unit * size, (scene.opened.unit + 1) * size);
  if (stage.op === "convolution") return { values: own, h: stage.window, w: stage.window };
  const source = readBy(stage);
  if (!source.maps) return { values: own, h: 1, w: 1 };
  const values = new Float32Array(size);
  for (let slot = 0; slot < size; slot += 1) {
    const { unit, row, column } = placeOf(slot, source);
    values[(unit * source.h + row) * source.w + column] = own[slot];
  }
  return { values, h: source.h, w: source.w };
}

const around = (values) => {
  let most = 0;
  for (let i = 0; i < values.length; i += 1) most = Math.max(most, Math.abs(values[i]));
  return [-most, most];
};

function repeated(range, n) {
  const ranges = new Float32Array(2 * n);
  for (let i = 0; i < n; i += 1) ranges.set(range, 2 * i);
  return ranges;
}

function paintOpenedAtlases(atlases, scene, layout, dark) {
  const stage = scene.stages[scene.opened.stage];
  if (scene.parts) {
    const { values, shape: [n, h, w] } = scene.parts;
    const weights = openedWeights(scene);
    const box = layout.find("products");
    if (box) {
      colourStrip(atlases, "products", box, values, "signed", around(values), dark);
      if (weights) {
        const range = around(weights.values);
        colourStrip(atlases, "weights", layout.find("weights"), weights.values, "weight", range, dark);
      }
    } else {
      // One scale for all parts: what is strong there counts in the sum.
      const ranges = repeated(around(values), n);
      atlases.colour("parts", { n, h, w, kind: "signed", ranges, values }, dark);
      if (weights) {
        const of = { n, h: weights.h, w: weights.w, values: weights.values };
        const own = repeated(around(weights.values), n);
        atlases.colour("slices", { ...of, kind: "weight", ranges: own }, dark);
      }
    }
    scene.openedWeights = weights;
  }
  if (!stage.maps) return;
  const { unit } = scene.opened;
  const { area, h, w } = stage;
  const values = stage.before.subarray(unit * area, (unit + 1) * area);
  const kind = stage.op === "convolution" || stage.op === "normalise" ? "signed" : stage.colours;
  const ranges = rangesOf(values, kind, 1, true);
  atlases.colour("before", { n: 1, h, w, kind, ranges, values }, dark);
}

function paintOpened(context, scene, box, layout, atlases, ink) {
  context.textBaseline = "alphabetic";
  if (box.kind === "parts") paintParts(context, scene, box, atlases, ink);
  else if (box.kind === "sum") paintSum(context, scene, box, atlases, ink);
  else {
    if (atlases.of(box.kind)) paintStrip(context, atlases.of(box.kind), box, ink);
  }
  const words = { parts: PARTS[scene.stages[scene.opened.stage].op], weights: "weights",
    products: "× values", sum: "" }[box.kind];
  context.font = `400 11px ${ink.font}`;
  context.fillStyle = ink.quiet;
  if (layout.stacked) {
    context.textAlign = "left";
    context.fillText(words, 4, box.caption);
    return;
  }
  context.textAlign = "center";
  let y = layout.tall + 26;
  for (const line of words.split(", ")) {
    context.fillText(line, box.x + box.w / 2, y);
    y += 14;
  }
}

const PARTS = {
  convolution: "kernel slice → its map, one for each channel",
  dense: "weights → weight × value, of each map",
};

function paintParts(context, scene, box, atlases, ink) {
  const { shape: [n, h, w] } = scene.parts;
  const [sw, sh] = box.slice;
  const [pw, ph] = box.part;
  const weights = scene.openedWeights;
  for (let i = 0; i < n; i += 1) {
    const [x, y, , th] = tileOf(box, i);
    const slice = [x, y + Math.round((th - sh) / 2), sw, sh];
    const part = [x + sw + 16, y + Math.round((th - ph) / 2), pw, ph];
    if (weights) drawTile(context, atlases.of("slices"), i, weights.h, weights.w, slice);
    drawTile(context, atlases.of("parts"), i, h, w, part);
    context.strokeStyle = ink.border;
    context.lineWidth = 1;
    for (const rect of [slice, part]) {
      context.strokeRect(rect[0] - 0.5, rect[1] - 0.5, rect[2] + 1, rect[3] + 1);
    }
    context.strokeStyle = ink.quiet;
    context.beginPath();
    context.moveTo(x + sw + 4, y + th / 2);
    context.lineTo(x + sw + 12, y + th / 2);
    context.lineTo(x + sw + 9, y + th / 2 - 3);
    context.moveTo(x + sw + 12, y + th / 2);
    context.lineTo(x + sw + 9, y + th / 2 + 3);
    context.stroke();
  }
}

/** What the opened unit's tiles in the middle are: {before, after} as rectangles. */
function sumTiles(box) {
  const x = box.x + Math.round((box.w - box.tw) / 2);
  return { before: [x, box.y + 16, box.tw, box.th], after: [x, box.y + box.th + 74, box.tw, box.th] };
}

const OPERATIONS = {
  max: (stage) => [`the largest of each ${stage.window}×${stage.window}`],
  average: (stage) => [`the mean of each ${stage.window}×${stage.window}`],
  normalise: () => ["shifted and scaled"],
  pass: () => ["passed on unchanged"],
};

function paintSum(context, scene, box, atlases, ink) {
  const stage = scene.stages[scene.opened.stage];
  const { unit } = scene.opened;
  const weights = weightsOf(stage.digest);
  const bias = weights?.bias ? formatExact(weights.bias.values[unit]) : "…";
  const middle = box.x + box.w / 2;
  const say = (text, y, strong = false) => {
    context.font = `${strong ? 600 : 400} 12px ${ink.font}`;
    context.fillStyle = strong ? ink.text : ink.quiet;
    context.textAlign = "center";
    context.fillText(text, middle, y);
  };
  const relu = stage.activation === "relu";
  if (!stage.maps) {
    say("Σ products + bias", box.y + 14);
    say(`bias ${bias}`, box.y + 32);
    say(`z = ${formatExact(stage.before[unit])}`, box.y + 52, true);
    if (relu) say(`max(0, z) = ${formatExact(stage.after[unit])}`, box.y + 72, true);
    if (stage.outputs) say(`p = ${percent(scene.chances[unit])}`, box.y + 72, true);
    return;
  }
  const { before, after } = sumTiles(box);
  const single = stage.op in OPERATIONS;
  const source = stage.below;
  const first = single
    ? [atlases.of(source.at), unit, source.h, source.w]
    : [atlases.of("before"), 0, stage.h, stage.w];
  drawTile(context, ...first, before);
  drawTile(context, atlases.of(stage.at), unit, stage.h, stage.w, after);
  for (const rect of [before, after]) {
    context.strokeStyle = ink.border;
    context.lineWidth = 1;
    context.strokeRect(rect[0] - 0.5, rect[1] - 0.5, rect[2] + 1, rect[3] + 1);
  }
  say(single ? `${source.name} · ${unit}` : `Σ + bias ${bias}`, box.y + 11);
  const words = single ? OPERATIONS[stage.op](stage) : [relu ? "ReLU: max(0, z)" : "as it is"];
  const y = before[1] + before[3];
  say("↓", y + 15);
  words.forEach((text, i) => say(text, y + 30 + 13 * i));
  say(`${stage.name} · ${unit}`, after[1] - 5, true);
}
