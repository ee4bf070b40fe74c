// Puts the code of all components on the page's shelf, where each one's loader.js finds it.
// PALETTES and the calls of `add` come from __init__.py.

const shelf = (globalThis.cnnExplorer ??= { code: new Map(), waiting: new Map() });

/** Shelves one component: `build` makes its function, `css` is its style sheet. */
function add(version, css, build) {
  if (shelf.code.has(version)) return;
  const entry = build();
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`:host { visibility: visible; }\n${css}`);
  shelf.code.set(version, (args) => {
    const { parentElement: root } = args;
    if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
    return entry(args);
  });
}

export default function ({ parentElement }) {
  // Nothing is to be seen here, so it takes no place among the page's elements.
  parentElement.host.closest('[data-testid="stElementContainer"]').style.display = "none";
  const waiting = [...shelf.waiting.values()];
  shelf.waiting.clear();
  waiting.forEach((run) => run());
}
