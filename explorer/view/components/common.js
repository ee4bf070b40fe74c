// What every component shares: the theme it stands in and the palette's tables.
// PALETTES comes from palette.py, put in front of this file by __init__.py.

/** A theme variable of Streamlit, by its name without `--st-`. */
function themeColor(host, name) {
  return getComputedStyle(host).getPropertyValue(`--st-${name}`).trim();
}

const darkness = new Map();

/** Whether the page around the component is dark. */
function isDark(host) {
  const color = themeColor(host, "background-color") || "white";
  if (!darkness.has(color)) {
    // The browser reads whatever notation the theme is written in.
    const context = document.createElement("canvas").getContext("2d");
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
    darkness.set(color, 0.299 * red + 0.587 * green + 0.114 * blue < 128);
  }
  return darkness.get(color);
}

const tables = new Map();

/** A kind's table: words are 256 pixels for ImageData, css(i) is entry i as a CSS colour. */
function paletteOf(kind, dark) {
  const theme = dark ? "dark" : "light";
  const name = `${kind}-${theme}`;
  if (!tables.has(name)) {
    const bytes = Uint8Array.from(atob(PALETTES[kind][theme]), (char) => char.charCodeAt(0));
    const words = new Uint32Array(256);
    const pixels = new Uint8Array(words.buffer);
    for (let i = 0; i < 256; i += 1) {
      pixels.set([bytes[3 * i], bytes[3 * i + 1], bytes[3 * i + 2], 255], 4 * i);
    }
    const css = (i) => `rgb(${bytes[3 * i]} ${bytes[3 * i + 1]} ${bytes[3 * i + 2]})`;
    tables.set(name, { words, css });
  }
  return tables.get(name);
}

/** Sets a text, and leaves the page's layout alone where it is there already. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Calls back whenever the display's pixel density changes (zoom, another screen). */
function watchDensity(callback, signal) {
  const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
  const changed = () => {
    callback();
    watchDensity(callback, signal);
  };
  query.addEventListener("change", changed, { once: true, signal });
}

/** Makes the page's address say the words, "" takes one away; the history gets no new entry. */
function say(words) {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(words)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}

const alive = new WeakMap();

/**
 * What Streamlit calls at each change of a component's data: the component is made when it is new,
 * and told the data; what it emits becomes its state of this name.
 *
 * @param create makes it: {update(data, emit)}, with a destroy() where it has an end.
 * @param read the data as the component takes them.
 */
function living({ data, parentElement, setStateValue }, create, { read, state = "report" } = {}) {
  if (!alive.has(parentElement)) alive.set(parentElement, create(parentElement));
  const component = alive.get(parentElement);
  component.update(read ? read(data) : data, (value) => setStateValue(state, value));
  return () => {
    alive.delete(parentElement);
    component.destroy?.();
  };
}
