// Pictures under one cursor: pointing at a cell marks what belongs to it in the others.
//
// A picture is painted when Python sends something new, its marks once a frame while the cursor
// moves (lens_view.js). Nothing is computed here but which cells lie in which window.

export default function (args) {
  return living(args, createBoard, { read: decodeArrays });
}

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const WIDEST = 330; // CSS pixels a side
const BETWEEN = 20; // CSS pixels between pictures

function createBoard(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [area, readout, keys, spoken] = ["scene", "readout", "keys", "spoken"].map(part);
  const pictures = [0, 1, 2].map((i) => createPicture(part(`picture${i}`)));
  const listeners = new AbortController();
  const on = (target, type, handler) =>
    target.addEventListener(type, handler, { signal: listeners.signal });

  let scene = null;
  let cursor = null; // {on: number of a picture, tile, row, column}
  let chosen = null; // [tile, row, column]
  let token = null;
  let width = 0;
  let placed = "";
  let frame = 0;
  let ink = {};
  const reporter = createReporter(() => ({ reset: token, cell: chosen }), host);

  const read = () => scene.words(cursor
    ?? (chosen && { on: 1, tile: chosen[0], row: chosen[1], column: chosen[2] }));

  // --- showing ---

  function fit() {
    const next = JSON.stringify([width, devicePixelRatio, scene.shapes]);
    if (next === placed) return;
    placed = next;
    const tiled = scene.shapes[0][0] > 1;
    const abreast = width >= 560 ? scene.pictures.length : tiled ? 1 : 2;
    const side = Math.min(WIDEST, Math.floor((width - (abreast - 1) * BETWEEN) / abreast));
    pictures.forEach((picture, i) => {
      picture.figure.hidden = i >= scene.pictures.length;
      if (picture.figure.hidden) return;
      const [, height, across] = scene.shapes[i];
      const { rows, columns } = scene.tiling(i);
      picture.start(0, 0);
      picture.size(
        rows * (height + TILE_GAP) - TILE_GAP,
        columns * (across + TILE_GAP) - TILE_GAP,
        ...[side, devicePixelRatio],
      );
    });
  }

  function paint() {
    const blank = document.createElement("canvas");
    [blank.width, blank.height] = [1, 1];
    scene.pictures.forEach(({ label, text, kind, range }, i) => {
      const picture = pictures[i];
      const palette = paletteOf(kind, ink.dark);
      picture.paint(blank, ink.page, ink.page);
      const context = picture.figure.querySelector("canvas").getContext("2d");
      const [tiles, height, across] = scene.shapes[i];
      const atlas = document.createElement("canvas");
      context.imageSmoothingEnabled = false;
      for (let tile = 0; tile < tiles; tile += 1) {
        const size = height * across;
        const values = scene.values[i].subarray(tile * size, (tile + 1) * size);
        colourPlane(atlas, values, height, across, kind, range, palette);
        const area = picture.box(...scene.originOf(i, tile), height, across);
        context.drawImage(atlas, ...area);
        context.strokeStyle = ink.line;
        context.lineWidth = 1;
        context.strokeRect(area[0] + 0.5, area[1] + 0.5, area[2] - 1, area[3] - 1);
      }
      picture.caption(label, text);
      picture.legend(range, palette, diverges(kind));
      picture.overlay.setAttribute("aria-label", `${label}. ${scene.alt}`);
      picture.overlay.style.cursor = scene.choosable ? "pointer" : "crosshair";
    });
  }

  function numbers(i) {
    const picture = pictures[i];
    if (picture.scale < 30 * picture.density) return;
    const { kind, range } = scene.pictures[i];
    const [tiles, height, across] = scene.shapes[i];
    const palette = paletteOf(kind, ink.dark);
    for (let tile = 0; tile < tiles; tile += 1) {
      const value = (row, column) => scene.valueAt(i, { tile, row, column });
      picture.numbers(...scene.originOf(i, tile), height, across,
        (row, column) => brief(value(row, column)),
        (row, column) =>
          inkOn(palette.words[entryOf(value(row, column), range, diverges(kind))]));
    }
  }

  function outline(i, cell, color, thickness = 2) {
    pictures[i].outline([...scene.onPicture(i, cell), 1, 1], color, ink.halo, thickness, 5);
  }

  function markWindow(cell) {
    for (let i = 1; i < scene.pictures.length; i += 1) {
      pictures[i].outline(scene.windowOf(cell), ink.primary, ink.halo, 2);
      if (scene.rule === "max") outline(i, scene.winnerOf(cell), WINNER);
    }
  }

  function markCursor() {
    if (!scene.pools) {
      scene.pictures.forEach((_, i) => outline(i, cursor, ink.text));
      return;
    }
    if (cursor.on === 0) {
      outline(0, cursor, ink.primary);
      markWindow(cursor);
      return;
    }
    const windows = scene.poolsOf(cursor);
    windows.forEach((pooled) => {
      outline(0, pooled, ink.primary);
      markWindow(pooled);
    });
    for (let i = 1; i < scene.pictures.length; i += 1) outline(i, cursor, ink.text, 1);
  }

  function mark() {
    frame = 0;
    if (!scene || !width) return;
    scene.pictures.forEach((_, i) => {
      pictures[i].clear();
      numbers(i);
    });
    if (chosen) {
      const cell = { tile: chosen[0], row: chosen[1], column: chosen[2] };
      scene.pictures.forEach((_, i) => outline(i, cell, ink.primary, 3));
    }
    if (cursor) markCursor();
    const [strong, rest] = read();
    readout.replaceChildren(element("strong", strong), ` ${rest}`);
    host.linked = { cursor, chosen, words: `${strong} ${rest}`.trim() };
  }

  function element(tag, text) {
    const made = document.createElement(tag);
    made.textContent = text;
    return made;
  }

  function refresh() {
    if (!frame) frame = requestAnimationFrame(mark);
  }

  // --- pointing and choosing ---

  function find(i, event) {
    const bounds = pictures[i].overlay.getBoundingClientRect();
    const scale = bounds.width / pictures[i].countColumns;
    return scene.cellAt(i, (event.clientY - bounds.top) / scale,
      (event.clientX - bounds.left) / scale);
  }

  function choose(cell) {
    if (!scene.choosable || !cell) return;
    chosen = [cell.tile, cell.row, cell.column];
    reporter.report();
    refresh();
  }

  function follow(picture, i) {
    const { overlay } = picture;
    const point = (event) => {
      cursor = find(i, event);
      refresh();
    };
    on(overlay, "pointermove", point);
    on(overlay, "pointerdown", point);
    on(overlay, "pointerleave", (event) => {
      // After a tap the marks stay to be read: a finger cannot hover.
      if (event.pointerType === "touch") return;
      cursor = null;
      refresh();
    });
    on(overlay, "click", (event) => choose(find(i, event)));
    on(overlay, "focus", () => {
      if (overlay.matches(":focus-visible") && !cursor) steer(i, [0, 0]);
    });
    on(overlay, "blur", () => {
      cursor = null;
      refresh();
    });
    on(overlay, "keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key in STEPS) steer(i, STEPS[event.key]);
      else if (event.key === "PageDown") turn(i, 1);
      else if (event.key === "PageUp") turn(i, -1);
      else if ((event.key === "Enter" || event.key === " ") && scene.choosable) {
        choose(cursor);
        write(spoken, "Chosen.");
      } else return;
      event.preventDefault();
    });
  }

  /** The first step begins at what is chosen, or in the middle. */
  function steer(i, [down, right]) {
    const [, height, across] = scene.shapes[i];
    const clamp = (value, count) => Math.min(Math.max(value, 0), count - 1);
    if (cursor?.on === i) {
      const { tile, row, column } = cursor;
      cursor = { on: i, tile, row: clamp(row + down, height), column: clamp(column + right, across) };
    } else if (chosen) cursor = { on: i, tile: chosen[0], row: chosen[1], column: chosen[2] };
    else cursor = { on: i, tile: 0, row: height >> 1, column: across >> 1 };
    tell();
  }

  function turn(i, by) {
    const [tiles] = scene.shapes[i];
    if (cursor?.on !== i) steer(i, [0, 0]);
    cursor = { ...cursor, tile: Math.min(Math.max(cursor.tile + by, 0), tiles - 1) };
    tell();
  }

  function tell() {
    refresh();
    write(spoken, read().join(" "));
  }

  pictures.forEach(follow);

  // --- life ---

  function dress() {
    const dark = isDark(host);
    ink = {
      dark,
      page: themeColor(host, "background-color"),
      text: themeColor(host, "text-color"),
      primary: themeColor(host, "primary-color"),
      line: dark ? "rgb(255 255 255 / 0.3)" : "rgb(0 0 0 / 0.25)",
      halo: dark ? "#000" : "#fff",
    };
    const choice = scene.choosable ? "; Enter chooses" : "";
    const turns = scene.shapes[0][0] > 1 ? "; Page Up and Page Down go from slice to slice" : "";
    write(keys, `Arrow keys move from cell to cell${turns}${choice}.`);
  }

  function show() {
    if (!scene || !width) return;
    fit();
    paint();
    cancelAnimationFrame(frame);
    mark();
  }

  const observer = new ResizeObserver(() => {
    width = area.clientWidth;
    show();
  });
  observer.observe(area);
  watchDensity(show, listeners.signal);

  return {
    update(sent, emit) {
      const { meta } = sent;
      const next = linkedScene(sent);
      if (scene && JSON.stringify(next.shapes) !== JSON.stringify(scene.shapes)) cursor = null;
      scene = next;
      if (token !== meta.reset) [token, chosen] = [meta.reset, meta.chosen];
      dress();
      width = area.clientWidth;
      show();
      say(meta.address);
      reporter.echo(meta.echo, emit);
      host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
    },
    destroy() {
      listeners.abort();
      observer.disconnect();
      reporter.stop();
      cancelAnimationFrame(frame);
    },
  };
}
