// Where a run stands; only what changed is written, several times a second.

export default function (args) {
  return living(args, createHead);
}

function createHead(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const list = part("figures");
  const cells = [];

  function grow() {
    const [cell, label, text] = ["div", "dt", "dd"].map((tag) => document.createElement(tag));
    cell.append(label, text);
    list.append(cell);
    cells.push({ cell, label, text });
  }

  function update({ name, state, tone, share, figures, note }) {
    write(part("name"), name);
    write(part("state"), state);
    part("state").dataset.tone = tone;
    part("bar").style.width = `${100 * share}%`;
    part("bar").dataset.tone = tone;
    part("track").setAttribute("aria-valuenow", Math.round(100 * share));
    while (cells.length < figures.length) grow();
    while (cells.length > figures.length) cells.pop().cell.remove();
    cells.forEach(({ label, text }, i) => {
      write(label, figures[i][0]);
      write(text, figures[i][1]);
    });
    write(part("note"), note);
    part("note").hidden = !note;
    host.dataset.state = state;
    host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
  }

  return { update };
}
