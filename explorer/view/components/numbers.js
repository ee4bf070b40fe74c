// How float32 numbers are written and read, where every digit may matter.

const MINUS = "\u2212";

/** The shortest decimal that is read back as the same float32: every digit of it counts. */
function shortest(value) {
  if (value === 0) return "0";
  let digits = 1;
  while (digits < 9 && Math.fround(Number(value.toPrecision(digits))) !== value) digits += 1;
  const plain = Number(value.toPrecision(digits));
  const size = Math.abs(plain);
  const text = size < 1e-5 || size >= 1e9 ? plain.toExponential() : String(plain);
  return text.replaceAll("-", MINUS);
}

/** Three decimals, for a column; what they would round to nothing is written by its power of ten. */
function aligned(value) {
  if (value === 0) return "0.000";
  const size = Math.abs(value);
  let text;
  if (size < 5e-4) text = value.toExponential(0);
  else if (size < 1000) text = value.toFixed(size < 100 ? 3 : 2);
  else text = size < 1e6 ? value.toFixed(0) : value.toExponential(1);
  return text.replaceAll("-", MINUS);
}

/** Three significant digits, where all numbers are small: a gradient's. */
function fine(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text = size < 1e-3 || size >= 1e5 ? value.toExponential(2) : value.toPrecision(3);
  return text.replaceAll("-", MINUS);
}

/** What a person typed, `0,5`, `−2` and `1/9` included, as a float32; NaN where it is no number. */
function parseNumber(text) {
  const plain = text.trim().replaceAll(MINUS, "-").replace(/,/g, ".");
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
  const parts = plain.split("/").map((part) => part.trim());
  if (parts.length > 2 || !parts.every((part) => number.test(part))) return NaN;
  return Math.fround(parts.length === 2 ? Number(parts[0]) / Number(parts[1]) : Number(parts[0]));
}

/** Black or white, whichever reads better on a pixel of a palette's table. */
function inkOn(word) {
  const linear = (byte) => (byte / 255) ** 2.2;
  const light = 0.2126 * linear(word & 255) + 0.7152 * linear((word >> 8) & 255)
    + 0.0722 * linear((word >> 16) & 255);
  return light > 0.179 ? "#000" : "#fff";
}
