// A table whose cells are coloured by their size; only what changed is written.

export default function (args) {
  return living(args, createMatrix, { state: "chosen" });
}

function createMatrix(root) {
  const { host } = root;
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const [table, frame] = ["table", "frame"].map(part);
  let shown = "";
  let cells = [];
  let data = null;
  let chosen = null; // [row, column]
  let send = () => {};
  let turn = 0;

  const make = (tag, text = "") => {
    const element = document.createElement(tag);
    element.textContent = text;
    return element;
  };

  function build() {
    const { rows, columns, rowName, columnName, selectable } = data;
    const head = make("tr");
    const corner = make("th", `${rowName} ↓ ${columnName} →`);
    corner.className = "corner";
    head.append(corner, ...columns.map((name) => {
      const th = make("th", name);
      th.scope = "col";
      return th;
    }));
    cells = rows.map(() => []);
    const body = rows.map((name, row) => {
      const tr = make("tr");
      const th = make("th", name);
      th.scope = "row";
      tr.append(th, ...columns.map((_, column) => {
        const td = make("td");
        cells[row][column] = td;
        if (selectable) {
          td.tabIndex = row + column ? -1 : 0;
          td.setAttribute("role", "button");
          td.addEventListener("click", () => choose(row, column));
        }
        return td;
      }));
      return tr;
    });
    table.replaceChildren(head, ...body);
    if (data.newest) frame.scrollLeft = frame.scrollWidth;
    chosen = null;
  }

  function fill() {
    const { values, texts, strong, rows, columns, rowName, columnName, selectable } = data;
    const dark = isDark(host);
    const bold = new Set(strong.map(String));
    values.forEach((line, row) => line.forEach((value, column) => {
      const td = cells[row][column];
      const share = Math.round(value * 1000) / 10;
      td.style.setProperty("--share", `${share}%`);
      td.classList.toggle("full", value > (dark ? 0.62 : 0.5));
      td.classList.toggle("strong", bold.has(`${row},${column}`));
      write(td, texts[row][column]);
      const said = `${rowName} ${rows[row]}, ${columnName} ${columns[column]}: `
        + `${texts[row][column] || "0"}`;
      if (td.title !== said) td.title = said;
      if (selectable && td.getAttribute("aria-label") !== said) {
        td.setAttribute("aria-label", said);
      }
    }));
    mark();
  }

  function mark() {
    cells.forEach((line, row) => line.forEach((td, column) => {
      const on = chosen?.[0] === row && chosen[1] === column;
      td.classList.toggle("chosen", on);
      if (data.selectable) td.setAttribute("aria-pressed", on);
    }));
  }

  function choose(row, column) {
    const off = chosen?.[0] === row && chosen[1] === column;
    chosen = off ? null : [row, column];
    turn += 1;
    mark();
    send(off ? { row: null, column: null, turn } : { row, column, turn });
  }

  const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  table.addEventListener("keydown", (event) => {
    if (!data.selectable) return;
    const row = cells.findIndex((line) => line.includes(root.activeElement));
    if (row < 0) return;
    const column = cells[row].indexOf(root.activeElement);
    if (event.key === "Enter" || event.key === " ") choose(row, column);
    else if (event.key in moves) {
      const [down, right] = moves[event.key];
      const next = cells[row + down]?.[column + right];
      if (!next) return;
      root.activeElement.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    } else return;
    event.preventDefault();
  });

  function update(next, emit) {
    data = next;
    send = emit;
    write(part("label"), data.label);
    write(part("text"), data.text);
    table.setAttribute("aria-label", data.alt);
    const layout = JSON.stringify([data.rows, data.columns, data.rowName, data.selectable]);
    if (layout !== shown) build();
    shown = layout;
    fill();
    host.matrix = data;
    host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
  }

  return { update };
}
