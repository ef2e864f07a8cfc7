import { useState } from 'preact/hooks';
import { assertNever } from '../../assert.js';
import { bytesText } from '../format/quantity.js';
import { ValueBox } from './value-box.js';
import { bestForm, byteLength, formattedJson, hexDump, type ValueForm } from './value-text.js';

const forms: readonly (readonly [ValueForm, string])[] = [
  ['text', 'Text'],
  ['json', 'JSON'],
  ['hex', 'Hex'],
];

export function ValueView({ value }: { readonly value: string }) {
  const [chosen, setChosen] = useState<ValueForm | undefined>(undefined);
  const json = formattedJson(value);
  const form = chosen === 'json' && json === undefined ? 'text' : (chosen ?? bestForm(value));
  return (
    <section aria-label="Value">
      <div class="value-head">
        <h3>Value</h3>
        <span class="section-note">{bytesText(byteLength(value))}</span>
        <div class="segments">
          {forms.map(([name, title]) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === form}
              disabled={name === 'json' && json === undefined}
              onClick={() => setChosen(name)}
            >
              {title}
            </button>
          ))}
        </div>
      </div>
      {value === '' ? (
        <p class="state-note">The value is empty.</p>
      ) : (
        <ValueBox label="Value" text={shown(value, form, json)} />
      )}
    </section>
  );
}

function shown(value: string, form: ValueForm, json: string | undefined): string {
  switch (form) {
    case 'text':
      return value;
    case 'json':
      return json ?? value;
    case 'hex':
      return hexDump(value);
    default:
      return assertNever(form);
  }
}
