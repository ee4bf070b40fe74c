// How one output value came about: the same numbers, in the same order, in the same precision.
//
// float32 throughout: every product is rounded, then added, channel by channel, row by row, left to
// right, the bias last; so the sum ends at the bits that Python computed.

/** Whether two arrays hold the same numbers. */
function alike(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

/** The blob of lens.py as one scene; an image that came before stays the same object. */
function sceneOf({ arrays, meta }, before) {
  const [channels, height, width] = arrays.image.shape;
  const [rows, columns] = arrays.output.shape;
  const [kernelHeight, kernelWidth] = meta.window;
  const scene = {
    ...meta,
    channels,
    height,
    width,
    rows,
    columns,
    kernelHeight,
    kernelWidth,
    area: kernelHeight * kernelWidth,
    image: before && alike(before.image, arrays.image.values)
      ? before.image
      : arrays.image.values,
    kernel: arrays.kernel?.values ?? null,
    output: arrays.output.values,
    spanHeight: (kernelHeight - 1) * meta.dilation + 1,
    spanWidth: (kernelWidth - 1) * meta.dilation + 1,
  };
  // Zeros below and to the right, as far as a window reaches them.
  const beyond = (count, span, before, size) =>
    Math.max(0, (count - 1) * meta.stride + span - before - size);
  scene.bottom = beyond(rows, scene.spanHeight, meta.top, height);
  scene.right = beyond(columns, scene.spanWidth, meta.left, width);
  scene.large = Math.max(height, width) > 64;
  scene.convolves = meta.operation === "convolution";
  scene.shown = meta.relu ? scene.output.map((value) => Math.max(0, value)) : scene.output;
  scene.weightLimit = largest(scene.kernel ?? []);
  scene.productLimit = scene.weightLimit * Math.max(...meta.imageRange.map(Math.abs));
  return scene;
}

function largest(values) {
  let most = 0;
  for (let i = 0; i < values.length; i += 1) most = Math.max(most, Math.abs(values[i]));
  return most;
}

/** Everything that went into output (row, column). */
function workOut(scene, row, column) {
  const { channels, height, width, kernelHeight, kernelWidth, area, dilation, kernel } = scene;
  const taps = channels * area;
  const work = {
    row,
    column,
    startRow: row * scene.stride - scene.top,
    startColumn: column * scene.stride - scene.left,
    patch: new Float32Array(taps),
    inside: new Uint8Array(taps),
    products: new Float32Array(taps),
    partial: new Float32Array(taps), // the sum after each product
    channelSums: new Float32Array(channels),
    weights: kernel,
    sum: 0,
    bias: scene.bias,
    count: 0, // real cells, which an average counts
    winner: -1,
    before: scene.output[row * scene.columns + column],
    after: scene.shown[row * scene.columns + column],
  };
  let tap = 0;
  for (let channel = 0; channel < channels; channel += 1) {
    for (let i = 0; i < kernelHeight; i += 1) {
      for (let j = 0; j < kernelWidth; j += 1) {
        const y = work.startRow + i * dilation;
        const x = work.startColumn + j * dilation;
        const inside = y >= 0 && y < height && x >= 0 && x < width;
        const value = inside ? scene.image[(channel * height + y) * width + x] : 0;
        const product = kernel ? Math.fround(value * kernel[tap]) : value;
        work.patch[tap] = value;
        work.inside[tap] = inside;
        work.products[tap] = product;
        work.sum = Math.fround(work.sum + product);
        work.partial[tap] = work.sum;
        work.channelSums[channel] += product;
        work.count += inside;
        if (inside && (work.winner < 0 || value > work.patch[work.winner])) work.winner = tap;
        tap += 1;
      }
    }
  }
  work.computed = scene.convolves
    ? Math.fround(work.sum + scene.bias)
    : scene.operation === "max" ? work.patch[work.winner] : Math.fround(work.sum / work.count);
  return work;
}

/** The outputs along one axis that read input cell `at`. */
function readersOf(at, count, taps, { stride, dilation }, before) {
  const readers = [];
  for (let tap = taps - 1; tap >= 0; tap -= 1) {
    const start = at + before - tap * dilation;
    if (start >= 0 && start % stride === 0 && start / stride < count) readers.push(start / stride);
  }
  return readers;
}

/** The output whose window has its middle nearest to an input cell. */
function nearestOutput(scene, row, column) {
  const along = (at, before, span, count) => {
    const middle = Math.round((at + before - (span - 1) / 2) / scene.stride);
    return Math.min(Math.max(middle, 0), count - 1);
  };
  return {
    row: along(row, scene.top, scene.spanHeight, scene.rows),
    column: along(column, scene.left, scene.spanWidth, scene.columns),
  };
}

/** Whether the window of an output reaches beyond the picture. */
function readsPadding(scene, { row, column }) {
  const [y, x] = [row * scene.stride - scene.top, column * scene.stride - scene.left];
  const [bottom, right] = [y + scene.spanHeight, x + scene.spanWidth];
  return y < 0 || x < 0 || bottom > scene.height || right > scene.width;
}
