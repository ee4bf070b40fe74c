// Makes the page's address say what Python asks for, once for each time that it asks.

const turns = new WeakMap();

export default function ({ data, parentElement }) {
  // Nothing is to be seen here, so it takes no place among the page's elements.
  parentElement.host.closest('[data-testid="stElementContainer"]').style.display = "none";
  // Shown again for another reason, it would take back what a person did in between.
  if (turns.get(parentElement) === data.turn) return;
  turns.set(parentElement, data.turn);
  say(data.words);
}
