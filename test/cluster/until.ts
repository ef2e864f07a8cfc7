/** Asking costs those who are asked, too: what does not come true soon is asked for less often. */
const pauseMsMax = 25;

/** Waits for what other processes and sockets do, and fails when it does not come true. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  limitMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  let pauseMs = 5;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`it never came true that ${what}`);
    await new Promise((later) => setTimeout(later, pauseMs));
    pauseMs = Math.min(pauseMs + 1, pauseMsMax);
  }
}
