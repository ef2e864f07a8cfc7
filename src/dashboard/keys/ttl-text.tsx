import { durationText } from '../format/quantity.js';
import { useNow } from '../live/use-now.js';

interface TtlTextProps {
  readonly expiresAt: number;
  /** Where nothing else says what the time is. */
  readonly isAlone: boolean;
}

/** The remaining TTL, counting down. */
export function TtlText({ expiresAt, isAlone }: TtlTextProps) {
  const leftMs = expiresAt - useNow(1000);
  return (
    <span class="ttl">
      {isAlone && <span aria-hidden="true">TTL </span>}
      {leftMs > 0 ? durationText(Math.ceil(leftMs / 1000) * 1000) : 'now'}
      {isAlone && <span class="visually-hidden"> until it expires</span>}
    </span>
  );
}
