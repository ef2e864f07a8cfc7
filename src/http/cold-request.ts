/** What the pages that are only read want to know of a request. */
export interface ColdRequest {
  readonly query: URLSearchParams;
}
