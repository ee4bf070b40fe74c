// What the pictures of linked.py have to do with each other: which cells lie in which window, which
// of them won it, where the tiles stand; and what is said of a cell.

const TILE_GAP = 0.5; // cells between tiles

/** Two digits, which a cell has room for. */
function brief(value) {
  if (value === 0) return "0";
  const text = Math.abs(value) < 1e-3 ? value.toExponential(1) : Number(value.toPrecision(2));
  return String(text).replaceAll("-", MINUS);
}

/** A scene from the blob of linked.py, with its relations. */
function linkedScene({ arrays, meta }) {
  const names = meta.pictures.map((_, i) => `values${i}`);
  const scene = {
    ...meta,
    shapes: names.map((name) => arrays[name].shape),
    values: names.map((name) => arrays[name].values),
    winners: arrays.winners?.values,
    pools: meta.rule === "max" || meta.rule === "average",
  };
  const shape = (i) => scene.shapes[i];
  const valueAt = (i, { tile, row, column }) => {
    const [, height, across] = shape(i);
    return scene.values[i][(tile * height + row) * across + column];
  };

  /** The cells of a window, as [row, column, height, width] of the larger pictures. */
  function windowOf({ row, column }) {
    const [, height, across] = shape(1);
    const [top, left] = [row * scene.stride, column * scene.stride];
    const { window } = scene;
    return [top, left, Math.min(window, height - top), Math.min(window, across - left)];
  }

  function winnerOf({ row, column }) {
    const [, , across] = shape(0);
    const place = scene.winners[row * across + column];
    return { tile: 0, row: Math.floor(place / shape(1)[2]), column: place % shape(1)[2] };
  }

  /** The pooled cells whose windows hold a cell. */
  function poolsOf({ row, column }) {
    const [, rows, columns] = shape(0);
    const { window, stride } = scene;
    const along = (at, count) => Array.from({ length: count }, (_, i) => i)
      .filter((i) => i * stride <= at && at < i * stride + window);
    return along(row, rows).flatMap((r) =>
      along(column, columns).map((c) => ({ tile: 0, row: r, column: c })));
  }

  const won = (pooled, cell) => {
    const winner = winnerOf(pooled);
    return winner.row === cell.row && winner.column === cell.column;
  };

  const where = ({ tile, row, column }) => {
    const name = scene.tiles ? `${scene.tiles[tile]}, ` : "";
    return `${name}row ${row}, column ${column}`;
  };

  const number = (i, cell) => formatExact(valueAt(i, cell));

  function poolWords(cell) {
    const gets = `is handed ${number(2, cell)}`;
    const windows = poolsOf(cell);
    const value = `${where(cell)}: ${number(1, cell)}`;
    if (!windows.length) return [value, `lies in no window and ${gets}`];
    if (scene.rule === "average") return [value, `${gets}, its equal share`];
    const count = windows.filter((pooled) => won(pooled, cell)).length;
    const of = windows.length > 1 ? ` ${count} of its ${windows.length} windows` : " its window";
    return count ? [value, `won${of} and ${gets}`] : [value, `won no window and ${gets}`];
  }

  function windowWords(cell) {
    const came = `${where(cell)}: ${number(0, cell)} arrives`;
    const [, , height, across] = windowOf(cell);
    if (scene.rule === "average") return [came, `${height * across} cells get an equal share`];
    const winner = winnerOf(cell);
    const rest = height * across - 1;
    return [
      came,
      `all of it goes to row ${winner.row}, column ${winner.column}, whose `
        + `${number(1, winner)} won the window; the other ${rest} get nothing of it`,
    ];
  }

  /** What is read of a cell: its strong part, and the rest. */
  function words(cell) {
    if (!cell) {
      const touch = matchMedia("(hover: none)").matches;
      return [`${touch ? "Tap" : "Point at"} a cell to see what became of its gradient`, ""];
    }
    if (scene.pools) return cell.on === 0 ? windowWords(cell) : poolWords(cell);
    const parts = scene.pictures.map(({ said }, i) => `${said} ${number(i, cell)}`);
    if (scene.rule === "relu") {
      const off = valueAt(1, cell) <= 0;
      parts.splice(2, 0, off ? "off, so it blocks" : "on, so it lets pass");
    }
    return [`${where(cell)}:`, parts.join(" · ")];
  }

  function tiling(i) {
    const [tiles] = shape(i);
    const columns = Math.ceil(Math.sqrt(tiles));
    return { columns, rows: Math.ceil(tiles / columns) };
  }

  function originOf(i, tile) {
    const [, height, across] = shape(i);
    const { columns } = tiling(i);
    return [
      Math.floor(tile / columns) * (height + TILE_GAP),
      (tile % columns) * (across + TILE_GAP),
    ];
  }

  const onPicture = (i, { tile, row, column }) => {
    const [top, left] = originOf(i, tile);
    return [top + row, left + column];
  };

  /** The cell at a place of a picture, in cells from its upper left corner; null between tiles. */
  function cellAt(i, y, x) {
    const [tiles, height, across] = shape(i);
    for (let tile = 0; tile < tiles; tile += 1) {
      const [top, left] = originOf(i, tile);
      const [row, column] = [Math.floor(y - top), Math.floor(x - left)];
      if (row >= 0 && row < height && column >= 0 && column < across) {
        return { on: i, tile, row, column };
      }
    }
    return null;
  }

  return Object.assign(scene, {
    valueAt, windowOf, winnerOf, poolsOf, words, tiling, originOf, onPicture, cellAt,
  });
}
