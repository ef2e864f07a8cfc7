/** A row of a table of parameters, in Markdown. */
export interface ParameterRow {
  /** The parameters, each between backquotes, with the value that is meant. */
  readonly form: string;
  readonly text: string;
}

/** A table as docs/api.md has it: the heads of its columns, and its rows. */
export interface ParameterTable {
  readonly heads: readonly [string, string];
  readonly rows: readonly ParameterRow[];
}

const fences = '`lock`, `lockIndex`, `leader`, `leaderIndex`';
const aboutFences = 'see [Fencing](modules.md#fencing)';
const aboutConditions = 'see [Conditions](#conditions)';

function row(form: string, text: string): ParameterRow {
  return { form, text };
}

const ofRead: ParameterTable = {
  heads: ['parameter of `GET` and `HEAD`', ''],
  rows: [
    row('`recursive=true`', 'everything below a directory, not only its children'),
    row('`sorted=true`', 'children in the order of their names'),
    row('`hidden=true`', 'with the hidden keys (etcd has no such parameter)'),
    row(
      '`quorum=false`',
      "this member's own state, which may be stale; works without a majority, too",
    ),
    row(
      '`quorum=true`',
      'linearizable: the default, unless `--v2-default-read local` was set; together with ' +
        '`wait=true` the request does not wait, as in etcd',
    ),
    row('`wait=true`, `waitIndex`, `stream=true`', 'see [Watches](#watches)'),
  ],
};

const ofPut: ParameterTable = {
  heads: ['parameter of `PUT`', ''],
  rows: [
    row('`value`', 'any text; empty if missing'),
    row(
      '`ttl`',
      'seconds until the key expires; empty: never. Without it an earlier TTL is removed',
    ),
    row('`dir=true`', 'a directory, which has no value'),
    row('`prevExist`, `prevValue`, `prevIndex`', aboutConditions),
    row('`refresh=true`', 'renews the `ttl` and keeps the value; watchers are not notified'),
    row('`noValueOnSuccess=true`', 'the answer to a success has only its `action`'),
    row(fences, aboutFences),
  ],
};

const ofPost: ParameterTable = {
  heads: ['parameter of `POST`', ''],
  rows: [row(`\`value\`, \`ttl\`, \`dir\`, \`noValueOnSuccess\`, ${fences}`, 'as for `PUT`')],
};

const ofDelete: ParameterTable = {
  heads: ['parameter of `DELETE`', ''],
  rows: [
    row('`dir=true`', 'also an empty directory'),
    row('`recursive=true`', 'a directory with all that is in it'),
    row('`prevValue`, `prevIndex`', aboutConditions),
    row(fences, aboutFences),
  ],
};

const conditions: ParameterTable = {
  heads: ['parameter', 'holds when'],
  rows: [
    row(
      '`prevExist=false`, `prevExist=true`',
      'the key does not exist yet; it exists (`PUT` only)',
    ),
    row('`prevValue`', 'this is its value; may not be empty'),
    row('`prevIndex`', 'this is its `modifiedIndex`; 0 is no condition'),
  ],
};

const ofWatch: ParameterTable = {
  heads: ['parameter of `GET`', ''],
  rows: [
    row('`wait=true`', 'answers with the next change of the key'),
    row('`waitIndex`', '… the first change at or after this index, which may be long past'),
    row('`recursive=true`', '… of the key or of anything below it'),
    row(
      '`stream=true`',
      'continues with every further change, one per line, until the client disconnects, or ' +
        'closes its sending side',
    ),
  ],
};

/** Of `/v2/keys`. */
export const keyTables = { ofRead, ofPut, ofPost, ofDelete, conditions, ofWatch } as const;

/** Of locks and elections: docs/modules.md. */
export const moduleTable: ParameterTable = {
  heads: ['parameter', 'meaning'],
  rows: [
    row('`ttl`', 'seconds for which the place outlives its client'),
    row('`value`', 'names a place of a lock: clients with the same value share it'),
    row('`name`', 'names a place of an election: the candidate'),
    row('`index`', 'names a place by the index that it got when it entered the queue'),
    row('`timeout`', 'seconds to wait, 0 for one try; without it, as long as it takes'),
    row('`keep=true`', 'the place stays for its `ttl` when the request ends without the lock'),
    row('`hold=connection`', 'the place is held until the answer is closed'),
    row('`mode=shared`', 'holds together with the shared places next to it'),
    row('`limit`', 'so many places at the front hold together'),
    row('`progress`', 'the answer begins at once, and has a blank line every so many seconds'),
    row('`force=true`', 'somebody else than the owner releases'),
    row('`field=index`', 'shows the index of the holder, and not its value'),
    row('`deny=403`', 'with `index`: 403, and not 404, when that place does not hold'),
    row('`quorum=false`', "this member's own state, which may be stale"),
    row('`wait=true`', 'answers after a change'),
    row('`waitIndex`', '… at or after this index, which may be past'),
    row('`prefix`', 'lists only names that begin so'),
    row('`after`', 'lists only names after this one'),
    row('`max`', 'lists so many names at most'),
  ],
};

/** The names of the parameters in a row. */
export function namesIn({ form }: ParameterRow): readonly string[] {
  return [...form.matchAll(/`(\w+)(?:=[^`]*)?`/g)].map(([, name = '']) => name);
}

/** As a page shows it. */
export function markdownOf({ heads, rows }: ParameterTable): string {
  const lines = rows.map(({ form, text }) => `| ${form} | ${text} |`);
  const [first, second] = heads;
  return [`| ${first} | ${second === '' ? '' : `${second} `}|`, '| --- | --- |', ...lines].join(
    '\n',
  );
}
