// Maps as a radio group of small pictures with a bar under each; the chosen one is marked at once,
// before Python has answered.

export default function (args) {
  return living(args, createShelf, { read: decode, state: "chosen" });
}

function createShelf(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [shelf, label, text] = ["shelf", "label", "text"].map(part);
  const atlas = document.createElement("canvas");
  let tiles = []; // {button, context, mark, bar, note}
  let shape = "";
  let send = () => {};
  let seq = 0;

  function mark(index) {
    tiles.forEach(({ button }, i) => {
      button.setAttribute("aria-checked", i === index);
      button.tabIndex = i === index ? 0 : -1;
    });
  }

  function choose(index) {
    seq += 1;
    mark(index);
    tiles[index].button.focus();
    send({ index, seq });
  }

  function build(n, h, w) {
    shelf.dataset.units = h * w === 1;
    tiles = Array.from({ length: n }, (_, i) => {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("role", "radio");
      button.innerHTML = '<span class="name"></span><canvas></canvas><span class="mark"></span>'
        + '<span class="track"><span></span></span><span class="note"></span>';
      const [name, canvas, word, track, note] = button.children;
      name.textContent = i;
      [canvas.width, canvas.height] = [w, h];
      button.addEventListener("click", () => choose(i));
      return {
        button, context: canvas.getContext("2d"), mark: word, track, bar: track.firstChild, note,
      };
    });
    shelf.replaceChildren(...tiles.map(({ button }) => button));
  }

  const moves = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
  shelf.addEventListener("keydown", (event) => {
    const at = tiles.findIndex(({ button }) => button === root.activeElement);
    if (at < 0 || !(event.key in moves)) return;
    event.preventDefault();
    choose((at + moves[event.key] + tiles.length) % tiles.length);
  });

  function update(maps, emit) {
    const { n, h, w, meta } = maps;
    send = emit;
    if (shape !== `${n} ${h} ${w}`) build(n, h, w);
    shape = `${n} ${h} ${w}`;
    write(label, meta.label);
    write(text, meta.text);
    shelf.setAttribute("aria-label", `${meta.label} ${meta.text}`);
    colour(maps, paletteOf(meta.kind, isDark(host)), atlas);
    tiles.forEach((tile, i) => {
      tile.context.drawImage(atlas, 0, i * h, w, h, 0, 0, w, h);
      write(tile.mark, meta.marks[i]);
      const share = meta.bars?.[i];
      tile.track.hidden = share === undefined;
      tile.bar.style.width = `${100 * Math.abs(share ?? 0)}%`;
      tile.bar.style.background = share > 0 ? LOSS : share < 0 ? GAIN : NONE;
      const note = meta.notes[i] ?? "";
      write(tile.note, note);
      const said = [`${meta.noun} ${i}`, meta.marks[i], note].filter(Boolean).join(", ");
      tile.button.setAttribute("aria-label", said);
      tile.button.title = said;
    });
    mark(meta.chosen);
    host.shelf = meta;
    host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
  }

  return { update };
}
