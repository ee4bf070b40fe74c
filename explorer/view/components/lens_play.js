// Runs the kernel across the picture: how many outputs are computed so far, and how fast.

const ROWS_PER_SECOND = 8; // what "whole rows" means

/** The buttons below the pictures; `changed` is called whenever another output was reached. */
function createPlayer(part, on, changed) {
  const [play, step, stop, speed, scrub, progress] = [
    ...["play", "step", "stop", "speed", "scrub", "progress"],
  ].map(part);
  let total = 1;
  let columns = 1;
  let at = null; // how many outputs are computed; null while all of them are shown
  let running = false;
  let before = 0; // when the last frame was drawn
  let due = 0; // outputs that are due, with their fraction
  let frame = 0;

  function show() {
    write(play, running ? "Pause" : "Play");
    play.title = running
      ? "Stop the kernel where it is"
      : "Run the kernel across the picture, output by output";
    stop.disabled = at === null;
    step.disabled = running;
    scrub.max = total;
    scrub.value = at ?? total;
    scrub.style.setProperty("--share", total > 1 ? ((at ?? total) - 1) / (total - 1) : 1);
    scrub.setAttribute("aria-valuetext", `output ${at ?? total} of ${total}`);
    write(progress, at === null ? `all ${total} outputs` : `output ${at} of ${total}`);
  }

  function go(next, keepsRunning = false) {
    at = next === null ? null : Math.min(Math.max(next, 1), total);
    running = keepsRunning && at !== null && at < total;
    if (!running) cancelAnimationFrame(frame);
    show();
    changed();
  }

  function tick(now) {
    // A tab that was in the background goes on where it was.
    const seconds = Math.min(0.25, (now - before) / 1000);
    before = now;
    const rate = speed.value === "rows" ? ROWS_PER_SECOND : Number(speed.value);
    due += rate * seconds;
    const whole = Math.floor(due);
    due -= whole;
    frame = requestAnimationFrame(tick);
    if (!whole) return;
    if (speed.value === "rows") go((Math.floor(at / columns) + whole) * columns, true);
    else go(at + whole, true);
  }

  function run() {
    if (running) {
      go(at);
      return;
    }
    cancelAnimationFrame(frame);
    [before, due] = [performance.now(), 0];
    frame = requestAnimationFrame(tick);
    go(at === null || at >= total ? 1 : at, true);
  }

  on(play, "click", run);
  on(step, "click", () => go(at === null || at >= total ? 1 : at + 1));
  on(stop, "click", () => go(null));
  on(scrub, "input", () => go(Number(scrub.value)));

  return {
    get at() {
      return at;
    },
    get running() {
      return running;
    },
    /** New outputs of the same number leave the kernel where it is. */
    fit(rows, wide) {
      if (total !== rows * wide || columns !== wide) {
        [total, columns, at, running] = [rows * wide, wide, null, false];
        cancelAnimationFrame(frame);
      }
      show();
    },
    pause: () => running && go(at),
    end: () => at !== null && go(null),
    destroy: () => cancelAnimationFrame(frame),
  };
}
