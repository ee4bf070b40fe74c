// A cloud of points on one canvas; above it another for what moves: the input's own place, its
// neighbours, and the point under the pointer.

export default function (args) {
  return living(args, createCloud, { state: "picked" });
}

const REACH = 14; // CSS pixels around the pointer in which a point is found
const EDGE = 14;

/** The second five are not in the order of the first, so that 4 and 9, or 3 and 8, never share. */
const colourOf = (label) => COLOURS[(label + Math.floor(label / COLOURS.length)) % COLOURS.length];

const sheets = new WeakMap();

/** The sheet of images as a bitmap, made once; null until it is. */
function sheetOf(arrays, ready) {
  if (!arrays) return null;
  if (!sheets.has(arrays)) {
    sheets.set(arrays, null);
    const bytes = Uint8Array.from(arrays.png.values, (share) => Math.round(255 * share));
    createImageBitmap(new Blob([bytes], { type: "image/png" })).then((bitmap) => {
      const [height, width] = arrays.size.values;
      sheets.set(arrays, { bitmap, height, width });
      ready();
    });
  }
  return sheets.get(arrays);
}

function createCloud(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [base, over, shown, readout, near, classes, spoken] = [
    ...["points", "over", "shown", "readout", "near", "classes", "spoken"],
  ].map(part);
  const stage = base.parentElement;
  const listeners = new AbortController();
  const on = (target, type, handler) =>
    target.addEventListener(type, handler, { signal: listeners.signal });
  let scene = null;
  let drawn = null; // what the base canvas shows
  let view = null; // {x, y} from a place to CSS pixels
  let hover = null; // number of a point
  let only = null; // the class that is lit alone
  let width = 0;
  let height = 0;
  let frame = 0;
  let seq = 0;
  let touched = null; // the point that a finger showed: a second tap takes it
  let send = () => {};

  const cloud = () => scene && stashed(scene.cloud);
  const sheet = () => sheetOf(stashed(DIGITS), () => {
    paintNear();
    refresh();
  });
  const labelOf = (index) => Math.round(255 * cloud().labels.values[index]);

  function fit() {
    width = stage.clientWidth;
    height = Math.round(Math.min(Math.max(0.6 * width, 280), 400));
    for (const canvas of [base, over]) {
      canvas.width = Math.round(width * devicePixelRatio);
      canvas.height = Math.round(height * devicePixelRatio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    drawn = null;
  }

  /** One scale for both axes, so that distances on the picture are those of the plane. */
  function look({ values }) {
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < values.length; i += 2) {
      left = Math.min(left, values[i]);
      right = Math.max(right, values[i]);
      low = Math.min(low, values[i + 1]);
      high = Math.max(high, values[i + 1]);
    }
    const scale = Math.min(
      (width - 2 * EDGE) / (right - left || 1),
      (height - 2 * EDGE) / (high - low || 1),
    );
    const [x, y] = [(left + right) / 2, (low + high) / 2];
    view = {
      x: (value) => width / 2 + (value - x) * scale,
      y: (value) => height / 2 - (value - y) * scale,
    };
  }

  function mark(context, label, x, y, radius) {
    context.beginPath();
    if (label < COLOURS.length) {
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fill();
      return;
    }
    const r = radius * 1.15;
    context.moveTo(x - r, y - r);
    context.lineTo(x + r, y + r);
    context.moveTo(x - r, y + r);
    context.lineTo(x + r, y - r);
    context.stroke();
  }

  function paintBase() {
    const arrays = cloud();
    const key = `${scene.cloud} ${only} ${isDark(host)} ${width}`;
    if (!arrays || key === drawn) return;
    drawn = key;
    look(arrays.places);
    const context = base.getContext("2d");
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, width, height);
    const places = arrays.places.values;
    context.lineWidth = 1;
    for (let label = 0; label < scene.names.length; label += 1) {
      const colour = colourOf(label);
      [context.fillStyle, context.strokeStyle] = [colour, colour];
      context.globalAlpha = only === null ? 0.55 : only === label ? 0.9 : 0.06;
      for (let i = 0; i < arrays.labels.values.length; i += 1) {
        if (labelOf(i) !== label) continue;
        mark(context, label, view.x(places[2 * i]), view.y(places[2 * i + 1]), 1.7);
      }
    }
    context.globalAlpha = 1;
    context.font = `700 20px ${themeColor(host, "font") || "sans-serif"}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = 4;
    context.strokeStyle = themeColor(host, "background-color");
    context.fillStyle = themeColor(host, "text-color");
    scene.names.forEach((name, label) => {
      if (only !== null && only !== label) return;
      const [x, y] = [view.x(arrays.middles.values[2 * label]), view.y(arrays.middles.values[2 * label + 1])];
      context.strokeText(name, x, y);
      context.fillText(name, x, y);
    });
  }

  function paint() {
    frame = 0;
    if (!scene || !width) return;
    paintBase();
    const context = over.getContext("2d");
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, width, height);
    const arrays = cloud();
    if (!arrays || !view) return;
    const places = arrays.places.values;
    const [x, y] = [view.x(scene.own[0]), view.y(scene.own[1])];
    const ink = themeColor(host, "text-color");
    const paper = themeColor(host, "background-color");
    for (const [index] of scene.near) {
      const [a, b] = [view.x(places[2 * index]), view.y(places[2 * index + 1])];
      context.strokeStyle = ink;
      context.globalAlpha = 0.6;
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(a, b);
      context.stroke();
      context.globalAlpha = 1;
      ring(context, a, b, 5, paper, ink, 1.5);
    }
    ring(context, x, y, 9, paper, ink, 3);
    context.fillStyle = ink;
    context.beginPath();
    context.arc(x, y, 3, 0, 2 * Math.PI);
    context.fill();
    if (hover !== null) {
      ring(context, view.x(places[2 * hover]), view.y(places[2 * hover + 1]), 7, paper,
        themeColor(host, "primary-color"), 3);
    }
  }

  function ring(context, x, y, radius, paper, ink, thick) {
    for (const [colour, wide] of [[paper, thick + 3], [ink, thick]]) {
      context.strokeStyle = colour;
      context.lineWidth = wide;
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  const refresh = () => {
    if (!frame) frame = requestAnimationFrame(paint);
  };

  /** One image of the sheet in the colours of ink. */
  function paintImage(canvas, index) {
    const made = sheet();
    if (!made || index === null) {
      canvas.width = canvas.width || 1;
      canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
      return;
    }
    const { bitmap, width: wide, height: high } = made;
    [canvas.width, canvas.height] = [wide, high];
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const [left, top] = [(index % SHEET) * wide, Math.floor(index / SHEET) * high];
    context.drawImage(bitmap, left, top, wide, high, 0, 0, wide, high);
    const image = context.getImageData(0, 0, wide, high);
    const pixels = new Uint32Array(image.data.buffer);
    const { words } = paletteOf("ink", isDark(host));
    for (let i = 0; i < pixels.length; i += 1) pixels[i] = words[image.data[4 * i]];
    context.putImageData(image, 0, 0);
  }

  function paintNear() {
    write(part("near-head"), "Nearest test images, in the space of all units");
    while (near.children.length < scene.near.length) {
      near.insertAdjacentHTML(
        "beforeend",
        `<figure role="listitem"><canvas></canvas><figcaption></figcaption></figure>`,
      );
    }
    while (near.children.length > scene.near.length) near.lastElementChild.remove();
    scene.near.forEach(([index, label, distance], i) => {
      const figure = near.children[i];
      paintImage(figure.querySelector("canvas"), index);
      write(figure.querySelector("figcaption"), `${scene.names[label]} · ${format(Number(distance.toPrecision(3)))}`);
      figure.title = `Test image ${index}`;
    });
    host.near = scene.near;
  }

  function paintClasses() {
    while (classes.children.length < scene.names.length) {
      const label = classes.children.length;
      const button = document.createElement("button");
      button.type = "button";
      button.innerHTML = `<canvas width="24" height="24" style="width:12px;height:12px"></canvas><span></span>`;
      on(button, "click", () => {
        only = only === label ? null : label;
        paintClasses();
        refresh();
      });
      classes.append(button);
    }
    scene.names.forEach((name, label) => {
      const button = classes.children[label];
      write(button.querySelector("span"), name);
      button.setAttribute("aria-pressed", only === label);
      button.title = `Light the images of class ${name} alone`;
      const context = button.querySelector("canvas").getContext("2d");
      context.clearRect(0, 0, 24, 24);
      const colour = colourOf(label);
      [context.fillStyle, context.strokeStyle, context.lineWidth] = [colour, colour, 4];
      mark(context, label, 12, 12, 8);
    });
  }

  function tell() {
    if (!cloud()) {
      write(readout, "The points are on their way …");
      return;
    }
    if (hover === null) {
      const how = matchMedia("(hover: none)").matches
        ? "Tap a point to see its image, and once more to compare the two."
        : "Point at a point to see its image; a click compares the two.";
      write(readout, `The ring is your input. ${how}`);
    } else {
      write(readout, `Test image ${hover.toLocaleString("en")}, labelled ${scene.names[labelOf(hover)]}`);
    }
    shown.style.visibility = hover === null ? "hidden" : "visible";
    paintImage(shown, hover);
    host.hover = hover;
  }

  function point(index, aloud = false) {
    if (index === hover) return;
    hover = index;
    tell();
    if (aloud) write(spoken, readout.textContent);
    refresh();
  }

  /** The nearest point of those that `allowed` lets through, within a reach in CSS pixels. */
  function find(x, y, reach, allowed = () => true) {
    const places = cloud()?.places.values;
    if (!places || !view) return null;
    let best = null;
    let least = reach * reach;
    for (let i = 0; i < places.length / 2; i += 1) {
      if (only !== null && labelOf(i) !== only) continue;
      const [dx, dy] = [view.x(places[2 * i]) - x, view.y(places[2 * i + 1]) - y];
      const gap = dx * dx + dy * dy;
      if (gap < least && allowed(dx, dy, i)) [best, least] = [i, gap];
    }
    return best;
  }

  function under(event) {
    const box = over.getBoundingClientRect();
    return find(event.clientX - box.left, event.clientY - box.top, REACH);
  }

  function pick(index) {
    if (index === null) return;
    seq += 1;
    send({ index, seq });
  }

  on(over, "pointermove", (event) => point(under(event)));
  on(over, "pointerleave", (event) => {
    if (event.pointerType !== "touch") point(null);
  });
  on(over, "click", (event) => {
    const found = under(event);
    const known = found === touched;
    touched = event.pointerType === "touch" ? found : null;
    point(found);
    if (event.pointerType !== "touch" || known) pick(found);
  });
  const SIDES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  on(over, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !view) return;
    const places = cloud().places.values;
    if (event.key in SIDES) {
      const [right, down] = SIDES[event.key];
      const [x, y] = hover === null
        ? [view.x(scene.own[0]), view.y(scene.own[1])]
        : [view.x(places[2 * hover]), view.y(places[2 * hover + 1])];
      // Within a quarter turn around the arrow, and far enough to be seen to move.
      const next = find(x, y, Infinity, (dx, dy, i) => {
        const along = dx * right + dy * down;
        return i !== hover && along > 3 && along >= Math.abs(dx * down + dy * right);
      });
      if (next !== null) point(next, true);
    } else if (event.key === "Home") point(scene.near[0]?.[0] ?? null, true);
    else if (event.key === "Enter") pick(hover);
    else if (event.key === "Escape") point(null);
    else return;
    event.preventDefault();
  });

  function measure() {
    if (!scene || !stage.clientWidth) return;
    fit();
    refresh();
  }

  const observer = new ResizeObserver(() => {
    if (stage.clientWidth !== width) measure();
  });
  observer.observe(stage);
  watchDensity(measure, listeners.signal);
  onStash(() => {
    if (!scene) return;
    drawn = null;
    tell();
    paintNear();
    refresh();
  }, listeners.signal);

  return {
    update(next, emit) {
      if (scene && scene.cloud !== next.cloud) hover = null;
      scene = next;
      send = emit;
      seq = Math.max(seq, next.seq);
      over.setAttribute("aria-label", next.alt);
      if (!width) measure();
      paintClasses();
      paintNear();
      tell();
      paint();
      host.own = next.own;
      host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
    },
    destroy() {
      listeners.abort();
      observer.disconnect();
      cancelAnimationFrame(frame);
    },
  };
}
