// The five pictures of the lens as one stage: where they stand, what they show, what is marked.
//
// `fit` places them for a width, `paint` draws what Python sent, `mark` draws what follows the
// cursor, once a frame.

/** `part` finds the figures, `area` is the element that holds them. */
function createStage(part, area) {
  const pictures = Object.fromEntries(
    ["input", "nearInput", "kernel", "nearOutput", "output"].map((name) =>
      [name, createPicture(part(name))]),
  );
  const { input, nearInput, kernel, nearOutput, output } = pictures;
  const inputAtlas = document.createElement("canvas");
  const outputAtlas = document.createElement("canvas");
  let scene = null;
  let ink = {};
  let placed = ""; // what the pictures were placed for
  let painted = {}; // what the input's canvas shows

  /** Places the pictures of a scene in a container of this width, in CSS pixels. */
  function fit(width) {
    const next = JSON.stringify([
      width, devicePixelRatio, scene.large, scene.convolves, scene.channels, scene.window,
      scene.height, scene.width, scene.rows, scene.columns, scene.top, scene.left, scene.dilation,
    ]);
    if (next === placed) return;
    placed = next;
    const layout = plan(width, scene);
    area.dataset.kind = layout.kind;
    const density = devicePixelRatio;
    const { side } = layout;
    input.start(-scene.top, -scene.left);
    input.size(
      scene.top + scene.height + scene.bottom,
      scene.left + scene.width + scene.right,
      ...[side, density],
    );
    output.start(0, 0);
    output.size(scene.rows, scene.columns, side, density, input.scale);
    const cells = Math.max(NEAR, Math.max(scene.spanHeight, scene.spanWidth) + 6);
    nearInput.size(cells, cells, layout.near, density);
    nearOutput.size(NEAR, NEAR, layout.near, density);
    const tiles = tiling();
    kernel.start(0, 0);
    kernel.size(
      tiles.rows * (scene.kernelHeight + tiles.gap) - tiles.gap,
      tiles.columns * (scene.kernelWidth + tiles.gap) - tiles.gap,
      ...[layout.kernel, density],
    );
    // The same pixel stands at the same height in both pictures.
    const level = output.scale === input.scale ? (scene.top * input.scale) / density : 0;
    output.overlay.parentElement.style.marginTop = `${level}px`;
    nearInput.figure.hidden = nearOutput.figure.hidden = !scene.large;
    kernel.figure.hidden = !scene.convolves;
    input.figure.hidden = output.figure.hidden = false;
  }

  /** The slices of a kernel side by side, half a cell apart. */
  function tiling() {
    const few = area.dataset.kind === "phone" && scene.channels <= 3;
    const columns = few ? scene.channels : Math.ceil(Math.sqrt(scene.channels));
    return { columns, rows: Math.ceil(scene.channels / columns), gap: 0.5 };
  }

  function sliceOrigin(index) {
    const { columns, gap } = tiling();
    return [
      Math.floor(index / columns) * (scene.kernelHeight + gap),
      (index % columns) * (scene.kernelWidth + gap),
    ];
  }

  function paint(channel) {
    const { imageKind, imageRange, outputKind, outputRange, height, width: across } = scene;
    const pixels = tableOf(imageKind, ink.dark);
    const size = height * across;
    const look = JSON.stringify([channel, imageKind, imageRange, ink, placed]);
    // While a kernel is being changed, the input stays as it is.
    if (scene.image !== painted.image || look !== painted.look) {
      painted = { image: scene.image, look };
      if (imageKind === "colour") colourRgb(inputAtlas, scene.image, height, across, imageRange);
      else {
        const plane = scene.image.subarray(channel * size, (channel + 1) * size);
        colourPlane(inputAtlas, plane, height, across, imageKind, imageRange, pixels);
      }
      input.paint(inputAtlas, ink.zero, ink.line, scene);
    }
    const table = tableOf(outputKind, ink.dark);
    const { rows, columns, shown } = scene;
    colourPlane(outputAtlas, shown, rows, columns, outputKind, outputRange, table);
    output.paint(outputAtlas, ink.zero, ink.line);
    const named = scene.channels > 1 && imageKind !== "colour" ? `${scene.names[channel]}, ` : "";
    input.caption(scene.inputLabel, `${named}${height}×${across}`);
    output.caption(scene.outputLabel, `${rows}×${columns}`);
    input.legend(imageRange, pixels, diverges(imageKind));
    output.legend(outputRange, table, diverges(outputKind));
    nearInput.caption("Around the patch", "");
    nearOutput.caption("Around the output", "");
    if (scene.convolves) paintKernel();
  }

  function paintKernel() {
    const { kernelHeight, kernelWidth, channels, area: size, weightLimit, stride } = scene;
    const palette = paletteOf(scene.kernelKind, ink.dark);
    const range = [-weightLimit, weightLimit];
    const sheet = document.createElement("canvas");
    [sheet.width, sheet.height] = [1, 1];
    kernel.paint(sheet, ink.page, ink.page);
    const context = kernel.figure.querySelector("canvas").getContext("2d");
    for (let slice = 0; slice < channels; slice += 1) {
      const [top, left] = sliceOrigin(slice);
      for (let cell = 0; cell < size; cell += 1) {
        const entry = entryOf(scene.kernel[slice * size + cell], range, true);
        context.fillStyle = palette.css(entry);
        const at = [top + Math.floor(cell / kernelWidth), left + (cell % kernelWidth)];
        context.fillRect(...kernel.box(...at));
      }
    }
    const spread = scene.dilation > 1 ? `, dilation ${scene.dilation}` : "";
    const slices = channels > 1 ? `${channels}×` : "";
    const sides = `${slices}${kernelHeight}×${kernelWidth}`;
    kernel.caption(scene.kernelLabel, `${sides}, stride ${stride}${spread}`);
    kernel.legend(range, palette, true);
  }

  function paintNear(near) {
    const middle = (start, span, count) => Math.round(start + span / 2 - count / 2);
    const row = near.row * scene.stride - scene.top;
    const column = near.column * scene.stride - scene.left;
    nearInput.start(
      middle(row, scene.spanHeight, nearInput.countRows),
      middle(column, scene.spanWidth, nearInput.countColumns),
    );
    nearOutput.start(near.row - (NEAR >> 1), near.column - (NEAR >> 1));
    nearInput.paint(inputAtlas, ink.zero, ink.line, scene);
    nearOutput.paint(outputAtlas, ink.zero, ink.line);
  }

  function markInput(picture, { work, hover, tap, boxes }, window, sharp) {
    const { kernelWidth, dilation, stride, rows, columns, convolves } = scene;
    if (tap !== null && hover?.on === "kernel") {
      const start = [
        Math.floor(tap / kernelWidth) * dilation - scene.top,
        (tap % kernelWidth) * dilation - scene.left,
      ];
      picture.outline(picture.comb([...start, rows, columns], stride, ink.primary), ...sharp, 1);
    }
    scene.peaks.forEach(([row, column], index) => {
      const box = [row * stride - scene.top, column * stride - scene.left, ...window.slice(2)];
      picture.outline(box, ink.peak, ink.halo, 1.5);
      if (picture === input) picture.rank(index + 1, box, ink.peak, ink.halo);
    });
    if (dilation > 1) {
      for (let at = 0; at < scene.area; at += 1) {
        const [i, j] = [Math.floor(at / kernelWidth), at % kernelWidth];
        picture.fill([window[0] + i * dilation, window[1] + j * dilation], ink.primary, 0.55);
      }
    }
    picture.outline(window, ...sharp);
    if (tap !== null) {
      const at = [Math.floor(tap / kernelWidth) * dilation, (tap % kernelWidth) * dilation];
      picture.outline([window[0] + at[0], window[1] + at[1]], ink.text, ink.halo, 2, 3);
    }
    if (!convolves && scene.operation === "max") {
      const won = [Math.floor(work.winner / kernelWidth), work.winner % kernelWidth];
      picture.outline([window[0] + won[0], window[1] + won[1]], ink.peak, ink.halo, 2, 3);
    }
    if (hover?.on === "input") picture.outline([hover.row, hover.column], ink.text, ink.halo, 1, 3);
    boxes.draw(picture, ink);
  }

  function markOutput(picture, { work, hover, pinned, played }, sharp) {
    const { rows, columns, kernelHeight, kernelWidth } = scene;
    if (played !== null) picture.cover(played, columns, rows, ink.zero);
    if (hover?.on === "input") {
      const down = readersOf(hover.row, rows, kernelHeight, scene, scene.top);
      const along = readersOf(hover.column, columns, kernelWidth, scene, scene.left);
      for (const row of down) {
        for (const column of along) picture.fill([row, column], ink.primary, 0.55);
      }
      if (down.length && along.length) {
        const [height, width] = [down.at(-1) - down[0] + 1, along.at(-1) - along[0] + 1];
        picture.outline([down[0], along[0], height, width], ...sharp, 1);
      }
    }
    scene.peaks.forEach(([row, column], index) => {
      picture.outline([row, column], ink.peak, ink.halo, 1.5);
      if (picture === output) picture.rank(index + 1, [row, column], ink.peak, ink.halo);
    });
    picture.outline([work.row, work.column], ...sharp, pinned ? 3 : 2);
  }

  function markKernel({ channel, tap }) {
    const { kernelWidth, kernelHeight, area: size, channels, weightLimit } = scene;
    const palette = paletteOf(scene.kernelKind, ink.dark);
    if (kernel.scale >= 22 * kernel.density) {
      for (let slice = 0; slice < channels; slice += 1) {
        const value = (i, j) => scene.kernel[slice * size + i * kernelWidth + j];
        kernel.numbers(...sliceOrigin(slice), kernelHeight, kernelWidth,
          (i, j) => format(Math.round(1000 * value(i, j)) / 1000),
          (i, j) => inkOn(palette.words[entryOf(value(i, j), [-weightLimit, weightLimit], true)]));
      }
    }
    const [top, left] = sliceOrigin(channel);
    if (channels > 1) kernel.outline([top, left, kernelHeight, kernelWidth], ink.primary, ink.halo);
    if (tap === null) return;
    kernel.outline([top + Math.floor(tap / kernelWidth), left + (tap % kernelWidth)], ink.text,
      ink.halo);
  }

  /** Draws what follows the cursor; `state` says where it is and what comes of it. */
  function mark(state) {
    const { work, near } = state;
    const window = [work.startRow, work.startColumn, scene.spanHeight, scene.spanWidth];
    const sharp = [ink.primary, ink.halo];
    for (const picture of Object.values(pictures)) picture.clear();
    if (scene.large) paintNear(near);
    for (const picture of scene.large ? [input, nearInput] : [input]) {
      markInput(picture, state, window, sharp);
    }
    for (const picture of scene.large ? [output, nearOutput] : [output]) {
      markOutput(picture, state, sharp);
    }
    if (scene.convolves) markKernel(state);
  }

  /** The slice and the weight under the pointer; between slices there is none. */
  function findWeight(event) {
    const bounds = kernel.overlay.getBoundingClientRect();
    const scale = bounds.width / kernel.countColumns;
    const [y, x] = [(event.clientY - bounds.top) / scale, (event.clientX - bounds.left) / scale];
    for (let slice = 0; slice < scene.channels; slice += 1) {
      const [top, left] = sliceOrigin(slice);
      const [i, j] = [Math.floor(y - top), Math.floor(x - left)];
      if (i >= 0 && i < scene.kernelHeight && j >= 0 && j < scene.kernelWidth) {
        return { slice, tap: i * scene.kernelWidth + j };
      }
    }
    return null;
  }

  return {
    pictures,
    fit,
    paint,
    mark,
    findWeight,
    set(nextScene, nextInk) {
      [scene, ink] = [nextScene, nextInk];
    },
  };
}
