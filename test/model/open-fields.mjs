// A loader: the private fields of the core become plain ones, `#log` is `$log`. The checker copies
// members and compares them whole, and the language lets nobody do that from outside. Nothing else
// of the source is changed.

/** @type {import('node:module').LoadHook} */
export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (!url.includes('/src/raft/')) return loaded;
  return { ...loaded, source: String(loaded.source).replaceAll(/#(?=[a-zA-Z])/g, ' $$') };
}
