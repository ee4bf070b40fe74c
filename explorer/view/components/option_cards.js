// A radio group of cards; the chosen one is marked at once, before Python has answered.

export default function (args) {
  return living(args, createGroup, { state: "chosen" });
}

function createGroup(root) {
  const { host } = root;
  const group = root.querySelector('[data-part="cards"]');
  let seq = 0;
  let send = () => {};
  let shown = "";

  const cards = () => [...group.children];

  function mark(name) {
    const some = cards().some((card) => card.dataset.name === name);
    cards().forEach((card, i) => {
      const chosen = card.dataset.name === name;
      card.setAttribute("aria-checked", chosen);
      card.tabIndex = chosen || (!some && i === 0) ? 0 : -1;
    });
  }

  function choose(card) {
    seq += 1;
    mark(card.dataset.name);
    card.focus();
    send({ name: card.dataset.name, seq });
  }

  function build(options) {
    group.replaceChildren(...options.map(([name, title, line]) => {
      const card = document.createElement("button");
      card.type = "button";
      card.setAttribute("role", "radio");
      card.dataset.name = name;
      const [strong, span] = ["strong", "span"].map((tag) => document.createElement(tag));
      strong.textContent = title;
      span.textContent = line;
      card.append(strong, span);
      card.addEventListener("click", () => choose(card));
      return card;
    }));
  }

  const moves = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
  group.addEventListener("keydown", (event) => {
    const all = cards();
    const at = all.indexOf(root.activeElement);
    if (at < 0 || !(event.key in moves)) return;
    event.preventDefault();
    choose(all[(at + moves[event.key] + all.length) % all.length]);
  });

  function update(data, emit) {
    send = emit;
    const text = JSON.stringify(data.cards);
    if (text !== shown) build(data.cards);
    shown = text;
    group.setAttribute("aria-label", data.label);
    mark(data.chosen);
    host.dataset.chosen = data.chosen ?? "";
    host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
  }

  return { update };
}
