// A bar that asks for the next piece of work each time it is told how far the work is.

export default function (args) {
  return living(args, createBar);
}

function createBar(root) {
  const { host } = root;
  const track = root.querySelector('[data-part="track"]');
  let token = 0;
  const reporter = createReporter(() => ({ reset: token }), host);
  return {
    update({ share, text, reset, echo }, emit) {
      token = reset;
      write(root.querySelector('[data-part="text"]'), text);
      track.firstElementChild.style.width = `${100 * share}%`;
      track.setAttribute("aria-label", text);
      track.setAttribute("aria-valuenow", Math.round(100 * share));
      host.dataset.painted = Number(host.dataset.painted ?? 0) + 1;
      reporter.echo(echo, emit);
      reporter.report();
    },
    destroy: () => reporter.stop(),
  };
}
