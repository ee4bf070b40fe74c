// What follows the pointer: the edges into a unit, its sources outlined, the windows on them.

const STRONGEST = 12; // of a dense unit's inputs get an edge
const LISTED = 6; // and so many of its terms a line on the card

/** Where a unit comes from: links {stage, unit, row, column, weight} with weight in [-1, 1], or null
 *  where nothing weighs; `what` says what the weights are. */
function linksInto(scene, { stage: at, unit, row, column }) {
  const stage = scene.stages[at];
  const { below } = stage;
  if (!below) return { what: "none", links: [] };
  if (stage.op === "convolution") {
    const slices = slicesOf(stage, unit);
    if (!slices) return { what: "none", links: [] };
    const size = Math.max(...slices.map((slice) => slice.size)) || 1;
    const links = slices.map((slice, channel) => ({
      stage: below.at,
      unit: channel,
      size: slice.size / size,
      weight: slice.sum / (slice.size || 1),
    }));
    return { what: "slices", links };
  }
  if (stage.op === "flatten" && below.maps) {
    return { what: "same", links: [{ stage: below.at, ...placeOf(unit, below), weight: null }] };
  }
  if (stage.op !== "dense") {
    return { what: "same", links: [{ stage: below.at, unit, row, column, weight: null }] };
  }
  const found = contributions(stage, unit, STRONGEST);
  if (!found) return { what: "none", links: [] };
  const most = Math.abs(found.best[0]?.product) || 1;
  const links = found.best.map(({ slot, product }) => ({
    stage: below.at, unit: slot, size: Math.abs(product) / most, weight: Math.sign(product),
  }));
  // Through a flatten the path goes on to the pixel of a map.
  const through = below.op === "flatten" && below.below?.maps
    ? links.map(({ unit: slot, ...rest }) => ({
      ...rest, stage: below.below.at, ...placeOf(slot, below.below), to: { stage: below.at, unit: slot },
    }))
    : [];
  return { what: "products", links: [...through, ...links] };
}

/** The rectangle of a unit, or of one value of a map. */
function rectOf(scene, layout, { stage, unit, row, column }) {
  const box = layout.of(stage);
  const [x, y, w, h] = tileOf(box, unit);
  const { maps, h: rows, w: columns } = scene.stages[stage];
  if (!maps || row === undefined) return [x, y, w, h];
  return [x + (column * w) / columns, y + (row * h) / rows, w / columns, h / rows];
}

function weightColour(palette, link, ink) {
  if (link.weight === null) return ink.text;
  const side = link.weight < 0 ? -1 : 1;
  const strong = 0.45 + 0.55 * Math.min(1, Math.abs(link.weight));
  return palette.css(Math.round(127.5 + side * 127 * strong));
}

function edge(context, from, to, stacked) {
  const [ax, ay] = stacked
    ? [from[0] + from[2] / 2, from[1] + from[3]]
    : [from[0] + from[2], from[1] + from[3] / 2];
  const [bx, by] = stacked ? [to[0] + to[2] / 2, to[1]] : [to[0], to[1] + to[3] / 2];
  context.beginPath();
  context.moveTo(ax, ay);
  if (stacked) {
    const bend = Math.max(12, (by - ay) / 2);
    context.bezierCurveTo(ax, ay + bend, bx, by - bend, bx, by);
  } else {
    const bend = Math.max(12, (bx - ax) / 2);
    context.bezierCurveTo(ax + bend, ay, bx - bend, by, bx, by);
  }
  context.stroke();
}

/** Dark in light, so that a frame shows on every colour of every table. */
function frame(context, [x, y, w, h], colour, halo, width = 2) {
  for (const [line, paint] of [[width + 2, halo], [width, colour]]) {
    context.lineWidth = line;
    context.strokeStyle = paint;
    context.strokeRect(x - 1, y - 1, w + 2, h + 2);
  }
}

/** A pixel that is smaller than what can be seen is framed all the same. */
function pixelFrame(context, [x, y, w, h], colour, halo) {
  const [width, height] = [Math.max(w, 4), Math.max(h, 4)];
  frame(context, [x + (w - width) / 2, y + (h - height) / 2, width, height], colour, halo, 1.5);
}

/** The window of a value on a tile of the stage before it, as far as it lies on it. */
function windowRect(stage, row, column, [x, y, w, h]) {
  const { h: rows, w: columns } = stage.below;
  const [top, left] = [row * stage.stride - stage.pads[0], column * stage.stride - stage.pads[1]];
  return [
    x + (left * w) / columns, y + (top * h) / rows,
    (stage.window * w) / columns, (stage.window * h) / rows,
  ];
}

function paintEdges(context, scene, layout, at, ink) {
  const { what, links } = linksInto(scene, at);
  const palette = paletteOf("weight", ink.dark);
  const target = rectOf(scene, layout, { stage: at.stage, unit: at.unit });
  const { opened } = scene;
  const isOpened = opened && opened.stage === at.stage && opened.unit === at.unit;
  const { stacked } = layout;
  for (const link of [...links].reverse()) {
    context.strokeStyle = weightColour(palette, link, ink);
    context.globalAlpha = link.to ? 0.6 : 0.9;
    context.lineWidth = link.weight === null ? 1.5 : 0.8 + 3.2 * link.size;
    const from = rectOf(scene, layout, link);
    const to = link.to ? rectOf(scene, layout, link.to) : target;
    if (isOpened && !link.to) edge(context, from, wayIn(scene, layout, link, target), stacked);
    else edge(context, from, to, stacked);
  }
  context.globalAlpha = 1;
  if (isOpened) paintOpenedEdges(context, scene, layout, target, ink);
  const stage = scene.stages[at.stage];
  for (const link of links) {
    const tile = rectOf(scene, layout, { stage: link.stage, unit: link.unit });
    const colour = link.weight === null ? ink.primary : weightColour(palette, link, ink);
    const strip = layout.of(link.stage).strip;
    frame(context, tile, colour, ink.halo, strip ? 1 : 1.5);
    if (link.row !== undefined && what !== "same") {
      pixelFrame(context, rectOf(scene, layout, link), colour, ink.halo);
    }
    if (at.row !== undefined && stage.maps && link.stage === stage.below.at) {
      frame(context, windowRect(stage, at.row, at.column, tile), ink.primary, ink.halo, 1);
    }
  }
  if (stage.op === "max" && at.row !== undefined) {
    const { cells, winner } = windowOf(stage, at.unit, at.row, at.column);
    const place = { stage: stage.below.at, unit: at.unit, ...cells[winner] };
    pixelFrame(context, rectOf(scene, layout, place), ink.peak, ink.halo);
  }
  if (stage.op === "flatten" && stage.below.maps) {
    pixelFrame(context, rectOf(scene, layout, links[0]), ink.primary, ink.halo);
  }
  frame(context, target, ink.primary, ink.halo, layout.of(at.stage).strip ? 1.5 : 2.5);
  if (at.row !== undefined && stage.maps) {
    pixelFrame(context, rectOf(scene, layout, at), ink.text, ink.halo);
  }
}

/** The tile in the opened block that a source's edge goes to. */
function wayIn(scene, layout, link, target) {
  const box = layout.find("parts");
  const strip = layout.find("weights");
  const { below, ...stage } = scene.stages[scene.opened.stage];
  const laid = stage.op === "dense" && below.op === "flatten" && below.below?.maps;
  if (box) return tileOf(box, laid ? placeOf(link.unit, below.below).unit : link.unit);
  if (strip) return tileOf(strip, link.unit);
  const sum = layout.find("sum");
  return sum ? sumTiles(sum).before : target;
}

function paintOpenedEdges(context, scene, layout, target, ink) {
  const sum = layout.find("sum");
  if (!sum) return;
  const into = sum.th ? sumTiles(sum).before : [sum.x, sum.y, sum.w, sum.h];
  const parts = layout.find("parts") ?? layout.find("products");
  context.strokeStyle = ink.quiet;
  context.lineWidth = 1;
  context.globalAlpha = 0.5;
  if (parts?.kind === "parts") {
    for (let i = 0; i < parts.n; i += 1) edge(context, tileOf(parts, i), into, layout.stacked);
  } else if (parts) edge(context, [parts.x, parts.y, parts.w, parts.h], into, layout.stacked);
  context.globalAlpha = 1;
  context.strokeStyle = ink.primary;
  context.lineWidth = 2;
  const out = sum.th ? sumTiles(sum).after : into;
  edge(context, out, target, layout.stacked);
}

/** Where the value that is pointed at lies on the tiles of the opened unit. */
function paintOpenedPixel(context, scene, layout, at, ink) {
  const stage = scene.stages[scene.opened.stage];
  if (!stage.maps || at.row === undefined) return;
  const mark = ([x, y, w, h]) => pixelFrame(context, [
    x + (at.column * w) / stage.w, y + (at.row * h) / stage.h, w / stage.w, h / stage.h,
  ], ink.text, ink.halo);
  const parts = layout.find("parts");
  if (parts && stage.op === "convolution") {
    for (let i = 0; i < parts.n; i += 1) {
      const [x, y, , th] = tileOf(parts, i);
      const [pw, ph] = parts.part;
      mark([x + parts.slice[0] + 16, y + Math.round((th - ph) / 2), pw, ph]);
    }
  }
  const { before, after } = sumTiles(layout.find("sum"));
  if (stage.op in OPERATIONS) {
    frame(context, windowRect(stage, at.row, at.column, before), ink.primary, ink.halo, 1);
  } else mark(before);
  mark(after);
}
