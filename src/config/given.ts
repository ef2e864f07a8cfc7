/** One value before it is checked. */
export interface Given {
  readonly text: string;
  /** As the user gave it: `--name`, `CONCLAVE_NAME`, `name in conclave.yml`. */
  readonly source: string;
}
