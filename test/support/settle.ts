/** Resolves when all that happens without a timer or a command has happened. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}
