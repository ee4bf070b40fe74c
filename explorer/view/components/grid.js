// One grid of maps on one canvas, which people read and choose from.
//
// A blob from Python becomes one atlas, coloured once (blob.js); the canvas enlarges its tiles by a
// whole number of device pixels, so that every value is a square of the same size (arrange.js).
// Pointing and selecting redraw from the atlas and decode nothing.

/** One grid in its block of the page; the theme is read from `host`. */
function createGrid(block, host) {
  const part = (name) => block.querySelector(`[data-part="${name}"]`);
  const [label, text, caption, canvas, low, bar, zero, high, note, value, where, spoken] = [
    ...["label", "text", "caption", "maps", "low", "bar", "zero", "high", "note"],
    ...["value", "where", "spoken"],
  ].map(part);
  const context = canvas.getContext("2d");
  const atlas = document.createElement("canvas");
  const listeners = new AbortController();
  const on = (type, handler) =>
    canvas.addEventListener(type, handler, { signal: listeners.signal });

  let maps = null;
  let layout = null;
  let titles = []; // as far as they fit above their maps
  let cursor = null; // {map, row, column} being read; row is -1 while only a map is meant
  let selected = null;
  let seq = 0;
  let send = () => {};
  let frame = 0;
  let width = 0; // of the container, in CSS pixels
  let placed = ""; // what the layout was made for
  let ink = {};

  const name = (map) => maps.meta.titles?.[map] ?? `${maps.meta.noun} ${map}`;

  // --- showing ---

  /** Most updates bring new values for the same places: only a new shape or size moves them. */
  function place() {
    if (!maps || !width) return;
    const { n, h, w, meta } = maps;
    const { cell, group, titles: texts } = meta;
    const next = JSON.stringify([n, h, w, cell, group, texts, width, devicePixelRatio]);
    if (next === placed) return;
    placed = next;
    layout = arrange(maps, width, devicePixelRatio);
    canvas.width = layout.width;
    canvas.height = layout.height;
    canvas.style.width = `${layout.width / devicePixelRatio}px`;
    canvas.style.height = `${layout.height / devicePixelRatio}px`;
    block.classList.toggle("tall", canvas.clientHeight > 0.6 * innerHeight);
    context.font = titleFont(false);
    titles = (maps.meta.titles ?? []).map((text) => shorten(context, text, layout.tileWidth));
  }

  const titleFont = (strong) =>
    `${strong ? 600 : 400} ${12 * devicePixelRatio}px ${ink.font || "sans-serif"}`;

  function paint() {
    frame = 0;
    if (!layout) return;
    const { tileWidth, tileHeight, scale, single } = layout;
    const { h, w } = maps;
    const hair = Math.max(1, Math.round(devicePixelRatio));
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingEnabled = scale < 1;
    context.textBaseline = "alphabetic";
    for (let map = 0; map < maps.n; map += 1) {
      const [x, y] = layout.origin(map);
      context.drawImage(atlas, 0, map * h, w, h, x, y, tileWidth, tileHeight);
      frameAround(x, y, hair, 0, ink.border);
      if (!titles[map]) continue;
      const chosen = map === selected;
      context.font = titleFont(chosen);
      context.fillStyle = chosen ? ink.primary : ink.text;
      context.globalAlpha = chosen || map === cursor?.map ? 1 : 0.72;
      context.fillText(titles[map], x, y - 5 * devicePixelRatio);
      context.globalAlpha = 1;
    }
    if (cursor && maps.n > 1) {
      frameAround(...layout.origin(cursor.map), 1.5 * hair, single ? 0 : hair, ink.text);
    }
    if (selected !== null) {
      frameAround(...layout.origin(selected), 2.5 * hair, hair * (single ? 0 : 1), ink.primary);
    }
    maps.meta.frames.forEach(outline);
    if (cursor && cursor.row >= 0 && !single) markPixel(cursor);
  }

  /** A frame around a part of a map, with its label: dark in light, as markPixel. */
  function outline([map, row, column, height, width, text]) {
    const [left, top] = layout.origin(map);
    const [x, y] = [left + column * layout.scale, top + row * layout.scale];
    for (const [thickness, color] of [[4, "#fff"], [2, "#b3261e"]]) {
      context.lineWidth = (thickness * devicePixelRatio) / 2;
      context.strokeStyle = color;
      context.strokeRect(x, y, width * layout.scale, height * layout.scale);
    }
    context.font = titleFont(true);
    context.lineWidth = 3 * devicePixelRatio;
    context.strokeStyle = "#fff";
    context.fillStyle = "#b3261e";
    const [tx, ty] = [x + 3 * devicePixelRatio, y + 13 * devicePixelRatio];
    context.strokeText(text, tx, ty);
    context.fillText(text, tx, ty);
  }

  /** A frame of this thickness outside a tile, this far away from it. */
  function frameAround(x, y, thickness, distance, color) {
    const outset = distance + thickness / 2;
    context.strokeStyle = color;
    context.lineWidth = thickness;
    context.strokeRect(
      x - outset,
      y - outset,
      layout.tileWidth + 2 * outset,
      layout.tileHeight + 2 * outset,
    );
  }

  /** Dark in light, so that the frame shows on every colour of every table. */
  function markPixel({ map, row, column }) {
    const [left, top] = layout.origin(map);
    const side = Math.max(layout.scale, 3 * devicePixelRatio);
    const x = left + (column + 0.5) * layout.scale - side / 2;
    const y = top + (row + 0.5) * layout.scale - side / 2;
    for (const [width, color] of [[4, "#fff"], [2, "#000"]]) {
      context.lineWidth = (width * devicePixelRatio) / 2;
      context.strokeStyle = color;
      context.strokeRect(x, y, side, side);
    }
  }

  function refresh() {
    if (!frame) frame = requestAnimationFrame(paint);
  }

  // --- telling ---

  /** All that stays the same while only values change. */
  function describe(meta, palette, dark) {
    ink = {
      dark,
      text: themeColor(host, "text-color"),
      primary: themeColor(host, "primary-color"),
      border: dark ? "rgb(255 255 255 / 0.16)" : "rgb(0 0 0 / 0.16)",
      font: themeColor(host, "font"),
    };
    write(label, meta.label);
    write(text, meta.text);
    write(caption, meta.caption);
    write(note, meta.note);
    label.parentElement.hidden = !meta.label && !meta.text;
    caption.hidden = !meta.caption;
    zero.hidden = !diverges(meta.kind);
    canvas.setAttribute("aria-label", meta.alt);
    const stops = Array.from({ length: 16 }, (_, i) => palette.css(17 * i));
    bar.style.backgroundImage = `linear-gradient(90deg, ${stops.join(", ")})`;
  }

  function tell() {
    const { meta, ranges } = maps;
    const map = cursor?.map ?? selected;
    const diverging = diverges(meta.kind);
    const known = meta.scale !== "map" || maps.n === 1;
    const range = known ? 0 : map;
    if (range === null) {
      write(low, diverging ? "lowest" : "0");
      write(high, diverging ? "highest" : "its highest");
    } else {
      write(low, format(ranges[2 * range]));
      write(high, format(ranges[2 * range + 1]));
    }
    const [strong, rest] = reading();
    write(value, strong);
    write(where, rest);
  }

  /** The line under the maps, its strong part first: a value must never be cut. */
  function reading() {
    const { meta, n } = maps;
    if (!cursor) return ["", selected === null ? invitation() : `${name(selected)} selected`];
    if (cursor.row < 0) {
      const [from, to] = extremes(cursor.map);
      return [name(cursor.map), `  from ${from} to ${to}`];
    }
    const place = layout.single ? "" : `row ${cursor.row}, column ${cursor.column}`;
    const parts = [n > 1 ? name(cursor.map) : "", place];
    return [formatExact(valueAt(cursor)), ` ${[meta.unit, ...parts].filter(Boolean).join(" · ")}`];
  }

  function invitation() {
    const verb = matchMedia("(hover: none)").matches ? "Tap" : "Point at";
    return `${verb} ${maps.n > 1 ? "a" : "the"} ${maps.meta.noun} to read its values`;
  }

  const valueAt = ({ map, row, column }) =>
    maps.values[(map * maps.h + row) * maps.w + column];

  function extremes(map) {
    const size = maps.h * maps.w;
    const values = maps.values.subarray(map * size, (map + 1) * size);
    return [Math.min(...values), Math.max(...values)].map(formatExact);
  }

  /** Only what the keyboard does is spoken: a pointer would flood the line. */
  function speak() {
    const state = cursor && cursor.map === selected ? ", selected" : "";
    spoken.textContent = `${value.textContent}${where.textContent}${state}`;
  }

  // --- pointing and choosing ---

  function point(next) {
    cursor = next;
    canvas.style.cursor = next ? (maps.meta.selectable ? "pointer" : "crosshair") : "default";
    tell();
    refresh();
  }

  function choose(map) {
    if (!maps.meta.selectable) return;
    selected = map;
    seq += 1;
    tell();
    refresh();
    send({ selected, seq });
  }

  /** A second time lets go, where that may be. */
  function toggle(map) {
    if (map !== selected) choose(map);
    else if (!maps.meta.required) choose(null);
  }

  function under(event) {
    const box = canvas.getBoundingClientRect();
    const scale = canvas.width / box.width;
    return layout?.find((event.clientX - box.left) * scale, (event.clientY - box.top) * scale);
  }

  on("pointermove", (event) => point(under(event) ?? null));
  on("pointerdown", (event) => point(under(event) ?? null));
  on("pointerleave", (event) => {
    // After a tap the value stays to be read: a finger cannot hover.
    if (event.pointerType !== "touch") point(null);
  });
  on("click", (event) => {
    const found = under(event);
    if (found) toggle(found.map);
  });

  const arrows = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };

  on("keydown", (event) => {
    if (!layout || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = cursor ?? { map: selected ?? 0, row: -1, column: -1 };
    if (event.key in arrows) {
      const inside = (event.shiftKey || maps.n === 1) && !layout.single;
      (inside ? movePixel : moveMap)(at, arrows[event.key]);
    } else if (event.key === "Home") moveTo(0);
    else if (event.key === "End") moveTo(maps.n - 1);
    else if (event.key === "Enter" || event.key === " ") toggle(at.map);
    else if (event.key === "Escape" && (cursor || selected !== null)) {
      point(null);
      if (selected !== null && !maps.meta.required) choose(null);
    } else return;
    event.preventDefault();
    speak();
  });

  const moveTo = (map) => point({ map, ...start() });
  const start = () => (layout.single ? { row: 0, column: 0 } : { row: -1, column: -1 });

  function moveMap({ map }, [dx, dy]) {
    const next = map + dx + dy * layout.columns;
    if (!cursor) moveTo(map);
    else if (next >= 0 && next < maps.n) moveTo(next);
  }

  /** The first step into a map starts in its middle. */
  function movePixel({ map, row, column }, [dx, dy]) {
    const clamp = (value, count) => Math.min(Math.max(value, 0), count - 1);
    if (row < 0) point({ map, row: maps.h >> 1, column: maps.w >> 1 });
    else point({ map, row: clamp(row + dy, maps.h), column: clamp(column + dx, maps.w) });
  }

  on("focus", () => {
    if (canvas.matches(":focus-visible") && !cursor && maps) {
      moveTo(selected ?? 0);
      speak();
    }
  });
  on("blur", () => maps && point(null));

  function measure() {
    width = canvas.parentElement.clientWidth;
    place();
    paint();
  }

  const observer = new ResizeObserver(measure);
  observer.observe(canvas.parentElement);
  watchDensity(measure, listeners.signal);

  return {
    update(next, emit) {
      const { meta, n, h, w } = next;
      const dark = isDark(host);
      const palette = paletteOf(meta.kind, dark);
      if (next.text !== maps?.text || dark !== ink.dark) describe(meta, palette, dark);
      if (maps?.n !== n || maps?.h !== h || maps?.w !== w) cursor = null;
      maps = next;
      send = emit;
      // An answer to an earlier click must not undo a later one.
      if (meta.seq >= seq) [selected, seq] = [meta.selected, meta.seq];
      if (selected !== null && selected >= n) selected = null;
      colour(maps, palette, atlas);
      if (width) place();
      else measure();
      tell();
      paint();
    },
    /** For tests and benchmarks: what is on the canvas. */
    shown: () => ({ ...maps, titles: maps.meta.titles, label: maps.meta.label, selected }),
    destroy() {
      listeners.abort();
      observer.disconnect();
      cancelAnimationFrame(frame);
    },
  };
}
