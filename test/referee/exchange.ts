/** One request to the keys API, as it goes over the wire. */
export interface Question {
  readonly method: string;
  /** Path and query, raw. A unit above 0x7f stands for that byte. */
  readonly target: string;
  readonly body?: string;
  /** Of the body; a form when it is left out, and no header at all when it is empty. */
  readonly contentType?: string;
}

export interface Answer {
  readonly status: number;
  /** Names as the server spells them. */
  readonly headers: readonly Header[];
  readonly body: string;
  /** The answer had begun but did not end: what came until then. */
  readonly open: boolean;
}

export type Header = readonly [name: string, value: string];

export interface Exchange {
  readonly question: Question;
  readonly answer: Answer;
}

export const formType = 'application/x-www-form-urlencoded';

export function ask(method: string, target: string, body?: string): Question {
  return body === undefined ? { method, target } : { method, target, body };
}

export function describe({ method, target, body, contentType }: Question): string {
  const type = contentType === undefined ? '' : ` (${contentType})`;
  return `${method} ${target}${body === undefined ? '' : ` ${body}${type}`}`;
}
