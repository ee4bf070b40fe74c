// All that a component sends with each update: it calls the code that install.js put on the shelf.
// VERSION names that code; __init__.py fills it in.

const shelf = (globalThis.cnnExplorer ??= { code: new Map(), waiting: new Map() });

export default function (args) {
  const { parentElement } = args;
  const run = shelf.code.get(VERSION);
  let end;
  if (run) {
    end = run(args);
  } else {
    // Shown before its code has come: the latest data is drawn when it does.
    end = () => shelf.waiting.delete(parentElement);
    shelf.waiting.set(parentElement, () => {
      end = shelf.code.get(VERSION)(args);
    });
  }
  // An update that is overtaken by the next is cleaned up after as if the component had gone; what
  // is still in the page lives on.
  return () => {
    if (!parentElement.isConnected) end?.();
  };
}
