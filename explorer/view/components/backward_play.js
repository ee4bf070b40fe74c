// The gradient travels back through the network: a stage at a time, with a sentence to read at each.

const PACE = { least: 2200, character: 42 }; // ms until the next stage sets off by itself

export default function (args) {
  return living(args, createWay);
}

function createWay(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [way, play, back, forth, scrub, count, list, sentence] = [
    ...["way", "play", "back", "on", "scrub", "count", "stages", "sentence"],
  ].map(part);
  const listeners = new AbortController();
  const on = (target, type, handler) =>
    target.addEventListener(type, handler, { signal: listeners.signal });

  let stages = [];
  let at = 0;
  let playing = false;
  let token = null;
  let timer = 0;
  const reporter = createReporter(() => ({ reset: token, at, playing }), host);
  const last = () => stages.length - 1;

  function show() {
    const [name, text] = stages[at];
    write(play, playing ? "Pause" : at >= last() ? "Play again" : at ? "Play on" : "Play");
    play.title = playing ? "Wait here (space)" : "Let the gradient travel back (space)";
    scrub.max = last();
    scrub.value = at;
    scrub.setAttribute("aria-valuetext", name);
    back.disabled = at === 0;
    forth.disabled = at >= last();
    write(count, `step ${at + 1} of ${stages.length}`);
    write(sentence, text);
    [...list.children].forEach((item, i) => {
      item.dataset.state = i < at ? "done" : i === at ? "here" : "ahead";
      const button = item.firstElementChild;
      write(button, stages[i][0]);
      if (i === at) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    });
    host.dataset.at = at;
  }

  function wait() {
    clearTimeout(timer);
    if (!playing) return;
    timer = setTimeout(() => go(at + 1, at + 1 < last()),
      PACE.least + PACE.character * stages[at][1].length);
  }

  function go(next, keepsPlaying = false) {
    const before = at;
    at = Math.min(Math.max(next, 0), last());
    playing = keepsPlaying;
    show();
    wait();
    if (at !== before) reporter.report();
  }

  function press() {
    if (playing) go(at);
    else go(at >= last() ? 0 : at, true);
  }

  function grow() {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.tabIndex = -1; // the arrow keys reach it
    item.append(button);
    list.append(item);
    on(button, "click", () => go([...list.children].indexOf(item)));
  }

  on(play, "click", press);
  on(back, "click", () => go(at - 1));
  on(forth, "click", () => go(at + 1));
  on(scrub, "input", () => go(Number(scrub.value)));
  on(way, "keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " ") press();
    else if (event.key === "ArrowRight") go(at + 1);
    else if (event.key === "ArrowLeft") go(at - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(last());
    else return;
    event.preventDefault();
  });
  // A button that has the focus would be pressed a second time when the space bar comes up.
  on(way, "keyup", (event) => event.key === " " && event.preventDefault());

  return {
    update(data, emit) {
      const names = (all) => all.map(([name]) => name).join();
      const other = names(data.stages) !== names(stages);
      stages = data.stages;
      if (token !== data.reset || other) {
        [token, at, playing] = [data.reset, data.at, false];
        clearTimeout(timer);
      }
      while (list.children.length < stages.length) grow();
      while (list.children.length > stages.length) list.lastElementChild.remove();
      show();
      say(data.address);
      reporter.echo(data.echo, emit);
      host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
    },
    destroy() {
      listeners.abort();
      clearTimeout(timer);
      reporter.stop();
    },
  };
}
