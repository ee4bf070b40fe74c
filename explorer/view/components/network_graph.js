// The whole network on one canvas; what follows the pointer is drawn on a second one above it.
//
// A message repaints the first canvas; the pointer only the second, and the card. What is opened is
// Python's answer: until it has come, the picture stays as it is.

export default function (args) {
  return living(args, createGraph, { read: decodeArrays });
}

const HEIGHT = { least: 400, most: 600, share: 0.58 }; // of the picture, by the window's

function createGraph(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [network, stageArea, base, marks, legends, table] = [
    ...["network", "stage", "base", "marks", "legends", "table"],
  ].map(part);
  const listeners = new AbortController();
  const on = (target, type, handler, options) =>
    target.addEventListener(type, handler, { ...options, signal: listeners.signal });
  const atlases = createAtlases();

  let scene = null;
  let layout = null;
  let placed = "";
  let token = null;
  let width = 0;
  let height = 0;
  let ink = {};
  let frame = 0;
  let stale = true; // whether the first canvas is to be painted too

  const reporter = createReporter(
    () => ({ reset: token, opened: hand.wish, original: banner.original }), host);
  const banner = createBanner(part, on, () => reporter.report());
  const journey = createJourney(part, on, () => {
    refresh(true);
    accompany();
  });
  const view = createView(marks, on, () => ({ width, height, world: layout?.width || 1 }),
    () => refresh(true));
  const card = createFormulaCard(part("card"), () => {});
  const hand = createHand({
    root, part, on, view, journey, refresh,
    world: () => ({ scene, layout }),
    report: () => reporter.report(),
  });

  // --- showing ---

  function refresh(all = false) {
    stale ||= all;
    if (!frame) frame = requestAnimationFrame(paint);
  }

  function transform(context, clear) {
    const { k, x, y } = view.now;
    const density = devicePixelRatio;
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (clear) context.clearRect(0, 0, base.width, base.height);
    context.setTransform(density * k, 0, 0, density * k, density * x, density * y);
  }

  function paint() {
    frame = 0;
    if (!scene || !layout) return;
    if (stale) {
      stale = false;
      const context = base.getContext("2d");
      transform(context, true);
      paintBase(context, scene, layout, atlases, ink, journey.seen);
    }
    const context = marks.getContext("2d");
    transform(context, true);
    const at = hand.active();
    const hidden = at && journey.under && at.stage > journey.at;
    if (at && !hidden) paintEdges(context, scene, layout, at, ink);
    const own = at && scene.opened && at.stage === scene.opened.stage
      && at.unit === scene.opened.unit;
    if (own && layout.find("sum")) paintOpenedPixel(context, scene, layout, at, ink);
    else if (scene.opened) frameOpened(context, rectOf(scene, layout, scene.opened));
    card.show(scene, hidden ? null : at, own);
    hand.point(own ? at : null);
    part("whole").disabled = view.whole;
    const { chances, opened } = scene;
    host.graph = { at, opened, chances, view: view.now, seen: journey.seen };
  }

  /** What is open stays marked while something else is pointed at. */
  function frameOpened(context, [x, y, w, h]) {
    context.setLineDash([4, 3]);
    context.lineWidth = 1.5;
    context.strokeStyle = ink.primary;
    context.strokeRect(x - 2, y - 2, w + 4, h + 4);
    context.setLineDash([]);
  }

  function place() {
    if (!scene || !width) return;
    const room = Math.max(HEIGHT.least, Math.min(HEIGHT.most, HEIGHT.share * innerHeight));
    const next = JSON.stringify([scene.shape, width, room]);
    if (next !== placed) {
      placed = next;
      layout = layOut(scene, width, room);
      height = Math.ceil(layout.height * Math.min(1, width / layout.width));
      if (!view.whole || layout.width > width) view.reset();
    }
    const density = devicePixelRatio;
    const [w, h] = [Math.round(width * density), Math.round(height * density)];
    for (const canvas of [base, marks]) {
      if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    stageArea.style.height = `${height}px`;
    view.fit();
    paintAtlases(atlases, scene, layout, ink.dark);
  }

  let accompanied = null;

  /** Where the layers stand one below the other, the page scrolls with the input that travels. */
  function accompany() {
    if (!layout?.stacked || journey.at === accompanied) return;
    accompanied = journey.at;
    if (accompanied === null) return;
    const main = host.closest('[data-testid="stMain"]');
    const top = base.getBoundingClientRect().top + view.now.k * layout.of(accompanied).y;
    main?.scrollBy({ top: top - 0.3 * innerHeight, behavior: "smooth" });
  }

  // --- life ---

  function dress() {
    ink = inkOf(host);
    marks.setAttribute("aria-label", scene.alt);
    const html = legendsOf(scene, ink.dark);
    if (legends.innerHTML !== html) legends.innerHTML = html;
    describeStages(table, scene.stages);
  }

  function verdict() {
    const best = scene.chances.indexOf(Math.max(...scene.chances));
    return `It reads ${scene.classes[best]} (${percent(scene.chances[best])}).`;
  }

  const observer = new ResizeObserver(() => {
    if (network.clientWidth === width) return;
    width = network.clientWidth;
    place();
    stale = true;
    paint();
  });
  observer.observe(network);
  watchDensity(() => {
    place();
    refresh(true);
  }, listeners.signal);
  onStash(() => {
    if (!scene || !layout) return;
    paintAtlases(atlases, scene, layout, ink.dark);
    refresh(true);
  }, listeners.signal);

  /** For tests and benchmarks: where a unit, or a value of a map, lies in the window. */
  host.placeOf = (at) => {
    const [x, y, w, h] = rectOf(scene, layout, at);
    const box = marks.getBoundingClientRect();
    const { k, x: left, y: top } = view.now;
    return [box.left + left + k * (x + w / 2), box.top + top + k * (y + h / 2)];
  };

  return {
    update(next, emit) {
      const first = scene === null;
      scene = sceneOf(next);
      const taken = first || scene.reset !== token;
      token = scene.reset;
      hand.fit(scene, taken);
      banner.show(scene, taken);
      say(scene.address);
      dress();
      journey.fit(scene.stages, verdict());
      width = network.clientWidth;
      place();
      stale = true;
      cancelAnimationFrame(frame);
      paint();
      reporter.echo(scene.echo, emit);
      host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
    },
    destroy() {
      listeners.abort();
      observer.disconnect();
      journey.destroy();
      reporter.stop();
      cancelAnimationFrame(frame);
    },
  };
}
