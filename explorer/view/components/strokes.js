// The geometry of strokes: how they look, how they are simplified, and their pixels for Python.
//
// A stroke is {brush, points: [[x, y], …]} in pixels of a SHEET×SHEET sheet, whatever the size of
// the pad on the screen. explorer/data/ink.py draws the same path where there is no browser.

const TOLERANCE = 0.6; // a simplified stroke stays this close to the drawn one, in sheet pixels

/** How far from a corner its curve may start so that it passes within SLACK of the corner. */
function reach(before, at, after) {
  const [ax, ay] = [at[0] - before[0], at[1] - before[1]];
  const [bx, by] = [after[0] - at[0], after[1] - at[1]];
  const lengths = Math.hypot(ax, ay) * Math.hypot(bx, by);
  const cosine = lengths ? (ax * bx + ay * by) / lengths : 1;
  // Of a turn by t, the curve's middle stays away by half the reach times sin(t / 2).
  return (2 * SLACK) / Math.max(Math.sqrt(Math.max(0, 1 - cosine) / 2), 1e-6);
}

/** The point this far from `at`, at most half way to `other`. */
function toward(at, other, distance) {
  const [dx, dy] = [other[0] - at[0], other[1] - at[1]];
  const share = Math.min(0.5, distance / Math.max(Math.hypot(dx, dy), 1e-6));
  return [at[0] + dx * share, at[1] + dy * share];
}

/** Strokes a path in sheet pixels: straight lines whose corners are rounded. */
function trace(context, { brush, points }) {
  context.lineWidth = brush;
  context.beginPath();
  if (points.length === 1) {
    // Canvas drops a line without length: a dot is a disc.
    context.arc(...points[0], brush / 2, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  context.moveTo(...points[0]);
  for (let i = 1; i < points.length - 1; i += 1) {
    const [before, at, after] = points.slice(i - 1, i + 2);
    const distance = reach(before, at, after);
    context.lineTo(...toward(at, before, distance));
    context.quadraticCurveTo(...at, ...toward(at, after, distance));
  }
  context.lineTo(...points.at(-1));
  context.stroke();
}

/** Prepares a context so that [x, y] is the centre of that pixel of the sheet. */
function ontoSheet(context, scale, color) {
  context.setTransform(scale, 0, 0, scale, scale / 2, scale / 2);
  context.lineCap = "round";
  context.lineJoin = "round";
  context.strokeStyle = context.fillStyle = color;
}

/** Ramer–Douglas–Peucker, then whole pixels: what fits a link and still looks the same. */
function simplify({ brush, points }) {
  const keep = new Uint8Array(points.length);
  keep[0] = keep[points.length - 1] = 1;
  const spans = [[0, points.length - 1]];
  while (spans.length) {
    const [first, last] = spans.pop();
    let [farthest, index] = [TOLERANCE, -1];
    for (let i = first + 1; i < last; i += 1) {
      const distance = distanceToSegment(points[i], points[first], points[last]);
      if (distance > farthest) [farthest, index] = [distance, i];
    }
    if (index < 0) continue;
    keep[index] = 1;
    spans.push([first, index], [index, last]);
  }
  const whole = points.filter((_, i) => keep[i]).map(([x, y]) => [Math.round(x), Math.round(y)]);
  const distinct = whole.filter(
    ([x, y], i) => i === 0 || x !== whole[i - 1][0] || y !== whole[i - 1][1],
  );
  return { brush, points: distinct };
}

function distanceToSegment([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const along = length ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

/** A function from strokes to {ink, box}: base64 of the bytes of a part of the REPORT×REPORT sheet,
 *  255 = ink, and where that part lies, [top, left, height, width]; the rest of the sheet is empty.
 *  What a pad has reported travels with every message of its page, so it is kept small.
 */
function createRaster() {
  const sheet = document.createElement("canvas");
  sheet.width = sheet.height = SHEET;
  const context = sheet.getContext("2d", { willReadFrequently: true });
  const grey = new Uint8Array(REPORT * REPORT);
  const block = SHEET / REPORT;

  return (strokes) => {
    context.resetTransform();
    context.clearRect(0, 0, SHEET, SHEET);
    ontoSheet(context, 1, "black");
    for (const stroke of strokes) trace(context, stroke);
    const { data } = context.getImageData(0, 0, SHEET, SHEET);
    for (let y = 0; y < REPORT; y += 1) {
      for (let x = 0; x < REPORT; x += 1) {
        let sum = 0; // of the opacity, every fourth byte
        for (let dy = 0; dy < block; dy += 1) {
          for (let dx = 0; dx < block; dx += 1) {
            sum += data[4 * ((block * y + dy) * SHEET + block * x + dx) + 3];
          }
        }
        grey[y * REPORT + x] = Math.round(sum / block ** 2);
      }
    }
    let [top, left, bottom, right] = [REPORT, REPORT, 0, 0];
    grey.forEach((value, i) => {
      if (!value) return;
      const [y, x] = [Math.floor(i / REPORT), i % REPORT];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
      [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
    });
    if (top > bottom) return { ink: btoa("\0"), box: [0, 0, 1, 1] };
    const [height, width] = [bottom - top, right - left];
    const part = new Uint8Array(height * width);
    for (let y = 0; y < height; y += 1) {
      const from = (top + y) * REPORT + left;
      part.set(grey.subarray(from, from + width), y * width);
    }
    return { ink: btoa(String.fromCharCode(...part)), box: [top, left, height, width] };
  };
}
