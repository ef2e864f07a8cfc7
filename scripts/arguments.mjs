import { parseArgs } from 'node:util';
import { messageOf } from './error-message.mjs';

/**
 * Reads the arguments of a script. A mistake in them ends the process with code 2, after one line
 * that says what is wrong and what is allowed.
 * @template {import('node:util').ParseArgsConfig} Config
 * @param {Config} config
 */
export function readArguments(config) {
  try {
    return parseArgs(config);
  } catch (error) {
    // What follows the first sentence is for programmers.
    const [mistake] = messageOf(error).split(/\. |\n/);
    const allowed = Object.keys(config.options ?? {}).map((name) => `--${name}`);
    console.error(`${mistake}; allowed are ${allowed.join(', ')}`);
    return process.exit(2);
  }
}
