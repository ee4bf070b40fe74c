// What stands around the picture: its colours, the legends below it, the layers as a list, and the
// banner of an edited network.

function inkOf(host) {
  const dark = isDark(host);
  return {
    dark,
    font: themeColor(host, "font") || "sans-serif",
    text: themeColor(host, "text-color"),
    primary: themeColor(host, "primary-color"),
    quiet: dark ? "rgb(230 233 239 / 0.72)" : "rgb(28 35 48 / 0.72)",
    border: dark ? "rgb(255 255 255 / 0.2)" : "rgb(0 0 0 / 0.2)",
    track: dark ? "rgb(255 255 255 / 0.12)" : "rgb(0 0 0 / 0.09)",
    halo: dark ? "#000" : "#fff",
    peak: SECOND,
  };
}

const OTHERS = { false: "original", true: "edited" };

function legendsOf(scene, dark) {
  const kinds = new Set(scene.stages.map(({ colours }) => colours));
  const bar = (kind, low, middle, high, what) => {
    const palette = paletteOf(kind, dark);
    const stops = Array.from({ length: 16 }, (_, i) => palette.css(17 * i)).join(", ");
    return `<span class="legend"><b>${what}</b>${low}<i style="background-image:linear-gradient(`
      + `90deg, ${stops})">${middle}</i>${high}</span>`;
  };
  const each = scene.scale === "map" ? "its map’s highest" : "its layer’s highest";
  const off = scene.stages.some((stage) => stage.off?.length);
  return [
    bar("activation", "0", "", each, "Activations"),
    kinds.has("signed") || scene.opened ? bar("signed", "lowest", "0", "highest", "With a sign") : "",
    bar("weight", "−", "0", "+", "Weights and edges"),
    `<span class="quiet">Wide edge: large weights, or, into a unit, a large weight × value.</span>`,
    scene.edits ? `<span class="legend"><svg viewBox="0 0 10 10"><path d="M0 0h10v10z"/></svg>`
      + `kernel edited${off ? "; crossed out: switched off" : ""}</span>`
      + `<span class="legend"><svg class="tick" viewBox="0 0 10 10"><path d="M4 0h2v10h-2z"/></svg>`
      + `probability of the ${OTHERS[scene.original]} network</span>` : "",
  ].join("");
}

/** The layers in words, for whoever does not see them. */
function describeStages(table, stages) {
  const lines = stages.map(({ name: title, kind, size, learnt, sentence }) =>
    [title, kind, size, learnt, sentence].filter(Boolean).join(", "));
  if (table.children.length === lines.length && table.firstChild.textContent === lines[0]
    && table.lastChild.textContent === lines.at(-1)) return;
  table.replaceChildren(...lines.map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  }));
}

/** The choice between an edited network and its original; `changed` is told which is wanted. */
function createBanner(part, on, changed) {
  const [banner, edits, edited, original, whose] = [
    ...["banner", "edits", "edited", "original", "whose"],
  ].map(part);
  let wanted = false; // the original, as the hand wants it
  let count = 0;

  function press() {
    for (const [button, own] of [[edited, false], [original, true]]) {
      button.setAttribute("aria-pressed", String(wanted === own));
    }
  }

  function want(next) {
    if (next === wanted) return;
    wanted = next;
    press();
    changed();
  }
  on(edited, "click", () => want(false));
  on(original, "click", () => want(true));

  return {
    get original() {
      return wanted;
    },
    /** `taken` is Python's word where it is to be taken over. */
    show(scene, taken) {
      if (taken || !scene.edits) wanted = scene.original;
      count = scene.edits;
      banner.hidden = !count;
      banner.dataset.original = scene.original;
      write(edits, `${count} edit${count === 1 ? "" : "s"}`);
      write(whose, scene.original
        ? "You see the network as it was, without your edits."
        : "Every map and number here is the edited network’s.");
      press();
    },
  };
}
