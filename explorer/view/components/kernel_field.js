// A kernel with too many weights for a number in each: a picture in which one of them is chosen.

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** Puts the picture of k×k weights into `grid`; `choose` is told which one is pointed at. */
function createField(grid, k, on, choose) {
  const canvas = document.createElement("canvas");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-roledescription", "weights");
  const frame = document.createElement("span");
  frame.className = "frame";
  const area = document.createElement("div");
  area.className = "field";
  area.append(canvas, frame);
  const hint = document.createElement("div");
  hint.className = "note";
  hint.textContent = "Choose a weight, by pointer or arrow keys; the slider below changes it.";
  grid.append(area, hint);
  let at = 0;

  const cellUnder = (event) => {
    const box = canvas.getBoundingClientRect();
    const cell = (from, size) => Math.max(0, Math.min(k - 1, Math.floor((from / size) * k)));
    return cell(event.clientY - box.top, box.height) * k + cell(event.clientX - box.left, box.width);
  };
  on(canvas, "pointerdown", (event) => choose(cellUnder(event)));
  on(canvas, "pointermove", (event) => {
    if (event.buttons) choose(cellUnder(event));
  });
  on(canvas, "keydown", (event) => {
    const step = STEPS[event.key];
    if (!step) return;
    const within = (value) => Math.max(0, Math.min(k - 1, value));
    choose(within(Math.floor(at / k) + step[0]) * k + within((at % k) + step[1]));
    event.preventDefault();
  });

  return {
    draw(weights, chosen, palette, words) {
      at = chosen;
      const most = Math.max(...weights.map(Math.abs));
      const values = Float32Array.from(weights);
      const ranges = Float32Array.of(-most, most);
      colour({ n: 1, h: k, w: k, meta: { kind: "weight" }, ranges, values }, palette, canvas);
      const share = 100 / k;
      frame.style.cssText = `left:${(chosen % k) * share}%;top:${Math.floor(chosen / k) * share}%;`
        + `width:${share}%;height:${share}%`;
      canvas.setAttribute("aria-label", `The slice, ${k} by ${k} weights. ${words}`);
    },
  };
}
