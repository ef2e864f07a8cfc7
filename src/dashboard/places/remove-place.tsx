import { removePlace, type Space } from '../api/places.js';
import { Confirmation } from '../components/confirmation.js';
import { whoText, wordsOf } from './words.js';

export interface PlaceToRemove {
  readonly index: number;
  readonly value: string;
  readonly holds: boolean;
}

interface RemovePlaceProps {
  readonly space: Space;
  readonly name: string;
  readonly place: PlaceToRemove;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Says whose place it is: whoever loses one by mistake may do harm before they notice. */
export function RemovePlace({ space, name, place, onDone, onClose }: RemovePlaceProps) {
  const words = wordsOf[space];
  const action = place.holds ? words.release : 'Remove';
  return (
    <Confirmation
      title={`${action} ${whoText(place.value)}?`}
      label={`${action} ${whoText(place.value)}`}
      perform={async () => {
        await removePlace(space, name, place);
        onDone();
      }}
      onClose={onClose}
    >
      <p>
        The place of <strong class="mono">{whoText(place.value)}</strong>, token {place.index}, at
        the {words.one} <code>{name}</code> will be taken away.
      </p>
      <p>
        {place.holds
          ? 'It is not told: it goes on as if it held until it asks, while the next in the queue holds already. Only the token protects what both of them write.'
          : 'Its request is answered with an error.'}
      </p>
    </Confirmation>
  );
}
