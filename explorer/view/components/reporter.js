// How a component streams its state to Python while a hand moves: cumulative, and at Python's pace.

const PATIENCE = { first: 1500, last: 12_000 }; // ms without an echo until the state is sent again

/** Sends states one at a time: the next leaves once Python has echoed the last one's number. */
function createReporter(snapshot, host) {
  let send = () => {};
  let seq = 0;
  let echoed = 0;
  let changed = false;
  let patience = PATIENCE.first;
  let timer = 0;

  function transmit() {
    changed = false;
    seq += 1;
    host.dataset.seq = seq;
    send({ seq, ...snapshot() });
    timer = setTimeout(retry, patience);
  }

  // A lost message must not silence the pad, and a busy server must not be flooded.
  function retry() {
    patience = Math.min(2 * patience, PATIENCE.last);
    transmit();
  }

  return {
    report() {
      changed = true;
      if (echoed >= seq) transmit();
    },
    /** What changed since the last report need not be said any more. */
    forget() {
      changed = false;
    },
    /** After a remount the numbers go on above the last one that Python knows. */
    echo(value, emit) {
      send = emit;
      echoed = Math.max(echoed, value);
      host.dataset.echo = echoed;
      if (echoed < seq) return;
      seq = echoed;
      host.dataset.seq = seq;
      clearTimeout(timer);
      patience = PATIENCE.first;
      if (changed) transmit();
    },
    stop: () => clearTimeout(timer),
  };
}
