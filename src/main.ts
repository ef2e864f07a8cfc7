#!/usr/bin/env node
import { runCommandLine } from './cli/program.js';
import { runServer } from './server.js';

await runCommandLine(process.argv.slice(2), runServer);
