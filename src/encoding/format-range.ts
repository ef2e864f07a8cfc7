/** The format versions that a release reads. It writes the lowest that can hold what it writes. */
export interface FormatRange {
  readonly lowest: number;
  readonly highest: number;
}

/** Those of this release. Version 1 is frozen: DESIGN.md says how to go on from it. */
export const releaseFormats: FormatRange = { lowest: 1, highest: 2 };
