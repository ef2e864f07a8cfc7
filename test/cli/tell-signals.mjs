// Preloaded into a command (node --import) that has a channel to its test: it tells of each signal
// that has arrived, of which nothing else may be seen for long.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGUSR2'])) {
  process.on(signal, function tell() {
    process.send?.(signal);
    // Without another listener it ends the process, as it would without this one.
    if (process.listenerCount(signal) > 1) return;
    process.off(signal, tell);
    process.kill(process.pid, signal);
  });
}
