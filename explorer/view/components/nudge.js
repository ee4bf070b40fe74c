// A slider over samples that are all here: the curve, the dot on it, the numbers beneath.

const REST = 600; // ms after the last key until the hand counts as at rest
const DASHES = { curve: [], tangent: [7, 5], other: [2, 4] };

export default function (args) {
  return living(args, createNudge);
}

function createNudge(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [canvas, slider, home, facts] = ["chart", "slider", "home", "facts"].map(part);
  let scene = null;
  let place = null;
  let token = null;
  let at = 0;
  let moving = false;
  let rest = 0;
  const reporter = createReporter(() => ({ reset: token, at, moving }), host);

  function settle() {
    clearTimeout(rest);
    if (!moving) return;
    moving = false;
    reporter.report();
  }

  function move(next) {
    clearTimeout(rest);
    rest = setTimeout(settle, REST);
    if (next === at && moving) return;
    [at, moving] = [next, true];
    paint();
    if (scene.stream) reporter.report();
  }

  /** The sample next to a place on the canvas. */
  function sampleAt(event) {
    const x = place.back(event.clientX - canvas.getBoundingClientRect().left);
    let best = 0;
    scene.xs.forEach((value, i) => {
      if (Math.abs(value - x) < Math.abs(scene.xs[best] - x)) best = i;
    });
    return best;
  }

  slider.addEventListener("input", () => move(Number(slider.value)));
  slider.addEventListener("change", settle);
  home.addEventListener("click", () => {
    move(scene.home);
    settle();
  });
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button || !place) return;
    canvas.setPointerCapture(event.pointerId);
    move(sampleAt(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) move(sampleAt(event));
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, settle);

  function paint() {
    if (!scene) return;
    slider.value = at;
    slider.setAttribute("aria-valuetext", scene.says[at]);
    write(part("said"), scene.says[at]);
    home.disabled = at === scene.home;
    scene.facts.forEach(([, texts], i) => {
      write(facts.children[i].lastElementChild, typeof texts === "string" ? texts : texts[at]);
    });
    // For tests: where the dot is.
    [host.at, host.y] = [at, scene.curves[0][2][at]];
    draw();
  }

  function draw() {
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!scene || !width) return;
    [canvas.width, canvas.height] = [width * devicePixelRatio, height * devicePixelRatio];
    const context = canvas.getContext("2d");
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const { xs, limits, log, unit, ticks } = scene;
    const span = [xs[0], xs.at(-1)];
    place = axes(width, height, span, limits, log);
    const { inner } = place;
    const text = themeColor(host, "text-color");
    drawAxes(context, place, {
      xs: span,
      ys: limits,
      log,
      unit,
      columns: ticks,
      ink: {
        grid: `color-mix(in srgb, ${text} 14%, transparent)`,
        faint: `color-mix(in srgb, ${text} 72%, transparent)`,
        font: themeColor(host, "font"),
      },
    });
    const bottom = inner.top + inner.height;
    context.save();
    context.beginPath();
    context.rect(inner.left, inner.top, inner.width, inner.height);
    context.clip();
    if (scene.home !== null) {
      upright(context, xs[scene.home], bottom, `color-mix(in srgb, ${text} 45%, transparent)`);
    }
    // The curve last: it lies on top.
    [...scene.curves].reverse().forEach(([, role, ys]) => line(context, role, ys));
    context.restore();
    mark(context, text);
    host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
  }

  function upright(context, x, bottom, colour) {
    context.strokeStyle = colour;
    context.lineWidth = 1;
    context.setLineDash([3, 4]);
    context.beginPath();
    context.moveTo(place.x(x), place.inner.top);
    context.lineTo(place.x(x), bottom);
    context.stroke();
    context.setLineDash([]);
  }

  function line(context, role, ys) {
    context.strokeStyle = COLOURS[role];
    context.fillStyle = COLOURS[role];
    context.lineWidth = role === "curve" ? 2.5 : 2;
    context.setLineDash(DASHES[role]);
    context.beginPath();
    let open = false;
    ys.forEach((y, i) => {
      if (y === null) {
        open = false;
        return;
      }
      const [px, py] = [place.x(scene.xs[i]), place.y(y)];
      if (open) context.lineTo(px, py);
      else context.moveTo(px, py);
      open = true;
    });
    context.stroke();
    context.setLineDash([]);
    if (role !== "curve") return;
    ys.forEach((y, i) => {
      if (y === null) return;
      context.beginPath();
      context.arc(place.x(scene.xs[i]), place.y(y), 2.2, 0, 2 * Math.PI);
      context.fill();
    });
  }

  /** The dot, and how far it is from the tangent; beyond the chart, an arrow at its edge. */
  function mark(context, text) {
    const x = place.x(scene.xs[at]);
    const [low, high] = [place.inner.top + place.inner.height, place.inner.top];
    const within = (y) => Math.min(Math.max(place.y(y), high), low);
    const y = scene.curves[0][2][at];
    const promised = scene.curves.find(([, role]) => role === "tangent")?.[2][at] ?? null;
    if (promised !== null && y !== null) {
      context.strokeStyle = text;
      context.lineWidth = 1.5;
      context.beginPath();
      context.moveTo(x, within(y));
      context.lineTo(x, within(promised));
      context.stroke();
    }
    context.strokeStyle = themeColor(host, "background-color");
    context.lineWidth = 2;
    context.fillStyle = COLOURS.curve;
    const top = y === null ? high : place.y(y);
    context.beginPath();
    if (top >= high - 0.5 && top <= low + 0.5) {
      context.arc(x, top, 7, 0, 2 * Math.PI);
    } else {
      const [edge, way] = top < high ? [high, 1] : [low, -1];
      context.moveTo(x, edge);
      context.lineTo(x - 8, edge + 13 * way);
      context.lineTo(x + 8, edge + 13 * way);
      context.closePath();
    }
    context.fill();
    context.stroke();
  }

  const observer = new ResizeObserver(draw);
  observer.observe(canvas);

  function fill(box, count) {
    while (box.children.length < count) box.append(document.createElement("div"));
    while (box.children.length > count) box.lastElementChild.remove();
  }

  return {
    update(data, emit) {
      scene = data;
      if (token !== data.reset) {
        clearTimeout(rest);
        [token, at, moving] = [data.reset, data.at, false];
      }
      at = Math.min(at, data.xs.length - 1);
      slider.max = data.xs.length - 1;
      write(part("title"), data.title);
      write(part("label"), data.hand);
      part("hand").hidden = data.xs.length < 2;
      canvas.setAttribute("aria-label", data.alt);
      home.hidden = data.home === null;
      write(home, data.homeSays);
      const legend = part("legend");
      fill(legend, data.curves.length);
      data.curves.forEach(([name, role], i) => {
        const row = legend.children[i];
        if (!row.children.length) row.append(document.createElement("i"), new Text());
        row.firstElementChild.className = role;
        row.firstElementChild.style.borderTopColor = COLOURS[role];
        row.lastChild.nodeValue = name;
      });
      fill(facts, data.facts.length);
      data.facts.forEach(([label], i) => {
        const fact = facts.children[i];
        if (!fact.children.length) {
          fact.append(document.createElement("span"), document.createElement("strong"));
        }
        write(fact.firstElementChild, label);
      });
      paint();
      if (!moving) say(data.address);
      reporter.echo(data.echo, emit);
    },
    destroy() {
      clearTimeout(rest);
      reporter.stop();
      observer.disconnect();
    },
  };
}
