#!/usr/bin/env node
import { descriptorLimit, loadRefusal } from './descriptors/descriptor-limit.js';

const refusal = loadRefusal(descriptorLimit());
if (refusal === undefined) {
  const { runCommandLine } = await import('./cli/program.js');
  await runCommandLine(process.argv.slice(2), async (config, logger) => {
    // The other commands start sooner without it.
    const { runServer } = await import('./server.js');
    return await runServer(config, logger);
  });
} else {
  process.stderr.write(`conclave: cannot start: ${refusal}\n`);
  process.exitCode = 1;
}
