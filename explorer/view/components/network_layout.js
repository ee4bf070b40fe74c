// Where everything stands, in CSS pixels: columns from left to right, or rows from top to bottom
// where the page is narrow. Maps are enlarged by whole numbers, so that their pixels stay square.

const NARROW = 620; // narrower than this, the layers stand one below the other
const TILE = { most: 84, least: 8 };
const BETWEEN = { tile: 4, least: 30, most: 96, stacked: 46 };
const STRIP = { wide: 46, stacked: 84, most: 12 };
const CAPTION = { wide: 62, stacked: 22 };
const SLOT = 58; // a column with its share of the gap: what its caption needs

/** The side of a map's longer edge: a whole multiple of its pixels, or the room itself. */
function tileSize(h, w, room) {
  const scale = Math.max(h, w) <= room ? Math.floor(room / Math.max(h, w)) : room / Math.max(h, w);
  return [Math.max(1, Math.round(w * scale)), Math.max(1, Math.round(h * scale))];
}

/** n tiles of one size in as few lines as there is room for. */
function gridBox(n, tw, th, limit, stacked) {
  const gap = BETWEEN.tile;
  let columns;
  if (stacked) columns = Math.max(1, Math.min(n, Math.floor((limit + gap) / (tw + gap))));
  else columns = Math.ceil(n / Math.max(1, Math.min(n, Math.floor((limit + gap) / (th + gap)))));
  if (stacked) columns = Math.ceil(n / Math.ceil(n / columns));
  const rows = Math.ceil(n / columns);
  return {
    n, columns, rows, tw, th, stepX: tw + gap, stepY: th + gap,
    w: columns * (tw + gap) - gap, h: rows * (th + gap) - gap,
  };
}

/** n values as a folded strip of squares. */
function stripBox(n, limit, stacked) {
  const most = stacked ? STRIP.stacked : STRIP.wide;
  let side = STRIP.most;
  let columns = 1;
  for (; ; side -= side > 2 ? 1 : 0.25) {
    const along = Math.max(1, Math.floor(limit / side));
    columns = stacked ? Math.min(n, along) : Math.ceil(n / along);
    const across = stacked ? Math.ceil(n / columns) * side : columns * side;
    if (across <= most || side <= 0.5) break;
  }
  const rows = Math.ceil(n / columns);
  return {
    n, columns, rows, tw: side, th: side, stepX: side, stepY: side, strip: true,
    w: columns * side, h: rows * side,
  };
}

function outputBox(scene, limit) {
  const { classes } = scene;
  const n = classes.length;
  const step = Math.max(18, Math.min(30, Math.floor(limit / n)));
  const name = Math.min(72, 8 + 7 * Math.max(...classes.map((text) => text.length)));
  return {
    n, columns: 1, rows: n, tw: name + 108, th: step - 3, stepX: 0, stepY: step, name,
    w: name + 108, h: n * step - 3,
  };
}

/** The boxes in their order, for tiles of this size. */
function boxesOf(scene, room, limit, stacked) {
  const { stages, opened } = scene;
  const boxes = [];
  const small = opened && !stacked ? Math.max(TILE.least, 0.6 * room) : room;
  for (const stage of stages) {
    const open = opened?.stage === stage.at;
    const source = opened && stages[opened.stage].below === stage;
    if (open) boxes.push(...openedBoxes(scene, room, limit, stacked));
    let box;
    if (stage.outputs) box = outputBox(scene, limit);
    else if (!stage.maps) box = stripBox(stage.n, limit, stacked);
    else {
      const size = stage.at ? (source || open ? room : small) : Math.max(28, Math.min(112, 1.7 * small));
      box = gridBox(stage.n, ...tileSize(stage.h, stage.w, size), limit, stacked);
    }
    boxes.push({ kind: "stage", stage: stage.at, ...box });
  }
  return boxes;
}

/** Between the layer before and the opened one: what each channel gives, and the unit itself. */
function openedBoxes(scene, room, limit, stacked) {
  const stage = scene.stages[scene.opened.stage];
  const boxes = [];
  const large = Math.max(44, Math.min(stacked ? 110 : 104, 1.9 * room));
  if (scene.parts) {
    const [channels, h, w] = scene.parts.shape;
    if (stage.op === "dense" && h * w === 1) {
      boxes.push({ kind: "weights", ...stripBox(channels, limit, stacked) });
      boxes.push({ kind: "products", ...stripBox(channels, limit, stacked) });
    } else {
      const slice = stage.op === "convolution"
        ? tileSize(stage.window, stage.window, Math.min(room, 36))
        : tileSize(h, w, room);
      const part = tileSize(h, w, room);
      const width = slice[0] + 16 + part[0];
      boxes.push({
        kind: "parts", slice, part,
        ...gridBox(channels, width, Math.max(slice[1], part[1]), limit, stacked),
      });
    }
  }
  const tiles = stage.maps ? 2 : 0;
  const [tw, th] = stage.maps ? tileSize(stage.h, stage.w, large) : [92, 0];
  const height = tiles ? 2 * th + 74 : 96;
  boxes.push({
    kind: "sum", n: 1, columns: 1, rows: 1, tw, th,
    stepX: 0, stepY: 0, w: Math.max(tw, 92), h: height,
  });
  return boxes;
}

/** Where everything stands; `height` is what a column may take. */
function layOut(scene, width, height) {
  const stacked = width < NARROW;
  return stacked ? layRows(scene, width) : layColumns(scene, width, height);
}

function layColumns(scene, width, height) {
  let boxes;
  let need;
  for (let room = TILE.most; room >= TILE.least; room -= 2) {
    boxes = boxesOf(scene, room, height, false);
    const slots = boxes.map((box) => Math.max(box.w + BETWEEN.least, SLOT));
    need = slots.reduce((a, b) => a + b, 0) - BETWEEN.least + 16;
    if (need <= width) break;
  }
  const spare = Math.max(0, width - need) / Math.max(1, boxes.length - 1);
  const extra = Math.min(spare, BETWEEN.most - BETWEEN.least);
  let x = Math.max(8, (width - need - extra * (boxes.length - 1)) / 2 + 8);
  const tall = Math.min(height, Math.max(...boxes.map(({ h }) => h)));
  for (const box of boxes) {
    const slot = Math.max(box.w + BETWEEN.least, SLOT);
    const inset = (slot - BETWEEN.least - box.w) / 2;
    [box.x, box.y] = [Math.round(x + Math.max(0, inset)), Math.round(8 + (tall - box.h) / 2)];
    box.room = slot + extra - 6;
    x += slot + extra;
  }
  const end = boxes.at(-1);
  const total = Math.max(width, end.x + end.w + 8);
  return finish({ boxes, stacked: false, width: total, height: tall + 16 + CAPTION.wide, tall });
}

function layRows(scene, width) {
  const boxes = boxesOf(scene, 48, width - 8, true);
  let y = 4;
  for (const box of boxes) {
    box.caption = y + 13;
    y += CAPTION.stacked;
    [box.x, box.y] = [Math.round((width - box.w) / 2), Math.round(y)];
    box.room = width - 8;
    y += box.h + BETWEEN.stacked - CAPTION.stacked;
  }
  return finish({ boxes, stacked: true, width, height: y, tall: 0 });
}

function finish(layout) {
  const { boxes } = layout;
  layout.of = (stage) => boxes.find((box) => box.kind === "stage" && box.stage === stage);
  layout.find = (kind) => boxes.find((box) => box.kind === kind);
  return layout;
}

/** The place of a tile: x, y, width, height. */
function tileOf(box, i) {
  return [
    box.x + (i % box.columns) * box.stepX,
    box.y + Math.floor(i / box.columns) * box.stepY,
    box.tw,
    box.th,
  ];
}

/** The box and the tile under a point: {box, i, x, y} with the place within the tile, or null. */
function tileAt(layout, x, y) {
  for (const box of layout.boxes) {
    const [dx, dy] = [x - box.x, y - box.y];
    if (dx < -2 || dy < -2 || dx > box.w + 2 || dy > box.h + 2) continue;
    const stepX = box.stepX || box.w;
    const stepY = box.stepY || box.h;
    const column = Math.min(box.columns - 1, Math.max(0, Math.floor(dx / stepX)));
    const row = Math.min(box.rows - 1, Math.max(0, Math.floor(dy / stepY)));
    const i = row * box.columns + column;
    if (i >= box.n) return null;
    return { box, i, x: dx - column * stepX, y: dy - row * stepY };
  }
  return null;
}
