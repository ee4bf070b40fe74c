// The table of a softmax; its slider asks, Python answers with every number.

const REST = 600; // ms after the last key until the hand counts as at rest

export default function (args) {
  return living(args, createSoftmax);
}

function createSoftmax(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [slider, number, reset, rows] = ["heat", "number", "reset", "rows"].map(part);
  let token = null;
  let heat = 0;
  let moving = false;
  let rest = 0;
  const reporter = createReporter(() => ({ reset: token, heat, moving }), host);

  function settle() {
    clearTimeout(rest);
    if (!moving) return;
    moving = false;
    reporter.report();
  }

  function move(next) {
    clearTimeout(rest);
    [heat, moving] = [next, true];
    slider.value = next;
    rest = setTimeout(settle, REST);
    reporter.report();
  }

  slider.addEventListener("input", () => move(Number(slider.value)));
  slider.addEventListener("change", settle);
  reset.addEventListener("click", () => {
    move(0);
    settle();
  });

  return {
    update(data, emit) {
      if (token !== data.reset) {
        [token, heat, moving] = [data.reset, data.heat, false];
        slider.value = heat;
      }
      write(number, data.temperature);
      slider.setAttribute("aria-valuetext", data.temperature);
      reset.disabled = data.heat === 0;
      const over = data.heat === 0 ? "z" : "z/T";
      write(part("powers"), `exp(${over})`);
      write(part("shares"), `exp(${over}) / Σ`);
      write(part("sum"), `Σ ${data.total}`);
      write(part("one"), "sum 1");
      while (rows.children.length < data.lines.length) {
        rows.insertAdjacentHTML(
          "beforeend",
          `<tr><td></td><td></td><td></td><td></td><td class="bar"><div><span></span></div></td></tr>`,
        );
      }
      while (rows.children.length > data.lines.length) rows.lastElementChild.remove();
      const most = Math.max(...data.lines.map((line) => line[3]));
      data.lines.forEach(([name, logit, power, chance, text, colour], i) => {
        const row = rows.children[i];
        [name, logit, power, text].forEach((words, k) => write(row.children[k], words));
        const bar = row.querySelector("span");
        bar.style.width = `${100 * chance}%`;
        bar.style.background = colour;
        row.classList.toggle("most", chance === most);
      });
      host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
      reporter.echo(data.echo, emit);
    },
    destroy() {
      clearTimeout(rest);
      reporter.stop();
    },
  };
}
