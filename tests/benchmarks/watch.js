// Times, inside the page, from a person's event to what it changed being on the screen.
//
// Put into a page before its own scripts. `watcher.arm()` starts to listen; after the gesture,
// `watcher.settle({event, needs})` answers once everything in `needs` has been painted, the script
// on the server rests, and nothing has changed for QUIET ms. All times are in ms after the event's
// own timeStamp, which the browser sets when the input reaches it.
//
// A change is: new or removed elements or text in the page's main part, a new outline of a chart's
// bar, or the `data-painted` or `data-echo` of a component, which sets it right after it has drawn
// on its canvas. A change is painted when the next animation frame has run and a task posted from
// there gets its turn, because by then the browser has laid that frame out and painted it. A change
// made inside an animation frame counts with the next one: never too short, at most 16 ms too long.
(() => {
  if (window !== window.top) return;
  const QUIET = 120;
  const ATTRIBUTES = ["data-painted", "data-echo", "d"];
  const INPUTS = ["pointerdown", "pointermove", "pointerup", "keydown", "input", "change"];

  let inputs = []; // {type, at}
  let changes = []; // {what, at, painted}
  let sent = [];
  let received = []; // {at, bytes}
  let fresh = []; // changes since the last animation frame
  let titled = false;
  const { port1, port2 } = new MessageChannel();
  const frames = []; // the changes of each frame that is not painted yet

  port1.onmessage = () => {
    const now = performance.now();
    for (const change of frames.shift()) change.painted = now;
  };

  function onFrame() {
    frames.push(fresh);
    fresh = [];
    port2.postMessage(null);
  }

  function note(what) {
    const change = { what, at: performance.now(), painted: null };
    changes.push(change);
    if (!fresh.length) requestAnimationFrame(onFrame);
    fresh.push(change);
  }

  /** The key of the nearest keyed element, else "page"; null for what is no part of the page. */
  function whatIs(node) {
    const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
    if (!element?.closest('[data-testid="stMain"]')) return null;
    if (element.closest('[data-testid="stHeader"]')) return null;
    const keyed = element.closest('[class*="st-key-"]');
    const name = keyed && [...keyed.classList].find((word) => word.startsWith("st-key-"));
    return name ? name.slice("st-key-".length) : "page";
  }

  new MutationObserver((records) => {
    const what = new Set(records.map(({ target }) => whatIs(target)));
    what.delete(null);
    if (!titled && document.querySelector('[data-testid="stMain"] h1')) {
      titled = true;
      what.add("title");
    }
    what.forEach(note);
  }).observe(document, {
    subtree: true,
    childList: true,
    characterData: true,
    attributes: true,
    attributeFilter: ATTRIBUTES,
  });

  for (const type of INPUTS) {
    const listener = (event) => inputs.push({ type, at: event.timeStamp });
    window.addEventListener(type, listener, { capture: true, passive: true });
  }

  window.WebSocket = class extends window.WebSocket {
    constructor(...details) {
      super(...details);
      this.addEventListener("message", ({ data }) =>
        received.push({ at: performance.now(), bytes: data.byteLength ?? data.size ?? data.length }),
      );
    }

    send(data) {
      sent.push(performance.now());
      super.send(data);
    }
  };

  const resting = () =>
    document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === "notRunning";

  /** What came of the event so far; null before the event. */
  function look(event, needs) {
    const start = event === null ? 0 : inputs.find(({ type }) => type === event)?.at;
    if (start === undefined) return null;
    const mine = changes.filter(({ at }) => at >= start);
    const [first, last] = [{}, {}];
    for (const { what, painted } of mine) {
      if (painted === null) continue;
      first[what] ??= painted - start;
      last[what] = painted - start;
    }
    const final = mine.at(-1);
    const answer = received.filter(({ at }) => at >= start);
    return {
      first,
      last,
      missing: needs.filter((what) => !(what in last)),
      unpainted: mine.some(({ painted }) => painted === null),
      latest: final?.at ?? start,
      sent: (sent.find((at) => at >= start) ?? NaN) - start,
      answered: (answer.at(-1)?.at ?? NaN) - start,
      changed: (final?.at ?? NaN) - start,
      painted: (final?.painted ?? NaN) - start,
      lastChange: final?.what ?? null,
      bytes: answer.reduce((sum, { bytes }) => sum + bytes, 0),
      origin: performance.timeOrigin + start,
    };
  }

  window.watcher = {
    /** Forgets what was, so that the next event starts on a clean sheet. */
    arm() {
      inputs = [];
      changes = [];
      sent = [];
      received = [];
    },
    /** What came of the first `event` since `arm` (null: of opening the page), once it is over. */
    async settle({ event = null, needs = [], patience = 10_000 }) {
      const deadline = performance.now() + patience;
      for (;;) {
        const seen = look(event, needs);
        const now = performance.now();
        const still = seen && !seen.unpainted && resting() && now - seen.latest > QUIET;
        if (still && !seen.missing.length) return { ...seen, complete: true };
        if (now > deadline) return { ...seen, complete: false };
        await new Promise((resolve) => setTimeout(resolve, 15));
      }
    },
    /** When `what` was painted since `arm`, once a frame: ms on the page's clock. */
    paintings: (what) => [
      ...new Set(changes.filter((c) => c.what === what && c.painted !== null).map((c) => c.painted)),
    ],
    now: () => performance.now(),
  };
})();
