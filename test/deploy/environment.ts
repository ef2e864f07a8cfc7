import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { root } from '../../scripts/packages.mjs';
import { loadConfig, type ServerConfig } from '../../src/config/server-config.js';

/** The documents of a YAML file in deploy/, as plain values. */
export function documentsOf(name: string): readonly unknown[] {
  const text = readFileSync(join(root, 'deploy', name), 'utf8');
  return parseAllDocuments(text).map((document) => {
    assert.deepEqual(document.errors, [], name);
    return document.toJS();
  });
}

/** What a member makes of these variables of its environment. It accepts all of them. */
export function configFrom(environment: Readonly<Record<string, string>>): ServerConfig {
  const readFile = (path: string) => assert.fail(`it reads ${path}`);
  const { config, warnings } = loadConfig({ flags: new Map(), environment, readFile });
  assert.deepEqual(warnings, []);
  return config;
}
