import { type Document, isCollection, isScalar, visit, type YAMLParseError } from 'yaml';

/** By the parser's code: completes a sentence that begins with the number of the line. */
const sentences: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'has a value that begins with *, which must be in quotation marks',
  BAD_DQ_ESCAPE: 'has a backslash between quotation marks that means nothing: write it twice',
  BAD_INDENT: 'is indented unlike the lines to which it belongs',
  BAD_SCALAR_START: 'has a value that begins with a mark of YAML, and must be in quotation marks',
  BLOCK_AS_IMPLICIT_KEY: 'has a second colon: what follows the first must be in quotation marks',
  DUPLICATE_KEY: 'gives a key that an earlier line gives already',
  MULTILINE_IMPLICIT_KEY: 'is not of the form "key: value"',
  MULTIPLE_DOCS: 'begins a second document, where only one is read',
  TAB_AS_INDENT: 'is indented by a tab, where only blanks count',
};

/**
 * A whole sentence about the first fault of a file, and the line where a person would look for it.
 */
export function yamlFault(
  document: Document.Parsed,
  lineAt: (offset: number) => number,
): string | undefined {
  const [error, second] = document.errors;
  if (error === undefined) return unresolvedAlias(document, lineAt);
  const opening = openedAndNotClosed(document, error);
  if (opening !== undefined) {
    return `line ${lineAt(opening.offset)} opens ${opening.what} that nothing closes`;
  }
  // A value that goes on in a line which is indented deeper, and has a colon itself.
  if (error.code === 'BLOCK_AS_IMPLICIT_KEY' && second?.code === 'MULTILINE_IMPLICIT_KEY') {
    const [start, last] = [lineAt(second.pos[0]), lineAt(second.pos[1] - 1)];
    if (start < last) return `line ${last} is indented deeper than the line that it follows`;
  }
  const sentence = sentences[error.code] ?? `is not YAML (${error.message})`;
  return `line ${lineAt(error.pos[0])} ${sentence}`;
}

/** The parser notices an unclosed quotation or bracket at the end of it, where nothing is wrong. */
function openedAndNotClosed(
  document: Document.Parsed,
  { code, message, pos }: YAMLParseError,
): { readonly what: string; readonly offset: number } | undefined {
  const quotation = code === 'MISSING_CHAR' && /^Missing closing/.test(message);
  const bracket = code === 'BAD_INDENT' && /^Flow /.test(message);
  if (!quotation && !bracket) return undefined;
  let offset: number | undefined;
  visit(document, {
    Node: (_, node) => {
      const opens = quotation
        ? isScalar(node) && /^QUOTE_/.test(node.type ?? '')
        : isCollection(node) && node.flow === true;
      const start = node.range?.[0];
      if (opens && start !== undefined && start < pos[0]) offset = start;
    },
  });
  if (offset === undefined) return undefined;
  return { what: quotation ? 'a quotation' : 'a bracket', offset };
}

/** The parser reports it only when the value is used, and then without a line. */
function unresolvedAlias(
  document: Document.Parsed,
  lineAt: (offset: number) => number,
): string | undefined {
  let fault: string | undefined;
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return undefined;
      fault = `line ${lineAt(alias.range?.[0] ?? 0)} ${sentences['BAD_ALIAS']}`;
      return visit.BREAK;
    },
  });
  return fault;
}
