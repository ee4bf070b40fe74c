// Lines of a sum with bars to either side of zero: plain elements, for they follow a moving hand.

export default function (args) {
  return living(args, createTally);
}

function createTally(root) {
  const { host } = root;
  const place = root.querySelector('[data-part="tally"]');
  const lines = [];

  function grow() {
    const line = document.createElement("div");
    line.setAttribute("role", "listitem");
    line.innerHTML = `<span><span class="name"></span> <small></small></span>
      <span class="track"><span></span></span><span class="value"></span>`;
    place.append(line);
    lines.push(line);
  }

  function update({ items, alt }) {
    place.setAttribute("aria-label", alt);
    while (lines.length < items.length) grow();
    while (lines.length > items.length) lines.pop().remove();
    const values = items.map((item) => item[2]);
    const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
    const share = (value) => (100 * (value - low)) / (high - low || 1);
    items.forEach(([name, note, value, text, total], i) => {
      const line = lines[i];
      line.className = total ? "item total" : "item";
      write(line.querySelector(".name"), name);
      write(line.querySelector("small"), note);
      write(line.querySelector(".value"), text);
      const track = line.querySelector(".track");
      track.style.setProperty("--zero", `${share(0)}%`);
      const bar = track.firstElementChild;
      bar.style.left = `${share(Math.min(0, value))}%`;
      bar.style.width = `${Math.abs(share(value) - share(0))}%`;
      bar.style.background = value < 0 ? AGAINST : FOR;
    });
    host.tally = items;
    host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
  }

  return { update };
}
