import { type TextResponse, textResponse } from '../server/api-response.js';

/** What a member tells Prometheus. */
export interface MetricsPage {
  readonly contentType: string;
  render(): Promise<string>;
}

export async function showMetrics(metrics: MetricsPage): Promise<TextResponse> {
  return textResponse(200, metrics.contentType, await metrics.render(), {});
}
