#!/usr/bin/env node
import { runCommandLine } from './cli/program.js';

await runCommandLine(process.argv.slice(2), async (config, logger) => {
  // The other commands start sooner without it.
  const { runServer } = await import('./server.js');
  return await runServer(config, logger);
});
