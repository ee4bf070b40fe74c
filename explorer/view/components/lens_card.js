// The card: one output's arithmetic, number by number.
//
// Its cells are built once for a shape and only filled while the cursor moves. A window of up to
// 49 cells is shown as three grids (patch × weights = products) and as lines with the sum so far;
// a larger one by its rows. With many channels a list holds one line for each; the chosen one is
// laid out cell by cell.

const MOST_CELLS = 49;

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

function createCard(root, { chooseChannel, pointAtTap }) {
  let built = ""; // the shape that the cells were made for
  let scene = null;
  let every = false; // whether all digits are shown
  let last = null;
  let dark = false;
  let parts = {};

  const short = (value) => (scene.fine ? fine(value) : aligned(value));
  const digits = (value) => (every ? shortest(value) : short(value));

  function build() {
    const { area, kernelHeight, kernelWidth, channels, convolves } = scene;
    root.replaceChildren();
    const head = element("div", "cardhead");
    const title = element("strong", "");
    const state = element("span", "quiet");
    const label = element("label", "every");
    const box = element("input", "");
    box.type = "checkbox";
    box.checked = every;
    box.addEventListener("change", () => {
      every = box.checked;
      root.classList.toggle("exact", every);
      if (last) fill(last.work, last.channel);
    });
    label.append(box, "every digit");
    head.append(title, state, label);

    const body = element("div", "body");
    parts = { title, state, body, grids: [], lines: [], channels: [], cells: area <= MOST_CELLS };
    if (channels > 1) body.append(buildChannels());
    if (parts.cells) body.append(buildGrids(kernelHeight, kernelWidth, convolves));
    const column = element("div", "arithmetic");
    if (scene.operation !== "max") column.append(buildLines());
    column.append(buildTotals());
    body.append(column);
    root.append(head, body);
  }

  function buildChannels() {
    const list = element("div", "channels");
    list.append(element("span", "th", "channel"), element("span", "th n", "its products"),
      element("span", "th n", "sum so far"));
    scene.names.forEach((name, channel) => {
      const row = element("button", "channel");
      row.type = "button";
      row.title = `Show the products of ${name}`;
      const cells = [element("span", "", name), element("span", "n"), element("span", "n")];
      row.append(...cells);
      row.addEventListener("click", () => chooseChannel(channel));
      list.append(row);
      parts.channels.push({ row, own: cells[1], sum: cells[2] });
    });
    return list;
  }

  function buildGrids(rows, columns, convolves) {
    const holder = element("div", "grids");
    const names = convolves ? ["patch", `${scene.kernelNoun}s`, "products"] : ["window"];
    names.forEach((name, index) => {
      if (index) holder.append(element("span", "sign", index === 1 ? "×" : "="));
      const block = element("div", "block");
      const caption = element("span", "th", name);
      const grid = element("div", "cells");
      grid.style.setProperty("--columns", columns);
      const cells = Array.from({ length: rows * columns }, (_, tap) => {
        const cell = element("span", "cell");
        cell.dataset.tap = tap;
        return cell;
      });
      if (index === 1) {
        parts.weights = grid;
        grid.dataset.part = "weights";
        grid.tabIndex = 0;
        grid.setAttribute("role", "application");
        grid.setAttribute("aria-label",
          "Weights: arrow keys move from weight to weight, and light every input that it multiplies");
      }
      grid.append(...cells);
      block.append(caption, grid);
      holder.append(block);
      parts.grids.push({ caption, cells, shown: [] });
    });
    holder.addEventListener("pointerover", ({ target }) =>
      pointAtTap(target.dataset?.tap, parts.weights?.contains(target)));
    // After a tap the marks stay to be seen: a finger cannot hover.
    holder.addEventListener("pointerleave", ({ pointerType }) =>
      pointerType !== "touch" && pointAtTap());
    return holder;
  }

  /** One line per product, or per row of a large window. */
  function buildLines() {
    const { area, kernelHeight, convolves } = scene;
    const scroller = element("div", "lines");
    const reads = ["ink", "grey", "colour"].includes(scene.imageKind) ? "pixel" : "value";
    const count = parts.cells ? area : kernelHeight;
    const heads = parts.cells
      ? [
        "cell",
        ...(convolves ? [reads, "", scene.kernelNoun, "", "product"] : ["value"]),
        "sum so far",
      ]
      : [`row of ${scene.kernelNoun}s`, "its products", "sum so far"];
    scroller.dataset.columns = heads.length;
    const line = (texts, className) => {
      const row = element("div", className);
      const spans = texts.map((text, i) => element("span", i ? "n" : "", text));
      row.append(...spans);
      scroller.append(row);
      return { row, spans };
    };
    line(heads, "line th");
    if (scene.channels > 1) parts.carried = line(heads.map(() => ""), "line carried");
    const signs = parts.cells && convolves ? ["", "", "×", "", "=", "", ""] : heads.map(() => "");
    for (let i = 0; i < count; i += 1) {
      const made = line(signs, "line");
      if (parts.cells) made.row.dataset.tap = i;
      parts.lines.push(made);
    }
    scroller.addEventListener("pointerover", (event) =>
      pointAtTap(event.target.closest?.(".line")?.dataset.tap));
    scroller.addEventListener("pointerleave", ({ pointerType }) =>
      pointerType !== "touch" && pointAtTap());
    return scroller;
  }

  function buildTotals() {
    const { operation, relu, channels, area } = scene;
    const table = element("div", "totals");
    const count = channels * area;
    const names = {
      convolution: [`sum of ${count} ${count === 1 ? "product" : "products"}`, "+ bias", "="],
      max: ["largest of the window"],
      average: ["sum of the window", "÷ cells in the picture", "="],
    }[operation];
    const made = relu ? [...names, "ReLU: max(0, ·)"] : names;
    parts.totals = made.map((text, i) => {
      const final = i === made.length - 1 ? " result" : "";
      const row = element("div", `total${final}${text === "=" ? " rule" : ""}`);
      const value = element("strong", "n");
      row.append(element("span", "", text), value);
      table.append(row);
      return value;
    });
    return table;
  }

  // --- filling ---

  function paintCell(grid, tap, text, palette, entry, note) {
    const cell = grid.cells[tap];
    write(cell, text);
    // The style sheet is told only what changed: most cells keep their colour from frame to frame.
    const look = `${entry}${note}`;
    if (grid.shown[tap] === look) return;
    grid.shown[tap] = look;
    cell.style.background = note === "padding" ? "" : palette.css(entry);
    cell.style.color = note === "padding" ? "" : inkOn(palette.words[entry]);
    cell.className = `cell ${note}`;
  }

  function fillGrids(work, first, channel) {
    const { area, imageRange, imageKind, productLimit, weightLimit } = scene;
    const [pixels, weights, signed] = [
      tableOf(imageKind, dark), paletteOf(scene.kernelKind, dark), paletteOf("signed", dark),
    ];
    const [patch, kernel, products] = parts.grids;
    if (scene.channels > 1) write(patch.caption, `patch of ${scene.names[channel]}`);
    for (let tap = 0; tap < area; tap += 1) {
      const at = first + tap;
      const outside = work.inside[at] ? "" : "padding";
      const won = scene.operation === "max" && work.winner === at ? "winner" : outside;
      const entry = entryOf(work.patch[at], imageRange, diverges(imageKind));
      const text = outside && !scene.convolves ? "" : short(work.patch[at]);
      paintCell(patch, tap, text, pixels, entry, won);
      if (!kernel) continue;
      const weight = entryOf(work.weights[at], [-weightLimit, weightLimit], true);
      paintCell(kernel, tap, short(work.weights[at]), weights, weight, "");
      const product = entryOf(work.products[at], [-productLimit, productLimit], true);
      paintCell(products, tap, short(work.products[at]), signed, product, "");
    }
  }

  function fillLines(work, first) {
    const { kernelWidth, dilation, convolves } = scene;
    if (parts.carried) {
      write(parts.carried.spans[0], "carried over");
      write(parts.carried.spans.at(-1), digits(first ? work.partial[first - 1] : 0));
    }
    parts.lines.forEach(({ row, spans }, i) => {
      if (!parts.cells) {
        const start = first + i * kernelWidth;
        const own = work.products.subarray(start, start + kernelWidth);
        write(spans[0], `row ${i}`);
        write(spans[1], digits(own.reduce((a, b) => Math.fround(a + b), 0)));
        write(spans[2], digits(work.partial[start + kernelWidth - 1]));
        return;
      }
      const at = first + i;
      const y = work.startRow + Math.floor(i / kernelWidth) * dilation;
      const x = work.startColumn + (i % kernelWidth) * dilation;
      const inside = work.inside[at] === 1;
      row.classList.toggle("outside", !inside);
      write(spans[0], inside ? `${y}, ${x}` : "padding");
      write(spans[1], inside || convolves ? digits(work.patch[at]) : "none");
      if (convolves) {
        write(spans[3], digits(work.weights[at]));
        write(spans[5], digits(work.products[at]));
      }
      write(spans.at(-1), digits(work.partial[at]));
    });
  }

  function fillTotals(work) {
    const values = {
      convolution: [work.sum, work.bias, work.before],
      max: [work.before],
      average: [work.sum, work.count, work.before],
    }[scene.operation];
    if (scene.relu) values.push(work.after);
    values.forEach((value, i) => {
      const whole = scene.operation === "average" && i === 1;
      write(parts.totals[i], whole ? String(value) : digits(value));
    });
  }

  function fill(work, channel) {
    last = { work, channel };
    const first = channel * scene.area;
    parts.channels.forEach(({ row, own, sum }, i) => {
      row.classList.toggle("chosen", i === channel);
      row.setAttribute("aria-pressed", i === channel);
      write(own, digits(work.channelSums[i]));
      write(sum, digits(work.partial[(i + 1) * scene.area - 1]));
    });
    if (parts.cells) fillGrids(work, first, channel);
    if (scene.operation !== "max") fillLines(work, first);
    fillTotals(work);
  }

  return {
    update(next, isDarkNow) {
      scene = next;
      dark = isDarkNow;
      const { kernelHeight, kernelWidth, channels, operation, relu, names } = scene;
      const { kernelNoun, imageKind } = scene;
      const shape = JSON.stringify([
        kernelHeight, kernelWidth, channels, operation, relu, names, kernelNoun, imageKind, dark,
      ]);
      if (shape === built) return;
      built = shape;
      last = null;
      build();
    },
    show(work, channel, state) {
      write(parts.title, `${scene.outputLabel}, row ${work.row}, column ${work.column}`);
      write(parts.state, state);
      fill(work, channel);
    },
    /** Marks the cell that the cursor is on; undefined for none. */
    mark(tap) {
      for (const marked of root.querySelectorAll(".tapped")) marked.classList.remove("tapped");
      if (tap === null) return;
      for (const { cells } of parts.grids) cells[tap]?.classList.add("tapped");
      parts.lines[tap]?.row.classList.add("tapped");
    },
  };
}
