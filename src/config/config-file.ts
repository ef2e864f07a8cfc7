import { LineCounter, parseDocument } from 'yaml';
import { ConfigError } from './config-error.js';
import type { Given } from './given.js';
import { yamlFault } from './yaml-fault.js';

/** Reads a YAML file of `key: value` lines. */
export function readConfigFile(
  { text: path, source }: Given,
  readFile: (path: string) => string,
): ReadonlyMap<string, unknown> {
  if (path === '') throw new ConfigError(`${source} must name a file`);
  const content: unknown = parse(path, readText(path, source, readFile)) ?? {};
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new ConfigError(`${path} must consist of "key: value" lines`);
  }
  return new Map(Object.entries(content));
}

function parse(path: string, text: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fault = yamlFault(document, (offset) => lines.linePos(offset).line);
  if (fault !== undefined) throw new ConfigError(`${path}: ${fault}`);
  return document.toJS();
}

/** By the code of the failed system call. */
const faults: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'this process may not read it',
  EPERM: 'this process may not read it',
};

function readText(path: string, source: string, readFile: (path: string) => string): string {
  try {
    return readFile(path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const fault = faults[String(error.code)] ?? error.message;
    throw new ConfigError(`${source} ${path} cannot be read: ${fault}`, { cause: error });
  }
}
