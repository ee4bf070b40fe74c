// The input travels through the network: a layer at a time, with a sentence to read after each.

const TRAVEL = 1100; // ms in which a layer fills
const READ = { least: 1500, character: 45 }; // ms until the next one sets off by itself

/** `stages` are the scene's; `changed` is called whenever another share of the network is seen. */
function createJourney(part, on, changed) {
  const [play, back, forth, scrub, stop, sentence] = [
    ...["play", "back", "on", "scrub", "stop", "sentence"],
  ].map(part);
  let stages = [];
  let verdict = "";
  let at = null; // the stage that the input has reached; null while all are shown
  let share = 1; // of it
  let running = false;
  let frame = 0;
  let timer = 0;
  let before = 0;

  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const last = () => stages.length - 1;

  function words() {
    if (at === null) return "";
    const { name, sentence: text } = stages[at];
    const end = at === last() ? ` ${verdict}` : "";
    return `${name}: ${text}${end}`;
  }

  function show() {
    write(play, running ? "Pause" : at === null || at >= last() ? "Play" : "Continue");
    play.title = running ? "Wait here (space)" : "Let the input travel on, layer by layer (space)";
    scrub.max = last();
    scrub.value = at ?? last();
    scrub.style.setProperty("--share", (at ?? last()) / Math.max(1, last()));
    scrub.setAttribute("aria-valuetext", stages[at ?? last()]?.name ?? "");
    stop.disabled = at === null;
    back.disabled = at === 0;
    forth.disabled = at === null || at >= last();
    write(sentence, words());
    sentence.hidden = at === null;
  }

  function rest() {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  }

  function wait() {
    if (!running) return;
    if (at >= last()) {
      running = false;
      show();
      return;
    }
    timer = setTimeout(() => go(at + 1, true), READ.least + READ.character * words().length);
  }

  function tick(now) {
    share = Math.min(1, share + (now - before) / TRAVEL);
    before = now;
    changed();
    if (share < 1) frame = requestAnimationFrame(tick);
    else wait();
  }

  /** The input reaches a stage; while it runs the stage fills before the eye. */
  function go(next, keepsRunning = false) {
    rest();
    at = next === null ? null : Math.min(Math.max(next, 0), last());
    running = keepsRunning && at !== null;
    share = running && at > 0 && !calm() ? 0 : 1;
    show();
    changed();
    if (!running) return;
    before = performance.now();
    if (share < 1) frame = requestAnimationFrame(tick);
    else wait();
  }

  /** Space and the button: begin, go on at once where it waits, wait where it fills. */
  function press() {
    if (at === null || (at >= last() && !running)) go(0, true);
    else if (running && share < 1) {
      running = false;
      go(at);
    } else go(at + 1, true);
  }

  on(play, "click", () => {
    if (running) go(at);
    else press();
  });
  on(back, "click", () => go((at ?? last()) - 1));
  on(forth, "click", () => go((at ?? last()) + 1));
  on(stop, "click", () => go(null));
  on(scrub, "input", () => go(Number(scrub.value)));

  return {
    get under() {
      return at !== null;
    },
    /** How many stages are seen, with a fraction for the one that fills; null for all. */
    get seen() {
      return at === null ? null : at - 1 + share;
    },
    get at() {
      return at;
    },
    press,
    step: (by) => go((at ?? last()) + by),
    end: () => go(null),
    fit(nextStages, said) {
      const other = nextStages.map(({ name }) => name).join() !== stages.map(({ name }) => name).join();
      [stages, verdict] = [nextStages, said];
      if (other && at !== null) {
        rest();
        [at, running, share] = [null, false, 1];
      }
      show();
    },
    destroy: rest,
  };
}
