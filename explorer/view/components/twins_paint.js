// How the twins' maps are painted. `made` is one picture: its canvases `base` and `overlay`, the
// `atlas` it is coloured on, the `room` it has in CSS pixels, and the `scale` of its cells.

/** The picture moved by whole pixels; zeros come in. */
function displaced({ values, shape: [height, across] }, { dx, dy }) {
  const out = new Float32Array(values.length);
  for (let row = Math.max(0, dy); row < height + Math.min(0, dy); row += 1) {
    for (let column = Math.max(0, dx); column < across + Math.min(0, dx); column += 1) {
      out[row * across + column] = values[(row - dy) * across + column - dx];
    }
  }
  return out;
}

function paintMap(made, values, { height, across, kind, range, dark }) {
  const { base, overlay, atlas } = made;
  const palette = paletteOf(kind, dark);
  colour({ n: 1, h: height, w: across, meta: { kind }, ranges: range, values }, palette, atlas);
  const density = devicePixelRatio;
  const most = (made.room * density) / Math.max(height, across);
  made.scale = Math.max(1, Math.floor(most));
  const [w, h] = [across * made.scale, height * made.scale];
  for (const canvas of [base, overlay]) {
    if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
    canvas.style.width = `${w / density}px`;
    canvas.style.height = `${h / density}px`;
  }
  const context = base.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(atlas, 0, 0, w, h);
}

/** Unchanged cells have a double outline, changed ones a stroke across: no colour is needed. */
function paintStates(made, states, across) {
  const context = made.base.getContext("2d");
  const { scale } = made;
  const thin = Math.max(1, Math.round(scale / 12));
  states.forEach((value, i) => {
    const state = Math.round(255 * value);
    if (!state) return;
    const [x, y] = [(i % across) * scale, Math.floor(i / across) * scale];
    for (const [colour, inset] of [["#000", 0], ["#fff", thin]]) {
      context.strokeStyle = colour;
      context.lineWidth = thin;
      context.beginPath();
      if (state === 1) {
        const at = inset + thin / 2;
        context.rect(x + at, y + at, scale - 2 * at, scale - 2 * at);
      } else {
        const low = 0.28 * scale;
        context.moveTo(x + low + inset, y + scale - low);
        context.lineTo(x + scale - low + inset, y + low);
      }
      context.stroke();
    }
  });
}

function paintWinners(made, places, across) {
  const context = made.base.getContext("2d");
  const { scale } = made;
  for (const place of places) {
    const x = ((place % across) + 0.5) * scale;
    const y = (Math.floor(place / across) + 0.5) * scale;
    context.beginPath();
    context.arc(x, y, Math.max(1.5, 0.26 * scale), 0, 2 * Math.PI);
    context.fillStyle = "#fff";
    context.fill();
    context.lineWidth = Math.max(1, scale / 10);
    context.strokeStyle = "#000";
    context.stroke();
  }
}

/** A frame around cells, dark and light, so that it shows on everything. */
function outline(made, row, column, size) {
  const context = made.overlay.getContext("2d");
  const { scale } = made;
  const thick = Math.max(2, Math.round(1.5 * devicePixelRatio));
  for (const [colour, grow] of [["#000", thick], ["#fff", 0]]) {
    context.strokeStyle = colour;
    context.lineWidth = thick;
    context.strokeRect(
      column * scale - grow, row * scale - grow, size * scale + 2 * grow, size * scale + 2 * grow,
    );
  }
}
