// Lets people pull at the weights of a kernel and reports it while a slider is still moving.
//
// A cell is a coloured number with a slider below it; the cell that was touched last has a wide
// slider of its own, for fingers and for kernels too dense for sliders in every cell; one too dense
// for numbers is a picture (kernel_field.js), in which a cell is chosen for that slider. Where the
// pointer is coarse, cells are only chosen: typing happens beside the wide slider, so that a tap
// does not bring up a keyboard.
//
// History is a list of snapshots: a drag, a run of arrow keys in one cell, a typed number, Reset
// and Python's new kernel are each one step back.

export default function (args) {
  return living(args, createEditor);
}

/** Where sliders end: the page's limit, or the next whole number beyond the largest weight. */
const reach = (limit, values) => Math.max(limit, ...values.map((v) => Math.ceil(Math.abs(v))));

/** Steps that end at numbers people would type: 0.01 for a reach below 10, and so on. */
const stepOf = (range) => 10 ** (Math.floor(Math.log10(range)) - 2);

/** At most three decimals, because a hand on a slider means no more. */
const tidy = (value) => Math.fround(Math.round(value * 1000) / 1000);

function createEditor(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [editor, grid, name, wide, exact, biasSlider, biasNumber] = [
    ...["editor", "grid", "name", "wide", "exact", "bias", "bias-number"],
  ].map(part);
  const [low, bar, high, sum, undo, redo, reset, note, message, actions, biasName] = [
    ...["low", "bar", "high", "sum", "undo", "redo", "reset", "note", "message", "actions"],
    "bias-name",
  ].map(part);
  const listeners = new AbortController();
  const on = (target, type, handler) =>
    target.addEventListener(type, handler, { signal: listeners.signal });
  const coarse = matchMedia("(pointer: coarse)");

  // The bias is the number after the last weight.
  let values = [];
  let origin = []; // what Reset goes back to
  let past = [];
  let future = [];
  let cells = []; // {tile, number, slider} of each weight
  let field = null; // in their place where there are too many
  let chosen = 0;
  let range = 1; // where the sliders of the weights end
  let biasRange = 1;
  let run = null; // what the edit under way changes, so that it stays one step
  let dragging = false;
  let token = null;
  let data = null;
  let palette = null;
  let shade = ""; // the theme that the colours were taken for

  const count = () => values.length - 1;
  const side = () => Math.sqrt(count());
  const place = (i) => `row ${Math.floor(i / side())}, column ${i % side()}`;
  const same = (a, b) => a.length === b.length && a.every((value, i) => value === b[i]);

  const reporter = createReporter(
    () => ({ reset: token, kernel: values.slice(0, -1), bias: values.at(-1), dragging }),
    host,
  );

  // --- showing ---

  function build() {
    grid.replaceChildren();
    const k = side();
    grid.style.setProperty("--side", k);
    grid.dataset.side = k;
    chosen = Math.floor(k / 2) * (k + 1); // the middle
    grid.classList.toggle("whole", k > MAX_SIDE);
    if (k > MAX_SIDE) {
      cells = [];
      field = createField(grid, k, on, choose);
      return;
    }
    field = null;
    cells = Array.from({ length: count() }, (_, i) => {
      const tile = document.createElement("div");
      tile.className = "cell";
      tile.innerHTML = `<input type="text" class="number" role="spinbutton" autocomplete="off"
        spellcheck="false">${k <= 5 ? '<input type="range" tabindex="-1">' : ""}`;
      const [number, slider] = tile.children;
      for (const input of tile.children) input.setAttribute("aria-label", place(i));
      listen(number, slider, i);
      grid.append(tile);
      return { tile, number, slider };
    });
    guardKeyboard();
  }

  /** A field that only shows does not bring up the keyboard of a phone. */
  function guardKeyboard() {
    for (const { number } of cells) number.readOnly = coarse.matches;
  }

  function widen() {
    range = reach(Math.max(range, data.limit), values.slice(0, -1));
    biasRange = reach(Math.max(biasRange, data.biasLimit), values.slice(-1));
  }

  function setSlider(slider, value, limit, step) {
    if (slider.max !== String(limit) || slider.step !== String(step)) {
      [slider.min, slider.max, slider.step] = [-limit, limit, step];
    }
    if (Number(slider.value) !== value) slider.value = value;
    const share = 0.5 + Math.max(-0.5, Math.min(0.5, value / limit / 2));
    slider.style.setProperty("--from", Math.min(0.5, share));
    slider.style.setProperty("--to", Math.max(0.5, share));
  }

  /** What is typed right now stays as it is typed. */
  function setNumber(input, value, text) {
    if (root.activeElement !== input || input.dataset.shown === input.value) {
      input.value = text;
      input.dataset.shown = text;
    }
    input.setAttribute("aria-valuenow", value);
    input.setAttribute("aria-valuetext", shortest(value));
    input.title = shortest(value);
  }

  function refresh() {
    if (!palette) return;
    const weights = values.slice(0, -1);
    const most = Math.max(...weights.map(Math.abs));
    const step = stepOf(range);
    cells.forEach(({ tile, number, slider }, i) => {
      const entry = most ? Math.round((0.5 + values[i] / most / 2) * 255) : 128;
      tile.style.setProperty("--paper", palette.css(entry));
      tile.style.setProperty("--ink", inkOn(palette.words[entry]));
      tile.classList.toggle("chosen", i === chosen);
      setNumber(number, values[i], root.activeElement === number && !number.readOnly
        ? shortest(values[i])
        : format(values[i]));
      if (slider) setSlider(slider, values[i], range, 5 * step);
    });
    const k = side();
    field?.draw(weights, chosen, palette, `${place(chosen)}: ${format(values[chosen])}`);
    const [single, offset] = data.names;
    const called = k === 1 && single ? single : place(chosen);
    write(name, called[0].toUpperCase() + called.slice(1));
    write(biasName, offset ? offset[0].toUpperCase() + offset.slice(1) : "Bias");
    wide.setAttribute("aria-label", called);
    exact.setAttribute("aria-label", `${called}, every digit`);
    for (const input of [biasSlider, biasNumber]) input.setAttribute("aria-label", offset || "bias");
    setSlider(wide, values[chosen], range, step);
    setNumber(exact, values[chosen], shortest(values[chosen]));
    setSlider(biasSlider, values.at(-1), biasRange, stepOf(biasRange));
    setNumber(biasNumber, values.at(-1), shortest(values.at(-1)));
    write(low, format(-most));
    write(high, format(most));
    write(sum, format(total(weights)));
    sum.parentElement.hidden = k === 1;
    write(note, `Sliders reach from ${format(-range)} to ${format(range)}; `
      + "a larger number can be typed and widens them.");
    undo.disabled = !past.length;
    redo.disabled = !future.length;
    reset.disabled = same(values, origin);
    host.kernel = { values: weights, bias: values.at(-1), range };
  }

  /** A sum that is zero but for the last bits of its parts is zero. */
  function total(weights) {
    const exactSum = weights.reduce((a, b) => a + b, 0);
    const size = weights.reduce((a, b) => a + Math.abs(b), 0);
    return Math.abs(exactSum) <= 1e-6 * size ? 0 : exactSum;
  }

  // --- changing ---

  /** Sets number i; edits with the same `what`, one after the other, are one step back. */
  function edit(i, value, what) {
    if (what === null || what !== run) {
      past.push(values);
      future = [];
    }
    run = what;
    values = values.with(i, value);
    if (!dragging) widen();
    changed();
  }

  function changed() {
    write(message, "");
    refresh();
    reporter.report();
  }

  /** Takes a whole kernel, which may be of another size. */
  function replace(next) {
    const resized = next.length !== values.length;
    values = next;
    run = null;
    if (resized) build();
    widen();
  }

  function travel(from, to) {
    if (!from.length || dragging) return;
    to.push(values);
    replace(from.pop());
    changed();
  }

  const stepBack = () => travel(past, future);
  const stepForward = () => travel(future, past);

  function choose(i) {
    if (chosen === i) return;
    chosen = i;
    refresh();
  }

  function slide(slider, index, what) {
    on(slider, "input", () => {
      const i = index();
      dragging = true;
      edit(i, tidy(Number(slider.value)), `${what} ${i}`);
    });
    on(slider, "change", () => {
      dragging = false;
      run = null;
      widen();
      changed();
    });
  }

  function type(input, index) {
    const dirty = () => input.value !== input.dataset.shown;
    const commit = () => {
      if (!dirty()) return;
      const text = input.value;
      const value = parseNumber(text);
      input.dataset.shown = input.value;
      if (Math.abs(value) <= MAX_WEIGHT) {
        if (value !== values[index()]) edit(index(), value, null);
        else refresh();
      } else {
        refresh();
        write(message, `“${text.slice(0, 20)}” was not taken: type a number from ${MINUS}`
          + `${MAX_WEIGHT} to ${MAX_WEIGHT}.`);
      }
    };
    on(input, "change", commit);
    on(input, "focus", () => {
      refresh();
      if (!input.readOnly) input.select();
    });
    on(input, "blur", () => {
      commit();
      run = null;
      refresh();
    });
    on(input, "keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const sign = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (sign) {
        commit();
        const next = tidy(values[index()] + sign * (event.shiftKey ? 1 : 0.1));
        if (Math.abs(next) <= MAX_WEIGHT) edit(index(), next, `keys ${index()}`);
      } else if (event.key === "Enter") commit();
      else if (event.key === "Escape" && dirty()) {
        input.value = input.dataset.shown;
        refresh();
      } else return;
      event.preventDefault();
    });
  }

  function listen(number, slider, i) {
    type(number, () => i);
    on(number, "focus", () => choose(i));
    if (!slider) return;
    slide(slider, () => i, "slider");
    on(slider, "pointerdown", () => choose(i));
  }

  slide(wide, () => chosen, "wide");
  type(exact, () => chosen);
  slide(biasSlider, count, "bias");
  type(biasNumber, count);
  on(undo, "click", stepBack);
  on(redo, "click", stepForward);
  on(reset, "click", () => {
    past.push(values);
    future = [];
    replace(origin);
    changed();
  });
  on(coarse, "change", guardKeyboard);
  on(editor, "keydown", (event) => {
    if (!data.history || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    // While a number is being typed, the field takes back letters.
    const field = root.activeElement;
    if (field?.dataset.shown !== undefined && field.value !== field.dataset.shown) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) stepBack();
    else if (key === "y" || key === "z") stepForward();
    else return;
    event.preventDefault();
  });

  return {
    update(next, emit) {
      const first = data === null;
      data = next;
      actions.hidden = !data.history;
      const dark = isDark(host);
      if (shade !== String(dark)) {
        shade = String(dark);
        palette = paletteOf("weight", dark);
        const stops = Array.from({ length: 16 }, (_, i) => palette.css(17 * i));
        bar.style.backgroundImage = `linear-gradient(90deg, ${stops.join(", ")})`;
      }
      if (first || data.reset !== token) {
        const given = [...data.kernel, data.bias];
        if (!first && !same(values, given)) {
          past.push(values);
          future = [];
        }
        [range, biasRange, dragging, token] = [data.limit, data.biasLimit, false, data.reset];
        origin = [...data.origin.kernel, data.origin.bias];
        replace(given);
      }
      say(data.address);
      reporter.echo(data.echo, emit);
      refresh();
    },
    destroy() {
      listeners.abort();
      reporter.stop();
    },
  };
}
