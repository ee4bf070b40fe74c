// Frames on a face become kernels; what they answer is Python's. The browser cuts, draws and asks.

export default function (args) {
  return living(args, createAssembly);
}

const REST = 500; // ms after the last key until the hand counts as at rest
const CORNER = 7; // pixels of the picture around the lower right corner that change the size

function createAssembly(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [face, neuron, photos, spoken] = ["face", "neuron", "photos", "spoken"].map(part);
  const listeners = new AbortController();
  const on = (target, type, handler) =>
    target.addEventListener(type, handler, { signal: listeners.signal });
  let scene = null;
  let hand = null; // {boxes, weights, threshold}
  let token = null;
  let moving = false;
  let chosen = 0;
  let grip = null; // {id, x, y, box, sizing}
  let rest = 0;
  let lines = [];
  const reporter = createReporter(() => ({ reset: token, ...hand, moving }), host);

  const tenths = (value, digits = 1) => (value / 10).toFixed(digits).replace("-", "\u2212");
  const plain = (value) => value.toFixed(2).replace("-", "\u2212");

  // --- drawing ---

  /** A picture of the stash as a canvas of one pixel a cell; null while it has not come. */
  function pictureOf(name, cover) {
    const kept = stashed(PHOTOGRAPHS)?.[name];
    if (!kept) return null;
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [SIDE, SIDE];
    const context = canvas.getContext("2d");
    const image = context.createImageData(SIDE, SIDE);
    kept.values.forEach((share, i) => {
      const shade = Math.round(255 * share);
      image.data.set([shade, shade, shade, 255], 4 * i);
    });
    context.putImageData(image, 0, 0);
    if (cover) {
      const [row, column, height, width, share] = cover;
      const shade = Math.round(255 * share);
      context.fillStyle = `rgb(${shade} ${shade} ${shade})`;
      context.fillRect(column, row, width, height);
    }
    return canvas;
  }

  const cache = new Map();
  function picture(name, cover) {
    const key = `${name} ${cover}`;
    if (!cache.has(key)) {
      const made = pictureOf(name, cover);
      if (!made) return null;
      if (cache.size > 40) cache.clear();
      cache.set(key, made);
    }
    return cache.get(key);
  }

  function frameOf(context, [row, column, height, width], scale, colour, thick) {
    for (const [wide, ink] of [[thick + 2, "#fff"], [thick, colour]]) {
      context.lineWidth = wide;
      context.strokeStyle = ink;
      context.strokeRect(column * scale, row * scale, width * scale, height * scale);
    }
  }

  function canvasOf(canvas) {
    const side = canvas.clientWidth;
    const pixels = Math.round(side * devicePixelRatio);
    if (canvas.width !== pixels) [canvas.width, canvas.height] = [pixels, pixels];
    const context = canvas.getContext("2d");
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, side, side);
    return [context, side / SIDE, side];
  }

  function paintFace() {
    const [context, scale, side] = canvasOf(face);
    const drawn = picture(scene.answers[0].name, null);
    if (!drawn || !side) return;
    context.imageSmoothingEnabled = true;
    context.drawImage(drawn, 0, 0, side, side);
    hand.boxes.forEach((box, i) => {
      frameOf(context, box, scale, COLOURS[i], i === chosen ? 4 : 2);
      const [row, column, height, width] = box;
      context.font = "700 13px sans-serif";
      context.textBaseline = "top";
      context.lineWidth = 4;
      context.strokeStyle = "#fff";
      context.fillStyle = COLOURS[i];
      context.strokeText(i + 1, column * scale + 4, row * scale + 3);
      context.fillText(i + 1, column * scale + 4, row * scale + 3);
      if (i !== chosen) return;
      context.fillRect((column + width) * scale - 5, (row + height) * scale - 5, 10, 10);
      context.lineWidth = 1.5;
      context.strokeRect((column + width) * scale - 5, (row + height) * scale - 5, 10, 10);
    });
  }

  function paintKernels() {
    const drawn = picture(scene.answers[0].name, null);
    if (!drawn) return;
    hand.boxes.forEach(([row, column, height, width], i) => {
      const { canvas } = lines[i];
      [canvas.width, canvas.height] = [width, height];
      canvas.getContext("2d").drawImage(drawn, column, row, width, height, 0, 0, width, height);
      canvas.style.outline = `2px solid ${COLOURS[i]}`;
    });
  }

  function paintPhotos() {
    while (photos.children.length < scene.answers.length) {
      photos.insertAdjacentHTML(
        "beforeend",
        `<figure role="listitem"><canvas></canvas><figcaption><strong></strong><span></span>
          </figcaption></figure>`,
      );
    }
    scene.answers.forEach((answer, k) => {
      const figure = photos.children[k];
      figure.className = answer.fires ? "fires" : "";
      const sign = answer.fires ? ">" : "≤";
      write(figure.querySelector("strong"), `${answer.title}: ${answer.fires ? "person" : "not"}`);
      write(figure.querySelector("span"), `${plain(answer.total)} ${sign} ${tenths(scene.threshold, 2)}`);
      figure.title = answer.responses.map((v, i) => `${scene.names[i]} ${plain(v)}`).join(", ");
      const [context, scale, side] = canvasOf(figure.querySelector("canvas"));
      const drawn = picture(answer.name, k === 0 ? scene.cover : null);
      if (!drawn || !side) return;
      context.drawImage(drawn, 0, 0, side, side);
      answer.places.forEach(([row, column], i) => {
        const [, , height, width] = scene.boxes[i];
        context.globalAlpha = scene.weights[i] ? 1 : 0.3;
        frameOf(context, [row, column, height, width], scale, COLOURS[i], 1.5);
        context.globalAlpha = 1;
      });
    });
  }

  // --- the neuron ---

  function slider(line, label, low, high, get, set) {
    const input = line.querySelector("input");
    [input.min, input.max, input.step] = [low, high, 1];
    input.setAttribute("aria-label", label);
    on(input, "input", () => {
      set(Number(input.value));
      move(true);
    });
    on(input, "change", () => settle());
    return () => {
      if (Number(input.value) !== get()) input.value = get();
    };
  }

  function build() {
    neuron.innerHTML = `<div class="line head"><span>kernel</span><span></span><span
      class="number">on the face</span><span>weight</span><span></span><span
      class="number">product</span></div>`;
    lines = scene.names.map((name, i) => {
      const line = document.createElement("div");
      line.className = "line";
      line.innerHTML = `<canvas></canvas><span class="name"></span><span class="number"></span
        ><input type="range"><span class="number"></span><span class="number"></span>`;
      line.style.setProperty("--part", COLOURS[i]);
      write(line.querySelector(".name"), `${i + 1} ${name}`);
      neuron.append(line);
      const [response, weight, product] = line.querySelectorAll(".number");
      const shown = slider(line, `Weight of ${name}`, -MAX_WEIGHT, MAX_WEIGHT,
        () => hand.weights[i], (value) => { hand.weights[i] = value; });
      return { canvas: line.querySelector("canvas"), response, weight, product, shown };
    });
    const sum = document.createElement("div");
    sum.className = "line sum";
    sum.innerHTML = `<span class="wide">Sum against the threshold</span><input type="range"
      ><span class="number"></span><span class="number"></span>`;
    const [threshold, total] = sum.querySelectorAll(".number");
    const shown = slider(sum, "Threshold", 0, MAX_THRESHOLD,
      () => hand.threshold, (value) => { hand.threshold = value; });
    const verdict = document.createElement("div");
    verdict.className = "verdict";
    verdict.setAttribute("role", "status");
    neuron.append(sum, verdict);
    lines.sum = { threshold, total, shown, verdict };
  }

  function tell() {
    const [first] = scene.answers;
    lines.forEach((line, i) => {
      line.shown();
      write(line.weight, `× ${tenths(hand.weights[i])}`);
      write(line.response, plain(first.responses[i]));
      write(line.product, plain((first.responses[i] * scene.weights[i]) / 10));
    });
    const { threshold, total, shown, verdict } = lines.sum;
    shown();
    write(threshold, tenths(hand.threshold));
    write(total, plain(first.total));
    verdict.classList.toggle("fires", first.fires);
    const others = scene.answers.slice(1).filter((a) => a.fires).map((a) => a.title);
    const rest_ = others.length ? `It also fires for: ${others.join(", ")}.` : "It fires for no other photograph.";
    write(verdict, `The face: ${first.fires ? "person" : "not a person"} (${plain(first.total)} ${
      first.fires ? ">" : "≤"} ${tenths(scene.threshold)}). ${rest_}`);
    const touch = matchMedia("(hover: none)").matches;
    write(part("hint"), `Drag a frame, or its lower right corner${touch ? "" : "; keys 1 to 4 and arrows do the same"}: what is in it is the kernel.`);
    host.assembly = { ...hand, moving, answers: scene.answers };
  }

  function move(still) {
    clearTimeout(rest);
    moving = still;
    paintFace();
    paintKernels();
    lines.forEach((line, i) => write(line.weight, `× ${tenths(hand.weights[i])}`));
    write(lines.sum.threshold, tenths(hand.threshold));
    if (still) rest = setTimeout(settle, REST);
    reporter.report();
  }

  function settle() {
    if (moving && !grip) move(false);
  }

  function place(box, dr, dc, sizing) {
    let [row, column, height, width] = box;
    const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
    if (sizing) {
      height = clamp(height + dr, MIN_BOX, Math.min(MAX_BOX, SIDE - row));
      width = clamp(width + dc, MIN_BOX, Math.min(MAX_BOX, SIDE - column));
    } else {
      row = clamp(row + dr, 0, SIDE - height);
      column = clamp(column + dc, 0, SIDE - width);
    }
    return [row, column, height, width];
  }

  function cellOf(event) {
    const box = face.getBoundingClientRect();
    return [
      ((event.clientY - box.top) / box.height) * SIDE,
      ((event.clientX - box.left) / box.width) * SIDE,
    ];
  }

  on(face, "pointerdown", (event) => {
    if (event.button || grip) return;
    const [y, x] = cellOf(event);
    const [row, column, height, width] = hand.boxes[chosen];
    const sizing = Math.abs(y - row - height) < CORNER && Math.abs(x - column - width) < CORNER;
    if (!sizing) {
      const inside = ([r, c, h, w]) => y >= r - 2 && y <= r + h + 2 && x >= c - 2 && x <= c + w + 2;
      const found = inside(hand.boxes[chosen]) ? chosen : hand.boxes.findIndex(inside);
      if (found < 0) return;
      chosen = found;
    }
    grip = { id: event.pointerId, y, x, box: hand.boxes[chosen], sizing };
    face.setPointerCapture(event.pointerId);
    face.focus({ preventScroll: true });
    event.preventDefault();
    paintFace();
  });
  on(face, "pointermove", (event) => {
    if (!grip || event.pointerId !== grip.id) return;
    const [y, x] = cellOf(event);
    const next = place(grip.box, Math.round(y - grip.y), Math.round(x - grip.x), grip.sizing);
    if (String(next) === String(hand.boxes[chosen])) return;
    hand.boxes[chosen] = next;
    move(true);
  });
  for (const type of ["pointerup", "pointercancel"]) {
    on(face, type, (event) => {
      if (!grip || event.pointerId !== grip.id) return;
      grip = null;
      settle();
    });
  }
  const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  on(face, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const number = Number(event.key);
    if (number >= 1 && number <= hand.boxes.length) {
      chosen = number - 1;
      paintFace();
      write(spoken, `Frame ${number}, ${scene.names[chosen]}`);
    } else if (event.key in ARROWS) {
      hand.boxes[chosen] = place(hand.boxes[chosen], ...ARROWS[event.key], event.shiftKey);
      const [row, column, height, width] = hand.boxes[chosen];
      write(spoken, `${scene.names[chosen]}: row ${row}, column ${column}, ${height} by ${width}`);
      move(true);
    } else return;
    event.preventDefault();
  });

  function paint() {
    if (!scene) return;
    paintFace();
    paintKernels();
    paintPhotos();
  }

  const observer = new ResizeObserver(paint);
  observer.observe(face);
  watchDensity(paint, listeners.signal);
  onStash(paint, listeners.signal);

  return {
    update(next, emit) {
      scene = next;
      if (token !== next.reset) {
        const { boxes, weights, threshold } = structuredClone(next);
        [token, hand, moving, grip] = [next.reset, { boxes, weights, threshold }, false, null];
      }
      if (lines.length !== scene.names.length) build();
      face.setAttribute("aria-label", `${scene.answers[0].title}, with the frames of ${scene.names.join(", ")}`);
      paint();
      tell();
      host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
      say(next.address);
      reporter.echo(next.echo, emit);
    },
    destroy() {
      listeners.abort();
      observer.disconnect();
      reporter.stop();
      clearTimeout(rest);
    },
  };
}
