// The pictures of the lens: where their cells lie, and what is drawn onto them.
//
// A picture is two canvases: the lower one is painted when Python sends something new, the upper
// one, with all that follows the cursor, at the display's rate.

const NEAR = 15; // cells along a side of an enlarged neighbourhood, at least
const LIMIT = 340; // CSS pixels a side, so that large screens do not blow pictures up
const GAP = 16;

/** Sides of the pictures in CSS pixels, and their arrangement, for a container of this width. */
function plan(width, { large, convolves, channels }) {
  const share = convolves ? 0.58 : 0; // of the kernel
  const gaps = (count) => (count - 1 + (convolves ? 1 : 0)) * GAP;
  const fit = (shares, count) => Math.floor((width - gaps(count)) / (shares + share));
  if (large && width >= 1000) {
    const side = Math.min(LIMIT, fit(3.5, 4));
    return { kind: "row", side, near: Math.floor(0.75 * side), kernel: Math.floor(0.58 * side) };
  }
  if (width >= 560) {
    const side = Math.min(LIMIT, fit(2, 2));
    return { kind: "columns", side, near: side, kernel: Math.max(120, Math.floor(0.58 * side)) };
  }
  const side = Math.floor((width - GAP / 2) / 2);
  // Up to three slices stand in a row.
  const kernel = channels > 3 ? 176 : Math.min(width, 112 + 80 * (channels - 1));
  return { kind: "phone", side, near: side, kernel };
}

/** Marks on a grid of cells: `view` says where a cell lies on the canvas of `context`. */
function createPicture(figure) {
  const [base, overlay] = figure.querySelectorAll("canvas");
  const [title, note] = figure.querySelectorAll("figcaption > *");
  const [low, bar, high] = figure.querySelectorAll(".legend > span");
  const context = base.getContext("2d");
  const marks = overlay.getContext("2d");

  const picture = {
    figure,
    overlay,
    scale: 1,
    density: 1,
    startRow: 0, // the cell at the upper left corner
    startColumn: 0,
    countRows: 0,
    countColumns: 0,

    caption(text, detail) {
      write(title, text);
      write(note, detail);
    },

    legend([from, to], palette, diverging) {
      write(low, format(from));
      write(high, format(to));
      bar.firstElementChild.hidden = !diverging;
      const stops = Array.from({ length: 16 }, (_, i) => palette.css(17 * i));
      bar.style.backgroundImage = `linear-gradient(90deg, ${stops.join(", ")})`;
    },

    /** Room for cells, at a whole number of device pixels each where they are large. */
    size(rows, columns, side, density, like = null) {
      const most = (side * density) / Math.max(rows, columns);
      let scale = most >= 4 ? Math.floor(most) : most;
      if (like && most >= like && most < 1.3 * like) scale = like;
      const [width, height] = [Math.round(columns * scale), Math.round(rows * scale)];
      for (const canvas of [base, overlay]) {
        if (canvas.width !== width || canvas.height !== height) {
          [canvas.width, canvas.height] = [width, height];
        }
        canvas.style.width = `${width / density}px`;
        canvas.style.height = `${height / density}px`;
      }
      Object.assign(picture, { scale, density, countRows: rows, countColumns: columns });
    },

    start(row, column) {
      [picture.startRow, picture.startColumn] = [row, column];
    },

    /** The atlas where it belongs; of what lies around it, only this much padding is zeros. */
    paint(atlas, zero, line, padding = null) {
      const { scale, density } = picture;
      const [width, height] = [base.width, base.height];
      context.resetTransform();
      context.fillStyle = zero;
      context.fillRect(0, 0, width, height);
      const x = -picture.startColumn * scale;
      const y = -picture.startRow * scale;
      const [w, h] = [atlas.width * scale, atlas.height * scale];
      if (x > 0 || y > 0 || x + w < width - 1 || y + h < height - 1) {
        hatch(context, width, height, line, 6 * density);
        if (padding && scale >= 13 * density) zeros(context, line, atlas, padding);
      }
      context.imageSmoothingEnabled = scale < 3;
      context.imageSmoothingQuality = "medium";
      context.drawImage(atlas, x, y, w, h);
      // The picture's own edge, so that its padding is seen to lie outside.
      context.strokeStyle = line;
      context.lineWidth = density;
      context.strokeRect(x + density / 2, y + density / 2, w - density, h - density);
    },

    clear() {
      marks.clearRect(0, 0, overlay.width, overlay.height);
    },

    box(row, column, height = 1, width = 1) {
      const { scale } = picture;
      return [
        (column - picture.startColumn) * scale,
        (row - picture.startRow) * scale,
        width * scale,
        height * scale,
      ];
    },

    /** An outline around cells that shows on every colour and never shrinks to nothing. */
    outline(cells, color, halo, thickness = 2, least = 7) {
      let [x, y, w, h] = picture.box(...cells);
      const { density } = picture;
      const grow = (size) => Math.max(0, (least * density - size) / 2);
      const [dx, dy] = [grow(w), grow(h)];
      [x, y, w, h] = [x - dx, y - dy, w + 2 * dx, h + 2 * dy];
      marks.strokeStyle = halo;
      marks.lineWidth = (thickness + 2) * density;
      marks.strokeRect(x, y, w, h);
      marks.strokeStyle = color;
      marks.lineWidth = thickness * density;
      marks.strokeRect(x, y, w, h);
    },

    fill(cells, color, alpha = 0.5) {
      marks.globalAlpha = alpha;
      marks.fillStyle = color;
      marks.fillRect(...picture.box(...cells));
      marks.globalAlpha = 1;
    },

    /** Every stride-th cell of an area, however many there are. */
    comb([row, column, rows, columns], stride, color) {
      const area = [row, column, (rows - 1) * stride + 1, (columns - 1) * stride + 1];
      if (stride === 1) picture.fill(area, color, 0.28);
      else {
        const tile = document.createElement("canvas");
        tile.width = tile.height = stride * 8;
        const brush = tile.getContext("2d");
        brush.fillStyle = color;
        brush.fillRect(0, 0, 8, 8);
        const pattern = marks.createPattern(tile, "repeat");
        const [x, y, w, h] = picture.box(...area);
        const unit = picture.scale / 8;
        pattern.setTransform(new DOMMatrix([unit, 0, 0, unit, x, y]));
        marks.fillStyle = pattern;
        marks.globalAlpha = 0.6;
        marks.fillRect(x, y, w, h);
        marks.globalAlpha = 1;
      }
      return area;
    },

    /** A rank in a disc at the upper left corner of a box, pushed in where it would be cut. */
    rank(number, cells, color, halo) {
      const { density } = picture;
      const radius = 8 * density;
      const [left, top] = picture.box(...cells);
      const clamp = (value, size) => Math.min(Math.max(value, radius), size - radius);
      const [x, y] = [clamp(left, overlay.width), clamp(top, overlay.height)];
      marks.beginPath();
      marks.arc(x, y, radius, 0, 2 * Math.PI);
      marks.fillStyle = color;
      marks.fill();
      marks.fillStyle = halo;
      marks.font = `600 ${11 * density}px sans-serif`;
      marks.textAlign = "center";
      marks.textBaseline = "middle";
      marks.fillText(String(number), x, y + 0.5 * density);
    },

    /** A word above a box, or below it where there is no room. */
    tag(text, cells, color, halo) {
      const { density } = picture;
      marks.font = `600 ${11 * density}px sans-serif`;
      const [x, y, , h] = picture.box(...cells);
      const wide = marks.measureText(text).width + 8 * density;
      const high = 16 * density;
      const top = y >= high + 3 * density ? y - high - 3 * density : y + h + 3 * density;
      const left = Math.min(Math.max(0, x), overlay.width - wide);
      marks.fillStyle = color;
      marks.fillRect(left, top, wide, high);
      marks.fillStyle = halo;
      marks.textAlign = "left";
      marks.textBaseline = "middle";
      marks.fillText(text, left + 4 * density, top + high / 2 + 0.5 * density);
    },

    /** Covers all cells from a place in reading order on. */
    cover(done, columns, rows, color) {
      const [row, column] = [Math.floor(done / columns), done % columns];
      picture.fill([row, column, 1, columns - column], color, 1);
      if (row + 1 < rows) picture.fill([row + 1, 0, rows - row - 1, columns], color, 1);
    },

    /** A number in every cell of an area; `at` gives its value. */
    numbers(startRow, startColumn, rows, columns, at, ink) {
      const size = Math.min(13 * picture.density, picture.scale / 3.1);
      marks.font = `${size}px sans-serif`;
      marks.textAlign = "center";
      marks.textBaseline = "middle";
      for (let i = 0; i < rows; i += 1) {
        for (let j = 0; j < columns; j += 1) {
          const [x, y, w, h] = picture.box(startRow + i, startColumn + j);
          marks.fillStyle = ink(i, j);
          marks.fillText(at(i, j), x + w / 2, y + h / 2, 0.94 * w);
        }
      }
    },

    /** The cell under a point, which may lie in the padding; null outside of the canvas. */
    find(event) {
      const area = overlay.getBoundingClientRect();
      const along = (at, start, length, count, first) => {
        const cell = Math.floor(((at - start) / length) * count);
        return cell >= 0 && cell < count ? first + cell : null;
      };
      const row = along(event.clientY, area.top, area.height, picture.countRows, picture.startRow);
      const column = along(
        ...[event.clientX, area.left, area.width, picture.countColumns, picture.startColumn],
      );
      return row === null || column === null ? null : { row, column };
    },
  };

  function zeros(context, line, atlas, { top, left, bottom, right }) {
    const { scale, density } = picture;
    context.fillStyle = line;
    context.font = `${10 * density}px sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let i = 0; i < picture.countRows; i += 1) {
      const row = picture.startRow + i;
      if (row < -top || row >= atlas.height + bottom) continue;
      for (let j = 0; j < picture.countColumns; j += 1) {
        const column = picture.startColumn + j;
        if (column < -left || column >= atlas.width + right) continue;
        context.fillText("0", (j + 0.5) * scale, (i + 0.5) * scale);
      }
    }
  }
  return picture;
}

/** Diagonal lines: what lies outside of a picture is not a dark or a bright pixel. */
function hatch(context, width, height, color, step) {
  context.strokeStyle = color;
  context.globalAlpha = 0.35;
  context.lineWidth = Math.max(1, step / 6);
  context.beginPath();
  for (let x = -height; x < width; x += step) {
    context.moveTo(x, height);
    context.lineTo(x + height, 0);
  }
  context.stroke();
  context.globalAlpha = 1;
}

const greys = { words: new Uint32Array(256), css: (i) => `rgb(${i} ${i} ${i})` };
greys.words.forEach((_, i) => {
  greys.words[i] = (0xff000000 | (i << 16) | (i << 8) | i) >>> 0;
});

/** The table that a kind of picture is coloured by; photographs are grey in both themes. */
const tableOf = (kind, dark) =>
  kind === "grey" || kind === "colour" ? greys : paletteOf(kind, dark);

/** Entry 0 to 255 of a value on a scale. */
function entryOf(value, [low, high], diverging) {
  if (high <= low) return diverging ? 128 : 0;
  return Math.min(255, Math.max(0, Math.round(((value - low) / (high - low)) * 255)));
}

/** Colours one plane of numbers onto a canvas of its size. */
function colourPlane(atlas, values, height, width, kind, range, palette) {
  const plane = { n: 1, h: height, w: width, meta: { kind }, ranges: range, values };
  colour(plane, palette, atlas);
}

/** Three planes as red, green and blue. */
function colourRgb(atlas, values, height, width, [low, high]) {
  [atlas.width, atlas.height] = [width, height];
  const context = atlas.getContext("2d");
  const picture = context.createImageData(width, height);
  const size = width * height;
  for (let i = 0; i < size; i += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      picture.data[4 * i + channel] = ((values[channel * size + i] - low) / (high - low)) * 255;
    }
    picture.data[4 * i + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
}
