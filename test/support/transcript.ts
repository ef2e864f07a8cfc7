import assert from 'node:assert/strict';
import { shell } from '../cluster/shell.js';
import { until } from '../cluster/until.js';

/** A command as a person types it, and what it prints, its errors included. */
export interface Step {
  readonly command: string;
  readonly output: string;
}

export interface Section {
  readonly title: string;
  readonly steps: readonly Step[];
}

/**
 * Lines that begin with `# ` are titles, those with `$ ` are commands; what follows a command is
 * what it prints. `…` stands for anything within a line; `(exit 4)` says that the command failed.
 */
export function parseTranscript(text: string): readonly Section[] {
  return text
    .split(/^# /m)
    .slice(1)
    .map((section) => {
      const [title = '', ...lines] = section.split('\n');
      return { title, steps: parseSteps(lines.join('\n')) };
    });
}

export function parseSteps(text: string): readonly Step[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const [command = '', ...output] = step.split('\n');
      return { command, output: output.join('\n').trimEnd() };
    });
}

/** Runs the steps of a transcript one after the other, as somebody at a terminal would. */
export class Console {
  readonly #translate: (text: string) => string;
  /** Commands started with `&` that were not waited for. */
  #background: Promise<string>[] = [];

  /** `translate` is given every command before it is run, and all that is to be printed. */
  constructor(translate: (text: string) => string) {
    this.#translate = translate;
  }

  /** `prelude` is shell text that goes before the command. */
  async run({ command, output }: Step, prelude: string): Promise<void> {
    const outputOf = (line: string) => this.#outputOf(line, prelude);
    const expected = this.#translate(output);
    if (command.endsWith(' &')) {
      assert.equal(output, '', `${command}: it prints nothing before "$ wait"`);
      this.#background.push(outputOf(command.slice(0, -2)));
    } else if (command === 'wait') {
      const outputs = await Promise.all(this.#background.splice(0));
      assertAsShown(command, outputs.join('\n').trimEnd(), expected);
    } else if (this.#background.length > 0 && isRead(command)) {
      await repeat(() => outputOf(command), command, expected);
    } else {
      assertAsShown(command, await outputOf(command), expected);
    }
  }

  async #outputOf(command: string, prelude: string): Promise<string> {
    const line = this.#translate(command);
    const { code, stdout } = await shell(`${prelude}\n{ ${line}\n} 2>&1`);
    const exit = code === 0 ? '' : `\n(exit ${code})`;
    return `${stdout.replaceAll('\r\n', '\n').trimEnd()}${exit}`.replace(/^\n(?=\(exit)/, '');
  }
}

/** A background request may still be under way; a read shows when it has arrived. */
async function repeat(
  outputOf: () => Promise<string>,
  command: string,
  expected: string,
): Promise<void> {
  let actual = '';
  const asShown = async () => {
    actual = await outputOf();
    return isAsShown(actual, expected);
  };
  await until(asShown, `${command} prints what is shown`).catch(() =>
    assertAsShown(command, actual, expected),
  );
}

/** curl's GET, which changes nothing however often it is sent. */
function isRead(command: string): boolean {
  return /^curl /.test(command) && !/ (-X|-d|--data\S*) /.test(command);
}

function isAsShown(actual: string, expected: string): boolean {
  const literal = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`^${expected.split('…').map(literal).join('.*')}$`).test(actual);
}

function assertAsShown(command: string, actual: string, expected: string): void {
  if (!isAsShown(actual, expected)) assert.equal(actual, expected, `$ ${command}`);
}
