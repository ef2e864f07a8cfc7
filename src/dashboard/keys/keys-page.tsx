export function KeysPage({ folder }: { readonly folder: string }) {
  return <p>{folder}</p>;
}
