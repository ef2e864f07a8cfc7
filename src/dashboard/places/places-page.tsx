export function PlacesPage({
  space,
  name,
}: {
  readonly space: 'lock' | 'leader';
  readonly name: string;
}) {
  return (
    <p>
      {space} {name}
    </p>
  );
}
