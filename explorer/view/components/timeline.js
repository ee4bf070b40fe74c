// A slider over the kept steps of a run; what it shows follows Python, what it asks for the hand.

export default function (args) {
  return living(args, createTimeline);
}

const REST = 500; // ms after the last key until the hand counts as at rest
const PACE = 450; // ms at least from one step to the next while it plays
const ICONS = { play: "M4 2.5v11l9-5.5z", pause: "M4 2.5h3v11H4zM9 2.5h3v11H9z" };
const DIGIT = 7; // CSS pixels of a digit below the slider
const THUMB = 18; // CSS pixels

const counted = (step) => step.toLocaleString("en");

/** Fades what waits for the slider to rest; the page's own style sheet knows the mark. */
const travelling = (() => {
  const place = `[class*="st-key-${AT_REST}"]`;
  const page = document.documentElement;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    [data-travelling] ${place} { position: relative; }
    [data-travelling] ${place} > * { opacity: 0.2; pointer-events: none; }
    [data-travelling] ${place}::before {
      content: ${JSON.stringify(WAITS)};
      position: absolute; top: 0; right: 0; z-index: 1;
      padding: 0.3rem 0.8rem; border-radius: 0.5rem; font-size: 0.875rem;
      background: var(--travel-paper); color: var(--travel-ink);
      box-shadow: 0 0 0 1px color-mix(in srgb, var(--travel-ink) 25%, transparent);
    }`);
  document.adoptedStyleSheets.push(sheet);
  return (on, host) => {
    if (page.hasAttribute("data-travelling") === on) return;
    if (on) {
      page.style.setProperty("--travel-paper", themeColor(host, "background-color"));
      page.style.setProperty("--travel-ink", themeColor(host, "text-color"));
    }
    page.toggleAttribute("data-travelling", on);
    for (const waiting of document.querySelectorAll(place)) {
      if (on) waiting.setAttribute("aria-busy", "true");
      else waiting.removeAttribute("aria-busy");
    }
  };
})();

function createTimeline(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [play, icon, word, slider, heights, ticks, step, text] = [
    ...["play", "icon", "word", "slider", "heights", "ticks", "step", "text"],
  ].map(part);
  let stops = []; // [step, share or null, text]
  let shown = null; // the step that Python showed last
  let token = null;
  let at = 0; // which stop the hand is at
  let moving = false;
  let playing = false;
  let held = false; // by mouse, finger or pen
  let rest = 0;
  let next = 0; // timer of the next step while it plays
  let left = 0; // when the step before it was asked for
  let width = 0;

  const reporter = createReporter(() => ({ reset: token, step: stops[at][0], moving }), host);

  function show() {
    const [number, , words] = stops[at];
    const last = stops.length - 1;
    if (slider.max !== String(last)) slider.max = last;
    if (Number(slider.value) !== at) slider.value = at;
    slider.style.setProperty("--share", last ? at / last : 0);
    slider.setAttribute("aria-valuetext", `step ${counted(number)}${words ? `: ${words}` : ""}`);
    write(step, `Step ${counted(number)}`);
    write(text, words);
    write(word, playing ? "Pause" : "Play training");
    icon.setAttribute("d", playing ? ICONS.pause : ICONS.play);
    mark();
    host.timeline = { step: number, shown, moving, playing };
  }

  const mark = () => [...heights.children].forEach((bar, i) => {
    bar.classList.toggle("here", i === at);
  });

  /** Bars as high as the accuracy, and as many numbers below as there is room for. */
  function build() {
    const last = Math.max(1, stops.length - 1);
    const place = (i) => `calc(${THUMB / 2}px + ${i / last} * (100% - ${THUMB}px))`;
    heights.replaceChildren(...stops.map(([, share], i) => {
      const bar = document.createElement("i");
      bar.style.left = place(i);
      bar.style.height = share === null ? "2px" : `${Math.max(2, Math.round(16 * share))}px`;
      return bar;
    }));
    width = slider.clientWidth;
    const pixel = (i) => (i / last) * (width - THUMB);
    const room = (i) => DIGIT * (counted(stops[i][0]).length + 1);
    const ends = stops.length > 1 ? [0, stops.length - 1] : [0];
    const named = new Set(ends);
    let edge = room(0) / 2;
    for (let i = 1; i < stops.length - 1; i += 1) {
      const clear = pixel(stops.length - 1) - room(stops.length - 1) / 2;
      if (pixel(i) - room(i) / 2 < edge || pixel(i) + room(i) / 2 > clear) continue;
      named.add(i);
      edge = pixel(i) + room(i) / 2;
    }
    ticks.replaceChildren(...[...named].sort((a, b) => a - b).map((i) => {
      const label = document.createElement("span");
      label.textContent = counted(stops[i][0]);
      label.style.left = place(i);
      return label;
    }));
    mark();
  }

  function go(to, isMoving) {
    const same = to === at;
    if (same && isMoving === moving) return;
    clearTimeout(rest);
    [at, moving] = [to, isMoving];
    left = performance.now();
    if (moving) travelling(true, host);
    show();
    reporter.report();
  }

  function settle() {
    clearTimeout(rest);
    if (moving && !playing) go(at, false);
  }

  function stop() {
    clearTimeout(next);
    playing = false;
  }

  /** The next step, once the last one is on the screen. */
  function advance() {
    if (at === stops.length - 1) {
      stop();
      settle();
      show();
      return;
    }
    go(at + 1, true);
  }

  function start() {
    playing = true;
    if (at === stops.length - 1) go(0, true);
    else advance();
    show();
  }

  play.addEventListener("click", () => {
    if (!playing) {
      start();
      return;
    }
    stop();
    settle();
    show();
  });
  slider.addEventListener("input", () => {
    stop();
    go(Number(slider.value), true);
  });
  slider.addEventListener("pointerdown", () => {
    held = true;
  });
  slider.addEventListener("keydown", () => {
    held = false;
  });
  // A hand that lets go is at rest at once; a keyboard never lets go of the slider.
  slider.addEventListener("change", () => {
    clearTimeout(rest);
    rest = setTimeout(settle, held ? 0 : REST);
  });
  // Where it is let go of at the step at which it was taken, nothing has changed.
  for (const type of ["pointerup", "pointercancel"]) {
    slider.addEventListener(type, () => {
      clearTimeout(rest);
      rest = setTimeout(settle, 0);
    });
  }
  const observer = new ResizeObserver(() => {
    if (stops.length && slider.clientWidth !== width) build();
  });
  observer.observe(slider);

  return {
    update(data, emit) {
      const before = stops[at]?.[0];
      const changed = JSON.stringify(stops) !== JSON.stringify(data.stops);
      [stops, shown] = [data.stops, data.step];
      const place = (wanted) => stops.findIndex(([number]) => number === wanted);
      if (token !== data.reset) {
        stop();
        clearTimeout(rest);
        [token, at, moving] = [data.reset, place(data.step), false];
      } else if (place(before) >= 0) {
        at = place(before);
      } else {
        at = place(data.step);
      }
      if (changed) build();
      root.querySelector(".timeline").title = data.title;
      host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
      say(data.address);
      reporter.echo(data.echo, emit);
      if (data.resting && !moving) travelling(false, host);
      show();
      if (playing && shown === stops[at][0]) {
        clearTimeout(next);
        next = setTimeout(advance, Math.max(30, PACE - (performance.now() - left)));
      }
    },
    destroy() {
      stop();
      clearTimeout(rest);
      observer.disconnect();
      reporter.stop();
      travelling(false, host);
    },
  };
}
