// Bars with their names and numbers: plain elements, because ten of them follow a moving hand and
// a charting library takes longer to lay them out than the network takes to compute them.

export default function (args) {
  return living(args, createChart);
}

function createChart(root) {
  const { host } = root;
  const chart = root.querySelector('[data-part="bars"]');
  const heading = root.querySelector('[data-part="heading"]');
  const rows = [];

  function grow() {
    const row = document.createElement("div");
    const [name, track, bar, text] = ["span", "span", "span", "span"].map((tag) =>
      document.createElement(tag),
    );
    [row.className, track.className, name.className, text.className] = [
      ...["row", "track", "name", "text"],
    ];
    track.append(bar);
    row.append(name, track, text);
    chart.append(row);
    rows.push({ row, name, bar, text });
  }

  function update({ heading: said, names, values, texts, colours, alt }) {
    write(heading, said);
    chart.setAttribute("aria-label", alt);
    while (rows.length < names.length) grow();
    while (rows.length > names.length) rows.pop().row.remove();
    rows.forEach(({ row, name, bar, text }, i) => {
      write(name, names[i]);
      write(text, texts[i]);
      bar.style.width = `${100 * values[i]}%`;
      bar.style.background = colours[i];
      row.classList.toggle("marked", i === values.indexOf(Math.max(...values)));
    });
    host.values = values;
    host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
  }

  return { update };
}
