/** Whole words of names, however they are joined: "db-password", "apiKey", "API_KEY". */
const secretName =
  /secret|passw(?:or)?d|passphrase|token|credential|private[-_. ]?key|api[-_. ]?key|access[-_. ]?key/i;

/**
 * Whether a name on the way to the key looks as if its value were not for everybody who looks over
 * a shoulder. It protects nothing: the API gives the value to whoever asks.
 */
export function looksSecret(key: string): boolean {
  return secretName.test(key);
}
