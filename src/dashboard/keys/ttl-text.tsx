import { durationText } from '../format/quantity.js';
import { useNow } from '../live/use-now.js';

/** The remaining TTL, counting down. */
export function TtlText({ expiresAt }: { readonly expiresAt: number }) {
  const leftMs = expiresAt - useNow(1000);
  return (
    <span class="ttl">
      <span aria-hidden="true">TTL </span>
      {leftMs > 0 ? durationText(Math.ceil(leftMs / 1000) * 1000) : 'expires now'}
      <span class="visually-hidden"> until it expires</span>
    </span>
  );
}
