import { LineCounter, parseDocument } from 'yaml';
import { fileFault } from '../file-fault.js';
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

function readText(path: string, source: string, readFile: (path: string) => string): string {
  try {
    return readFile(path);
  } catch (error) {
    const fault = fileFault(error);
    if (fault === undefined) throw error;
    throw new ConfigError(`${source} ${path} cannot be read: ${fault}`, { cause: error });
  }
}
