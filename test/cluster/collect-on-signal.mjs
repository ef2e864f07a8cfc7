// Preloaded into a member (node --expose-gc --import): at SIGUSR2 it collects all that is garbage,
// and prints how many bytes are left.
process.on('SIGUSR2', () => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  console.log(JSON.stringify({ heldBytes: heapUsed + external }));
});
