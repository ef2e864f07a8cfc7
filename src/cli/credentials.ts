import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { commandVariables } from '../config/command-variables.js';
import { ConfigError } from '../config/config-error.js';
import { fileFault } from '../file-fault.js';

export interface CredentialOptions {
  readonly user?: string;
  readonly passwordFile?: string | undefined;
}

interface Credentials {
  readonly user: string | undefined;
  readonly password: string | undefined;
}

export const userVariable = commandVariables.user;

/**
 * Who asks. The password stands in a file, behind the name, or is asked for: what stands on the
 * command line everybody on the machine can see.
 */
export function credentialsOf(
  { user, passwordFile }: CredentialOptions,
  prefix: '--' | '--from-' = '--',
): Credentials {
  const given = user ?? process.env[userVariable];
  if (given === undefined || given === '') {
    if (passwordFile !== undefined) {
      throw new ConfigError(`${prefix}password-file needs ${prefix}user`);
    }
    return { user: undefined, password: undefined };
  }
  const colon = given.indexOf(':');
  if (colon < 0) {
    return { user: given, password: passwordFile ? inFile(passwordFile, prefix) : askedOf(given) };
  }
  if (passwordFile === undefined) {
    return { user: given.slice(0, colon), password: given.slice(colon + 1) };
  }
  throw new ConfigError(
    `the password is given twice: by ${prefix}user, and by ${prefix}password-file`,
  );
}

/** A line break at the end is the editor's. */
function inFile(path: string, prefix: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    const fault = fileFault(error);
    if (fault === undefined) throw error;
    throw new ConfigError(`${prefix}password-file ${path} cannot be read: ${fault}`);
  }
}

/** Asks on the terminal, which does not show what is typed. */
function askedOf(user: string): string {
  let terminal: number;
  try {
    terminal = openSync('/dev/tty', 'r+');
  } catch {
    throw new ConfigError(
      `the password of ${user} is missing: give --password-file, or set ${userVariable}=${user}:PASSWORD`,
    );
  }
  const echo = (mode: string) =>
    spawnSync('stty', [mode], { stdio: [terminal, 'ignore', 'ignore'] });
  writeSync(terminal, `Password of ${user}: `);
  echo('-echo');
  try {
    return lineFrom(terminal);
  } finally {
    echo('echo');
    writeSync(terminal, '\n');
    closeSync(terminal);
  }
}

function lineFrom(terminal: number): string {
  const bytes = Buffer.alloc(4096);
  const length = readSync(terminal, bytes);
  return bytes.toString('utf8', 0, length).replace(/\r?\n$/, '');
}
