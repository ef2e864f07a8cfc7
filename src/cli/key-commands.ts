import type { Command } from 'commander';
import type { Change, KeyNode, Resync } from '../client/index.js';
import { answerWith, writeLine } from './answer-output.js';
import {
  addClusterOptions,
  type ClusterOptions,
  clientOf,
  waitingClientOf,
} from './cluster-options.js';
import { secondsOf, wholeNumberOf } from './durations.js';
import { exitCodes } from './exit-codes.js';
import { nameOf } from './given-name.js';

interface KeyFlags extends ClusterOptions {
  readonly json?: boolean;
  readonly recursive?: boolean;
}

const adviceFor: ReadonlyMap<number, string> = new Map([
  [100, 'there is no such key'],
  [102, 'it is a directory; conclave ls lists it, conclave rm --recursive removes it'],
  [104, 'a key with a value is in the way; a directory is needed there'],
  [107, 'the root can neither be written nor removed; name a key below it'],
]);

const codesHelp =
  'Exit code: 0; 1 refused, such as for a missing key; 69 no member could serve, or nobody knows\n' +
  'whether the change took effect; 2 usage.';

export function addKeyCommands(program: Command): void {
  addGet(program);
  addSet(program);
  addRemove(program);
  addList(program);
  addWatch(program);
}

function addOutput(command: Command, examples: readonly string[]): void {
  command.option('--json', 'print JSON, as the HTTP API has it');
  const lines = examples.map((example) => `  conclave ${example}`).join('\n');
  addClusterOptions(command).addHelpText('after', `\n${codesHelp}\n\nExamples:\n${lines}`);
}

function addGet(program: Command): void {
  const get = program
    .command('get')
    .description('print the value of a key')
    .argument('<key>', 'the key');
  addOutput(get, ['get /jobs/one', 'get /jobs/one --json']);
  get.action(async (key: string, flags: KeyFlags) => {
    const client = clientOf(flags);
    await answerWith(key, async () => {
      const node = await client.keys.get(nameOf(key));
      if (node === undefined) return refuse(key, 100);
      if (flags.json === true) return writeLine(JSON.stringify(node));
      return node.value === undefined ? refuse(key, 102) : writeLine(node.value);
    });
  });
}

function refuse(key: string, errorCode: number): void {
  process.stderr.write(`conclave: ${key}: ${adviceFor.get(errorCode)}\n`);
  process.exitCode = exitCodes.refused;
}

function addSet(program: Command): void {
  const set = program
    .command('set')
    .description('write a key, with the directories above it')
    .argument('<key>', 'the key')
    .argument('<value>', 'its value; after -- if it begins with a dash')
    .option('--ttl <seconds>', 'when it expires (default: never)');
  addOutput(set, ['set /jobs/one done', 'set /jobs/one done --ttl 1h', 'set /offset -- -5']);
  set.action(async (key: string, value: string, flags: KeyFlags & { readonly ttl?: string }) => {
    const ttl = flags.ttl === undefined ? {} : { ttl: secondsOf('--ttl', flags.ttl, 1) };
    const client = clientOf(flags);
    await answerWith(
      key,
      async () => {
        const event = await client.keys.set(nameOf(key), value, ttl);
        if (flags.json === true) await writeLine(JSON.stringify(event));
      },
      adviceFor,
    );
  });
}

function addRemove(program: Command): void {
  const remove = program
    .command('rm')
    .description('remove a key')
    .argument('<key>', 'the key')
    .option('--recursive', 'or a directory, with all that is in it');
  addOutput(remove, ['rm /jobs/one', 'rm /jobs --recursive']);
  remove.action(async (key: string, flags: KeyFlags) => {
    const client = clientOf(flags);
    const ask = async () => {
      const event = await client.keys.delete(nameOf(key), { recursive: flags.recursive === true });
      if (flags.json === true) await writeLine(JSON.stringify(event));
    };
    await answerWith(key, ask, adviceFor);
  });
}

function addList(program: Command): void {
  const list = program
    .command('ls')
    .description('list a directory; the names of directories end with a slash')
    .argument('[key]', 'the directory', '/')
    .option('--recursive', 'with all that is below it');
  addOutput(list, ['ls', 'ls /jobs --recursive']);
  list.action(async (key: string, flags: KeyFlags) => {
    const client = clientOf(flags);
    await answerWith(key, async () => {
      const node = await client.keys.get(nameOf(key), { recursive: flags.recursive === true });
      if (node === undefined) return refuse(key, 100);
      if (flags.json === true) return writeLine(JSON.stringify(node));
      for (const line of node.dir === true ? linesBelow(node) : [node.key]) await writeLine(line);
    });
  });
}

function* linesBelow({ nodes = [] }: KeyNode): Generator<string> {
  for (const node of nodes) {
    yield node.dir === true ? `${node.key}/` : node.key;
    yield* linesBelow(node);
  }
}

function addWatch(program: Command): void {
  const watch = program
    .command('watch')
    .description('print each change of a key, until it is interrupted')
    .argument('<key>', 'the key')
    .option('--recursive', 'and of everything below it')
    .option('--since <index>', 'from this index on, which may be past (default: from now on)');
  addOutput(watch, ['watch /jobs --recursive', 'watch /jobs/one --since 1 --json']);
  watch.action(async (key: string, flags: KeyFlags & { readonly since?: string }) => {
    const from = flags.since === undefined ? undefined : wholeNumberOf('--since', flags.since, 1);
    const client = waitingClientOf(flags);
    await answerWith(key, async () => {
      // A watch waits for members for ever; this one tells at the beginning when none is there.
      const { index } = await client.keys.read(nameOf(key));
      const options = { recursive: flags.recursive === true, since: from ?? index + 1 };
      for await (const change of client.keys.watch(nameOf(key), options)) await tell(change, flags);
    });
  });
}

async function tell(change: Change | Resync, { json }: KeyFlags): Promise<void> {
  if (json === true) return writeLine(JSON.stringify(change));
  if (change.type === 'change') {
    const { action, node } = change;
    return writeLine([action, node.key, node.value].filter((word) => word !== undefined).join(' '));
  }
  process.stderr.write(`conclave: changes up to index ${change.index} may be missing here\n`);
}
