// Paints what stands still between two messages: tiles, strips, outputs, captions.

/** Atlases of the stages, each coloured once a message. */
function createAtlases() {
  const made = new Map();
  return {
    of: (name) => made.get(name),
    /** Colours maps (n, h, w), one below the other. */
    colour(name, { n, h, w, kind, ranges, values }, dark) {
      if (!made.has(name)) made.set(name, document.createElement("canvas"));
      colour({ n, h, w, meta: { kind }, ranges, values }, paletteOf(kind, dark), made.get(name));
    },
  };
}

function paintAtlases(atlases, scene, layout, dark) {
  for (const stage of scene.stages) {
    const box = layout.of(stage.at);
    if (!box.strip) {
      const { n, h, w, colours: kind, ranges, after: values } = stage;
      atlases.colour(stage.at, { n, h, w, kind, ranges, values }, dark);
    } else colourStrip(atlases, stage.at, box, stage.after, stage.colours, stage.ranges, dark);
  }
  if (scene.opened) paintOpenedAtlases(atlases, scene, layout, dark);
}

/** A strip is one small picture with a pixel for each value. */
function colourStrip(atlases, name, box, values, kind, ranges, dark) {
  const cells = new Float32Array(box.rows * box.columns);
  cells.set(values);
  const range = Float32Array.of(ranges[0], ranges[1]);
  atlases.colour(name, { n: 1, h: box.rows, w: box.columns, kind, ranges: range, values: cells }, dark);
}

/** Draws tile `i` of an atlas of h×w maps into a rectangle. */
function drawTile(context, atlas, i, h, w, [x, y, tw, th]) {
  context.imageSmoothingEnabled = tw < w;
  context.drawImage(atlas, 0, i * h, w, h, x, y, tw, th);
}

function paintStage(context, scene, box, atlases, ink, share) {
  const stage = scene.stages[box.stage];
  if (box.strip) {
    paintStrip(context, atlases.of(stage.at), box, ink, share);
    return;
  }
  if (stage.outputs) {
    if (share >= 1) paintOutputs(context, scene, box, ink);
    return;
  }
  const seen = Math.ceil(share * box.n);
  for (let i = 0; i < box.n; i += 1) {
    const rect = tileOf(box, i);
    if (i < seen) drawTile(context, atlases.of(stage.at), i, stage.h, stage.w, rect);
    context.strokeStyle = ink.border;
    context.lineWidth = 1;
    context.strokeRect(rect[0] - 0.5, rect[1] - 0.5, rect[2] + 1, rect[3] + 1);
  }
}

/** Which kernels were edited, and which are switched off, on their maps or units. */
function markEdited(context, stage, box, ink) {
  for (const i of stage.edited ?? []) {
    const [x, y, w, h] = tileOf(box, i);
    const off = stage.off.includes(i);
    if (box.strip) {
      frame(context, [x, y, w, h], ink.primary, ink.halo, 1.5);
      if (off && w > 5) cross(context, [x, y, w, h], ink);
      continue;
    }
    if (stage.outputs) {
      corner(context, x - 9, y + h / 2 - 4, 8, ink);
      if (off) cross(context, [x, y + 1, box.name - 4, h - 2], ink);
      continue;
    }
    frame(context, [x, y, w, h], ink.primary, ink.halo, 1.5);
    corner(context, x + w - 9, y, 9, ink);
    if (off) cross(context, [x, y, w, h], ink);
  }
}

/** The sign of an edited kernel: a triangle in the upper right corner. */
function corner(context, x, y, size, ink) {
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + size, y);
  context.lineTo(x + size, y + size);
  context.closePath();
  context.fillStyle = ink.primary;
  context.fill();
  context.strokeStyle = ink.halo;
  context.lineWidth = 1;
  context.stroke();
}

function cross(context, [x, y, w, h], ink) {
  for (const [width, colour] of [[3.5, ink.halo], [1.5, ink.primary]]) {
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + w, y + h);
    context.moveTo(x + w, y);
    context.lineTo(x, y + h);
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  }
}

function paintStrip(context, atlas, box, ink, share = 1) {
  const seen = Math.ceil(share * box.n);
  const full = Math.floor(seen / box.columns);
  const rest = seen - full * box.columns;
  const { x, y, tw, columns } = box;
  context.imageSmoothingEnabled = tw < 1;
  if (full) context.drawImage(atlas, 0, 0, columns, full, x, y, columns * tw, full * tw);
  if (rest) context.drawImage(atlas, 0, full, rest, 1, x, y + full * tw, rest * tw, tw);
  outlineStrip(context, box, ink.border, 1, 0.5);
}

/** The outline of a folded strip, whose last line may be shorter. */
function outlineStrip(context, { x, y, n, columns, tw }, colour, width, outset) {
  const full = Math.floor(n / columns);
  const rest = n - full * columns;
  const [right, bottom] = [x + columns * tw + outset, y + full * tw + (rest ? 0 : outset)];
  context.beginPath();
  context.moveTo(x - outset, y - outset);
  context.lineTo(right, y - outset);
  context.lineTo(right, bottom);
  if (rest) {
    context.lineTo(x + rest * tw + outset, bottom);
    context.lineTo(x + rest * tw + outset, bottom + tw + outset);
    context.lineTo(x - outset, bottom + tw + outset);
  } else context.lineTo(x - outset, bottom);
  context.closePath();
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

const percent = (share) => {
  if (share > 0 && share < 0.0005) return "< 0.1 %";
  if (share >= 0.9995 && share < 1) return "> 99.9 %";
  return `${(100 * share).toFixed(1)} %`;
};

function paintOutputs(context, scene, box, ink) {
  const order = [...scene.chances.keys()].sort((a, b) => scene.chances[b] - scene.chances[a]);
  context.textBaseline = "middle";
  for (let i = 0; i < box.n; i += 1) {
    const [x, y, , th] = tileOf(box, i);
    const place = order.indexOf(i);
    const middle = y + th / 2;
    context.fillStyle = ink.text;
    context.textAlign = "left";
    context.font = `${place === 0 ? 700 : 400} 13px ${ink.font}`;
    context.fillText(shorten(context, scene.classes[i], box.name), x, middle);
    context.fillStyle = ink.track;
    context.fillRect(x + box.name, middle - 5, 50, 10);
    context.fillStyle = place === 0 ? BEST : place === 1 ? SECOND : REST;
    context.fillRect(x + box.name, middle - 5, 50 * scene.chances[i], 10);
    if (scene.other) {
      context.fillStyle = ink.halo;
      context.fillRect(x + box.name + 49 * scene.other[i] - 1, middle - 8, 4, 16);
      context.fillStyle = ink.text;
      context.fillRect(x + box.name + 49 * scene.other[i], middle - 8, 2, 16);
    }
    context.fillStyle = ink.text;
    context.font = `${place === 0 ? 700 : 400} 11.5px ${ink.font}`;
    context.fillText(percent(scene.chances[i]), x + box.name + 55, middle);
  }
}

/** Name, shape and parameters: under a column, or on one line above a row. */
function paintCaption(context, stage, box, layout, ink, strong) {
  const lines = [stage.name, stage.size, stage.learnt].filter(Boolean);
  context.textBaseline = "alphabetic";
  if (layout.stacked) {
    context.textAlign = "left";
    context.font = `600 13px ${ink.font}`;
    context.fillStyle = strong ? ink.primary : ink.text;
    context.fillText(lines[0], 4, box.caption);
    const offset = 4 + context.measureText(`${lines[0]}  `).width;
    context.font = `400 12px ${ink.font}`;
    context.fillStyle = ink.quiet;
    context.fillText(shorten(context, lines.slice(1).join(" · "), box.room - offset), offset, box.caption);
    return;
  }
  context.textAlign = "center";
  const middle = box.x + box.w / 2;
  let y = layout.tall + 8 + 18;
  lines.forEach((line, i) => {
    context.font = `${i ? 400 : 600} ${i ? 11 : 12.5}px ${ink.font}`;
    context.fillStyle = i ? ink.quiet : strong ? ink.primary : ink.text;
    const parts = context.measureText(line).width > box.room ? line.split(" ") : [line];
    for (const part of parts) {
      context.fillText(shorten(context, part, box.room), middle, y);
      y += 14;
    }
  });
}

/** Everything but what follows the pointer; `seen` is how many stages the input has passed. */
function paintBase(context, scene, layout, atlases, ink, seen) {
  for (const box of layout.boxes) {
    if (box.kind === "stage") {
      const share = seen === null ? 1 : Math.max(0, Math.min(1, seen - box.stage + 1));
      const stage = scene.stages[box.stage];
      context.globalAlpha = share > 0 ? 1 : 0.35;
      paintStage(context, scene, box, atlases, ink, share);
      if (share >= 1) markEdited(context, stage, box, ink);
      const now = seen !== null && Math.ceil(seen) === box.stage;
      paintCaption(context, stage, box, layout, ink, now || scene.opened?.stage === box.stage);
      context.globalAlpha = 1;
    } else paintOpened(context, scene, box, layout, atlases, ink);
  }
}
