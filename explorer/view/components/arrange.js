// Where maps stand on a canvas: how large, in how many columns, and what lies under a point.

const TITLE = 18; // CSS pixels for the title above a map
const GAP = { map: 8, unit: 3 }; // between maps, and between single values
const MARGIN = 4; // around them, so that outlines are not cut
const STRETCH = { least: 0.75, most: 1.5 }; // how far a map may depart from its preferred size

/** At most so many columns that a line holds whole groups, or a group fills whole lines. */
function together(most, group) {
  if (most >= group) return most - (most % group);
  let columns = most;
  while (group % columns) columns -= 1;
  return columns;
}

/** Where the maps lie, in device pixels, for a container this many CSS pixels wide. */
function arrange({ n, h, w, meta }, width, density) {
  const single = h * w === 1;
  const gap = Math.round((single ? GAP.unit : GAP.map) * density);
  const title = meta.titles ? Math.round(TITLE * density) : 0;
  const margin = Math.round(MARGIN * density);
  const room = Math.max(1, Math.floor(width * density) - 2 * margin);
  const preferred = meta.cell * density;

  const fit = (scale) => {
    const tile = w * scale;
    const most = Math.min(n, Math.max(1, Math.floor((room + gap) / (tile + gap))));
    const even = Math.ceil(n / Math.ceil(n / most));
    const columns = meta.group > 1 ? together(most, meta.group) : even;
    const rows = Math.ceil(n / columns);
    const ragged = (rows * columns - n) / n;
    const unused = rows > 1 ? (room - columns * (tile + gap) + gap) / room : 0;
    return { scale, rows, columns, cost: Math.abs(Math.log(tile / preferred)) + ragged + unused };
  };

  const limit = Math.floor(room / w);
  const first = Math.max(1, Math.ceil((STRETCH.least * preferred) / w));
  const last = Math.max(first, Math.floor((STRETCH.most * preferred) / w));
  let best = null;
  for (let scale = Math.min(first, limit); scale <= Math.min(last, limit); scale += 1) {
    const candidate = fit(scale);
    if (scale > 0 && (!best || candidate.cost < best.cost)) best = candidate;
  }
  // A picture with more pixels than the screen offers is shrunk, no longer pixel by pixel.
  best ??= fit(room / w);

  const { scale, rows, columns } = best;
  const [tileWidth, tileHeight] = [Math.round(w * scale), Math.round(h * scale)];
  const [stepX, stepY] = [tileWidth + gap, tileHeight + title + gap];
  return {
    columns,
    scale,
    title,
    tileWidth,
    tileHeight,
    single,
    width: columns * stepX - gap + 2 * margin,
    height: rows * stepY - gap + 2 * margin,
    origin: (map) => [
      margin + (map % columns) * stepX,
      margin + Math.floor(map / columns) * stepY + title,
    ],
    /** The map, row and column under a point, or null between the maps. */
    find(x, y) {
      const [column, row] = [Math.floor((x - margin) / stepX), Math.floor((y - margin) / stepY)];
      const map = row * columns + column;
      if (column < 0 || column >= columns || row < 0 || map >= n) return null;
      const [left, top] = this.origin(map);
      const inside = x < left + tileWidth && y < top + tileHeight;
      if (!inside) return null;
      const at = (offset, count) => Math.min(count - 1, Math.max(0, Math.floor(offset / scale)));
      return { map, row: at(y - top, h), column: at(x - left, w) };
    },
  };
}
