/** Who asks. It is in the memory of this page alone, and gone when the page is. */
let authorization: string | undefined;

export function logIn(user: string, password: string): void {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  authorization = `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

export function logOut(): void {
  authorization = undefined;
}

/** What each request has: who asks, and a header that no page of another origin can send. */
export function ownHeaders(): Readonly<Record<string, string>> {
  const own = { 'X-Conclave-Request': 'dashboard' };
  return authorization === undefined ? own : { ...own, Authorization: authorization };
}
