// Reads the bytes of blob.py, colours maps, and writes numbers as people read them.

const MAGIC = 0x4d4e4e43; // "CNNM", little-endian
const ARRAYS = 0x414e4e43; // "CNNA"

/** The blob as {n, h, w, text, meta, ranges, values}; meta is the JSON in text. */
function decode(bytes) {
  // The bytes lie at any offset of a larger message; typed arrays need aligned ones.
  const { buffer } = bytes.slice();
  const [magic, version, n, h, w, length] = new Uint32Array(buffer, 0, 6);
  if (magic !== MAGIC || version !== 1) throw new Error("map_grid: not a blob of version 1");
  const text = new TextDecoder().decode(new Uint8Array(buffer, 24, length));
  const ranges = new Float32Array(buffer, 24 + length, 2 * n);
  const values = new Float32Array(buffer, 24 + length + 8 * n, n * h * w);
  return { n, h, w, text, meta: JSON.parse(text), ranges, values };
}

const SHADES = Float32Array.from({ length: 256 }, (_, k) => k / 255);

function fromShades(bytes) {
  const values = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i += 1) values[i] = SHADES[bytes[i]];
  return values;
}

/** The second layout as {arrays: {name: {shape, values}}, meta}; all values are float32. */
function decodeArrays(bytes) {
  const { buffer } = bytes.slice();
  const [magic, version, length] = new Uint32Array(buffer, 0, 3);
  if (magic !== ARRAYS || version !== 1) throw new Error("not a blob of arrays of version 1");
  const { arrays: described, meta } = JSON.parse(
    new TextDecoder().decode(new Uint8Array(buffer, 12, length)),
  );
  const arrays = {};
  let offset = 12 + length;
  for (const [name, kind, shape] of described) {
    const size = shape.reduce((a, b) => a * b, 1);
    const values = kind === "f4"
      ? new Float32Array(buffer, offset, size)
      : fromShades(new Uint8Array(buffer, offset, size));
    arrays[name] = { shape, values };
    offset += 4 * Math.ceil((kind === "f4" ? 4 * size : size) / 4);
  }
  return { arrays, meta };
}

const diverges = (kind) => kind === "signed" || kind === "weight";

/** Colours all maps: an n·h × w canvas. */
function colour({ n, h, w, meta, ranges, values }, { words }, atlas) {
  atlas.width = w;
  atlas.height = n * h;
  const context = atlas.getContext("2d");
  const image = context.createImageData(w, n * h);
  const pixels = new Uint32Array(image.data.buffer);
  const size = h * w;
  const zero = diverges(meta.kind) ? 128 : 0;
  for (let map = 0; map < n; map += 1) {
    const [low, high] = [ranges[2 * map], ranges[2 * map + 1]];
    const factor = high > low ? 255 / (high - low) : 0;
    // A scale reaches zero, so that a map without any range is all zero.
    const base = high > low ? 0 : zero;
    for (let i = map * size; i < (map + 1) * size; i += 1) {
      const entry = Math.round((values[i] - low) * factor + base);
      pixels[i] = words[entry < 0 ? 0 : entry > 255 ? 255 : entry];
    }
  }
  context.putImageData(image, 0, 0);
}

/** A number as people read it: four significant digits and a true minus sign. */
function format(value) {
  const size = Math.abs(value);
  const scientific = size !== 0 && (size < 1e-3 || size >= 1e6);
  const text = scientific ? value.toExponential(2) : Number(value.toPrecision(4)).toString();
  return text.replaceAll("-", "\u2212");
}

/** All four digits, so that a number does not change its width while the pointer moves. */
function formatExact(value) {
  const size = Math.abs(value);
  if (size === 0) return "0";
  const text = size < 1e-3 || size >= 1e6 ? value.toExponential(3) : value.toPrecision(4);
  return text.replaceAll("-", "\u2212");
}

function shorten(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > width) end -= 1;
  return `${text.slice(0, end)}…`;
}
