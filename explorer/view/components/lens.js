// One cursor over input, kernel and output: what belongs together lights up together.
//
// All of it happens here, from the arrays that Python sent: pictures are painted when something new
// arrives, marks and card once a frame while the cursor moves. The card stays with the last output
// that was pointed at, so that it can be read when the pointer has left.

export default function (args) {
  return living(args, createLens, { read: decodeArrays });
}

const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function createLens(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [lens, area, readout, keys, spoken] = [
    ...["lens", "scene", "readout", "keys", "spoken"],
  ].map(part);
  const listeners = new AbortController();
  const on = (target, type, handler, options) =>
    target.addEventListener(type, handler, { ...options, signal: listeners.signal });
  const stage = createStage(part, area);
  const { input, nearInput, kernel, nearOutput, output } = stage.pictures;

  let scene = null;
  let hover = null; // {on: "input" | "output" | "kernel", row, column, near} under the pointer
  let tap = null; // the cell of the window that is pointed at
  let pinned = null; // {row, column} of an output
  let addressed = null; // what the address was last made to say of the pin
  let resting = null; // the output that was shown last
  let near = null; // the output that the enlarged neighbourhoods are around
  let channel = 0; // whose products the card lays out
  let token = null;
  let width = 0;
  let ink = {};
  let frame = 0;

  const reporter = createReporter(
    () => ({
      reset: token,
      box: boxes.box,
      pinned: pinned && [pinned.row, pinned.column],
    }),
    host,
  );
  const player = createPlayer(part, on, refresh);
  const card = createCard(part("card"), {
    chooseChannel(next) {
      channel = next;
      stage.paint(channel);
      refresh();
    },
    pointAtTap,
  });
  const boxes = createBoxes({ on, input, changed: refresh, report: () =>
    reporter.report(), speak: (text) => write(spoken, text) });

  const inside = (cell) =>
    cell && cell.row >= 0 && cell.row < scene.rows && cell.column >= 0
    && cell.column < scene.columns;
  const reached = ({ row, column }) =>
    player.at === null || row * scene.columns + column < player.at;

  /** The output whose arithmetic is shown. */
  function active() {
    const front = player.at === null ? null : player.at - 1;
    const played = front === null
      ? null
      : { row: Math.floor(front / scene.columns), column: front % scene.columns };
    if (player.running) return played;
    if (pinned) return pinned;
    if (hover?.on === "output" && reached(hover)) return { row: hover.row, column: hover.column };
    if (hover?.on === "input") {
      const nearest = nearestOutput(scene, hover.row, hover.column);
      if (reached(nearest)) return nearest;
    }
    return played ?? resting;
  }

  // --- showing ---

  function paintMarks() {
    frame = 0;
    if (!scene || !width) return;
    const cell = active();
    if (!player.running) resting = cell;
    if (!hover?.near) near = cell;
    const work = workOut(scene, cell.row, cell.column);
    stage.mark({ work, near, hover, tap, pinned, channel, played: player.at, boxes });
    card.show(work, channel, stateText());
    card.mark(tap);
    write(readout, reading());
    host.lens = { ...work, pinned, hover, box: boxes.box, played: player.at, channel };
  }

  // --- telling ---

  const stateText = () => {
    if (player.running) return "being computed";
    if (!pinned) return "";
    const touch = matchMedia("(hover: none)").matches;
    return `pinned: ${touch ? "tap it again" : "click it again or press Escape"} to let go`;
  };

  function readingInput({ row, column }) {
    const { height, width: across, image, channels, rows, columns } = scene;
    const down = readersOf(row, rows, scene.kernelHeight, scene, scene.top);
    const along = readersOf(column, columns, scene.kernelWidth, scene, scene.left);
    const count = down.length * along.length;
    const role = `takes part in ${count} ${count === 1 ? "output" : "outputs"}`;
    const real = row >= 0 && row < height && column >= 0 && column < across;
    if (!real) return count ? `Padding, a zero · ${role}` : "Beyond the picture";
    const shown = scene.imageKind === "colour" ? [...Array(channels).keys()] : [channel];
    const values = shown.map((i) => formatExact(image[(i * height + row) * across + column]));
    return `${scene.inputLabel}, row ${row}, column ${column}: ${values.join(", ")} · ${role}`;
  }

  function reading() {
    if (hover?.on === "input") return readingInput(hover);
    if (hover?.on === "kernel" && tap !== null) {
      const { kernelWidth, area: size, rows, columns } = scene;
      const weight = formatExact(scene.kernel[channel * size + tap]);
      const slice = scene.channels > 1 ? `of ${scene.names[channel]}, ` : "";
      const at = `${slice}row ${Math.floor(tap / kernelWidth)}, column ${tap % kernelWidth}`;
      const noun = scene.kernelNoun[0].toUpperCase() + scene.kernelNoun.slice(1);
      return `${noun} ${at}: ${weight} · multiplied once for each of ${rows * columns} outputs`;
    }
    const cell = active();
    const value = scene.shown[cell.row * scene.columns + cell.column];
    const text = `${scene.outputLabel}, row ${cell.row}, column ${cell.column}:`;
    return `${text} ${formatExact(value)}`;
  }

  function refresh() {
    if (!frame) frame = requestAnimationFrame(paintMarks);
  }

  // --- pointing ---

  function pin(cell) {
    const again = pinned && cell && pinned.row === cell.row && pinned.column === cell.column;
    pinned = again ? null : cell;
    told();
    refresh();
  }

  /** Python knows what is pinned, and the address says it. */
  function told() {
    reporter.report();
    tellAddress();
  }

  function tellAddress() {
    const word = pinned ? `${pinned.row}_${pinned.column}` : "";
    if (scene.address && word !== addressed) say({ [scene.address]: word });
    addressed = word;
  }

  function follow(picture, where, isNear) {
    const { overlay } = picture;
    const move = (event) => {
      if (boxes.dragging) return;
      const cell = picture.find(event);
      const shown = cell && (where === "input" || inside(cell));
      const next = shown ? { on: where, ...cell, near: isNear } : null;
      if (JSON.stringify(next) === JSON.stringify(hover)) return;
      hover = next;
      if (next) tap = null;
      refresh();
    };
    on(overlay, "pointermove", move);
    on(overlay, "pointerdown", (event) => {
      player.pause();
      move(event);
    });
    on(overlay, "pointerleave", (event) => {
      // After a tap the marks stay to be read: a finger cannot hover.
      if (event.pointerType === "touch") return;
      hover = null;
      refresh();
    });
    on(overlay, "click", (event) => {
      // The second half of a double click would let go what the first has pinned.
      if (boxes.swallow() || event.detail > 1) return;
      const cell = picture.find(event);
      if (!cell) return;
      if (where === "input") pin(nearestOutput(scene, cell.row, cell.column));
      else if (inside(cell)) pin(cell);
    });
  }
  /** A cell of the window; as a weight it lights every input that it is multiplied with. */
  function pointAtTap(index, asWeight = false) {
    tap = index === undefined ? null : Number(index);
    if (asWeight && tap !== null) hover = { on: "kernel" };
    else if (hover?.on === "kernel") hover = null;
    refresh();
  }

  follow(input, "input", false);
  follow(nearInput, "input", true);
  follow(output, "output", false);
  follow(nearOutput, "output", true);

  // Where the same map is shown elsewhere on the page, in the picture of the network.
  on(window, "network-pointed", ({ detail: { row, column } }) => {
    if (!scene || !inside({ row, column })) return;
    hover = { on: "output", row, column, near: false };
    refresh();
  });

  for (const type of ["pointermove", "pointerdown"]) {
    on(kernel.overlay, type, (event) => {
      const found = stage.findWeight(event);
      if (found && found.slice !== channel) {
        channel = found.slice;
        stage.paint(channel);
      }
      pointAtTap(found?.tap, true);
    });
  }
  on(kernel.overlay, "pointerleave", (event) => {
    if (event.pointerType !== "touch") pointAtTap();
  });

  const holdsWeights = (field) => field === kernel.overlay || field?.dataset.part === "weights";

  on(lens, "focusin", ({ target }) => {
    if (holdsWeights(target) && target.matches(":focus-visible") && tap === null) steerWeight([0, 0]);
  });
  on(lens, "focusout", ({ target }) => {
    if (holdsWeights(target)) pointAtTap();
  });

  /** The first step begins in the middle of the kernel. */
  function steerWeight([down, right]) {
    const { kernelHeight, kernelWidth } = scene;
    const clamp = (value, count) => Math.min(Math.max(value, 0), count - 1);
    const at = tap ?? (kernelHeight >> 1) * kernelWidth + (kernelWidth >> 1);
    const [i, j] = tap === null ? [0, 0] : [down, right];
    const row = clamp(Math.floor(at / kernelWidth) + i, kernelHeight);
    pointAtTap(row * kernelWidth + clamp((at % kernelWidth) + j, kernelWidth), true);
    write(spoken, reading());
  }

  on(lens, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = root.activeElement;
    const onPicture = field === input.overlay || field === output.overlay;
    if (field === input.overlay && boxes.key(event)) event.preventDefault();
    else if (holdsWeights(field) && event.key in ARROWS) {
      steerWeight(ARROWS[event.key]);
      event.preventDefault();
    } else if (holdsWeights(field) && event.key === "Escape" && tap !== null) {
      pointAtTap();
      event.preventDefault();
    } else if (event.key === "Escape" && (pinned || player.at !== null)) {
      if (pinned) pin(null);
      else player.end();
      event.preventDefault();
    } else if (onPicture && event.key in ARROWS) {
      steer(ARROWS[event.key], event.shiftKey ? 8 : 1);
      event.preventDefault();
    } else if (onPicture && (event.key === "Enter" || event.key === " ")) {
      pin(active());
      write(spoken, pinned ? "Pinned." : "Let go.");
      event.preventDefault();
    }
  });

  function steer([down, right], step) {
    const cell = active();
    player.pause();
    const clamp = (value, count) => Math.min(Math.max(value, 0), count - 1);
    const next = {
      row: clamp(cell.row + step * down, scene.rows),
      column: clamp(cell.column + step * right, scene.columns),
    };
    hover = { on: "output", ...next, near: false };
    if (pinned) {
      pinned = next;
      told();
    }
    refresh();
    const value = formatExact(scene.shown[next.row * scene.columns + next.column]);
    write(spoken, `Row ${next.row}, column ${next.column}: ${value}`);
  }

  // --- life ---

  function dress() {
    const dark = isDark(host);
    const page = themeColor(host, "background-color");
    ink = {
      dark,
      page,
      text: themeColor(host, "text-color"),
      primary: themeColor(host, "primary-color"),
      zero: themeColor(host, "secondary-background-color"),
      line: dark ? "rgb(255 255 255 / 0.45)" : "rgb(0 0 0 / 0.4)",
      halo: dark ? "#000" : "#fff",
      peak: PEAK,
      box: BOX,
    };
    lens.style.setProperty("--peak", PEAK);
    input.overlay.setAttribute("aria-label", scene.alt);
    kernel.overlay.setAttribute("aria-label",
      `${scene.kernelLabel}: arrow keys move from ${scene.kernelNoun} to ${scene.kernelNoun}, and `
        + "light every input that it multiplies");
    output.overlay.setAttribute("aria-label",
      `${scene.outputLabel}, ${scene.rows} by ${scene.columns} values`);
    write(keys, "Arrow keys move from output to output, with Shift by eight; Enter pins, Escape "
      + `lets go.${boxes.help()}`);
  }

  /** Where the card begins: the strongest output, as shown, that reads no padding, if there is one. */
  function strongest() {
    let [best, most] = [null, -1];
    const limit = largest(scene.shown);
    scene.shown.forEach((value, i) => {
      const cell = { row: Math.floor(i / scene.columns), column: i % scene.columns };
      const size = Math.abs(value) + (readsPadding(scene, cell) ? 0 : 2 * limit);
      if (size > most) [best, most] = [cell, size];
    });
    return best;
  }

  /** The channel whose products say most in an output. */
  function loudest({ row, column }) {
    const sums = workOut(scene, row, column).channelSums.map(Math.abs);
    return sums.indexOf(Math.max(...sums));
  }

  function show() {
    if (!scene || !width) return;
    stage.fit(width);
    stage.paint(channel);
    cancelAnimationFrame(frame);
    paintMarks();
  }

  const observer = new ResizeObserver(() => {
    width = area.clientWidth;
    show();
  });
  observer.observe(area);
  watchDensity(show, listeners.signal);

  return {
    update(next, emit) {
      const first = scene === null;
      scene = sceneOf(next, scene);
      const fresh = first || scene.reset !== token;
      if (fresh) {
        token = scene.reset;
        pinned = scene.pinned && { row: scene.pinned[0], column: scene.pinned[1] };
        boxes.set(scene.box);
      }
      boxes.fit(scene);
      dress();
      stage.set(scene, ink);
      if (channel >= scene.channels) channel = 0;
      if (!inside(pinned)) pinned = null;
      tellAddress();
      if (fresh && scene.fine) resting = null;
      if (!inside(resting)) resting = strongest();
      if (fresh && scene.fine) channel = loudest(pinned ?? resting);
      if (hover?.on === "output" && !inside(hover)) hover = null;
      if (tap >= scene.area) tap = null;
      player.fit(scene.rows, scene.columns);
      card.update(scene, ink.dark);
      width = area.clientWidth;
      show();
      reporter.echo(scene.echo, emit);
      // For tests and benchmarks: what was sent is on the canvas.
      host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
    },
    destroy() {
      listeners.abort();
      observer.disconnect();
      player.destroy();
      reporter.stop();
      cancelAnimationFrame(frame);
    },
  };
}
