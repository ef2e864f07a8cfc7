#!/usr/bin/env node
import { descriptorLimit, loadRefusal } from './descriptors/descriptor-limit.js';

const refusal = loadRefusal(descriptorLimit());
if (refusal === undefined) {
  const [{ runCommandLine }, { runServer }] = await Promise.all([
    import('./cli/program.js'),
    import('./server.js'),
  ]);
  await runCommandLine(process.argv.slice(2), runServer);
} else {
  process.stderr.write(`conclave: cannot start: ${refusal}\n`);
  process.exitCode = 1;
}
