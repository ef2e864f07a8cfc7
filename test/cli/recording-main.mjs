/** @typedef {import('../../src/config/server-config.js').ServerConfig} ServerConfig */

/** As built: to compile the sources for each of some fifty runs takes a minute. */
const program = new URL('../../dist/cli/program.js', import.meta.url);
/** @type {typeof import('../../src/cli/program.js')} */
const { runCommandLine } = await import(program.href);

/** The command line with a server that only tells what it was told, until it is closed. */
await runCommandLine(process.argv.slice(2), async (/** @type {ServerConfig} */ config) => {
  if (config.name === 'busy') {
    const busy = { code: 'EADDRINUSE', address: '127.0.0.1', port: 4001 };
    throw Object.assign(new Error('listen EADDRINUSE'), busy);
  }
  if (config.name === 'faulty') setImmediate(() => Promise.reject(new Error('broken')));
  const running = setInterval(() => undefined, 1000);
  process.stdout.write(`${JSON.stringify({ config })}\n`);
  const failure = new Error('the disk is full');
  return {
    removed: new Promise(() => undefined),
    failed: config.name === 'failed' ? Promise.resolve(failure) : new Promise(() => undefined),
    reload: () => process.stdout.write('reloaded\n'),
    close: async () => {
      if (config.name === 'stuck') await new Promise(() => undefined);
      clearInterval(running);
      process.stdout.write('closed\n');
    },
  };
});
