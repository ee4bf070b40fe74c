// All that a component sends with each update: it calls the code that install.js put on the shelf.
// VERSION names that code; __init__.py fills it in.

const shelf = (globalThis.cnnExplorer ??= { code: new Map(), waiting: new Map() });

export default function (args) {
  const run = shelf.code.get(VERSION);
  if (run) return run(args);
  // Shown before its code has come: the latest data is drawn when it does.
  let end = () => shelf.waiting.delete(args.parentElement);
  shelf.waiting.set(args.parentElement, () => {
    end = shelf.code.get(VERSION)(args);
  });
  return () => end();
}
