/**
 * For this share of its TTL a place is certain to hold, counted from a moment before its TTL began. The
 * rest is for the answer, which has to travel, and for clocks that do not run alike.
 */
export const trustFor = 0.9;

/** A place that a member holds for a connection is renewed when this share of its TTL has passed. */
export const renewAfter = 1 / 3;

/** A renewal that was not taken is tried again after this share. */
export const retryAfter = 0.1;
